//! The queue itself: what its parts share, and the one way in which they change a job.

use std::sync::Arc;

use api::ids::{JobId, WorkerId};
use api::jobs::{Attempt, Follower, FollowerState, JobKind, JobState};
use api::time::Time;
use serde_json::json;

use super::changes::Changes;
use super::error::Result;
use super::state::{Event, Next, Policy, Refused, Standing, next};
use crate::clock::{Clock, Ids};
use crate::store::{JobRecord, Store, Tx};

/// The queue. Share it in an `Arc`.
#[derive(Debug)]
pub struct Queue {
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn Ids>,
    pub(super) policy: Policy,
    pub(super) changes: Arc<Changes>,
}

impl Queue {
    /// A queue on a store.
    pub fn new(store: Store, clock: Arc<dyn Clock>, ids: Arc<dyn Ids>, policy: Policy) -> Self {
        Self {
            store,
            clock,
            ids,
            policy,
            changes: Arc::new(Changes::new()),
        }
    }

    /// The same queue for another runtime, with connections of its own; who listens is told by both.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn apart(&self) -> Result<Self> {
        Ok(Self {
            store: self.store.apart().await?,
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
            policy: self.policy.clone(),
            changes: Arc::clone(&self.changes),
        })
    }

    /// Closes its connections.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// Notes that a worker process is there, and which kinds it does.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn worker_seen(&self, id: WorkerId, kinds: &[JobKind]) -> Result<()> {
        let now = self.now().await?;
        Ok(self.store.worker_seen(now, id, kinds).await?)
    }

    /// Notes that a worker process ends.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn worker_gone(&self, id: WorkerId) -> Result<()> {
        let now = self.now().await?;
        Ok(self.store.workers_gone(Some(id), now).await?)
    }

    /// Its numbers.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The time that all processes of the queue agree on.
    pub(super) async fn now(&self) -> Result<Time> {
        Ok(self.store.now(&*self.clock).await?)
    }

    /// A change, and the time of all that is written in it.
    pub(super) async fn begin(&self) -> Result<(Tx, Time)> {
        Ok(self.store.begin_now(&*self.clock).await?)
    }

    /// What the event makes of the job; nothing is written yet.
    pub(super) fn decide(
        &self,
        record: &JobRecord,
        attempt: Option<&Attempt>,
        event: Event,
        now: Time,
    ) -> std::result::Result<Next, Refused> {
        let job = &record.job;
        let standing = Standing {
            kind: job.kind,
            state: job.state,
            cancel_requested: job.cancel_requested,
            failures: record.failures,
            losses: record.losses,
            spent_ms: record.spent_ms.saturating_add(ran_ms(attempt, now)),
        };
        next(&standing, event, &self.policy, now, spread(job.id))
    }

    /// Writes what was decided: the attempt that ends, the event, the job.
    pub(super) async fn apply(
        &self,
        tx: &mut Tx,
        now: Time,
        record: &mut JobRecord,
        attempt: Option<&Attempt>,
        decided: Next,
    ) -> Result<()> {
        if let (Some(attempt), Some(state)) = (attempt, decided.attempt) {
            tx.end_attempt(now, attempt, state, decided.attempt_error.as_ref())
                .await?;
            record.spent_ms = record.spent_ms.saturating_add(ran_ms(Some(attempt), now));
        }
        let job = &mut record.job;
        let ended = decided.attempt.is_some();
        if job.state != decided.state || ended {
            job.phase = None;
        }
        job.state = decided.state;
        job.error = decided.error;
        job.cancel_requested = decided.cancel_requested;
        record.failures = decided.failures;
        record.losses = decided.losses;
        if let Some(run_after) = decided.run_after {
            record.run_after = run_after;
            record.queued_at = now;
            job.progress = 0.0;
        }
        if decided.state.is_final() {
            job.finished_at = Some(now);
        }
        if decided.state == JobState::Succeeded {
            job.progress = 1.0;
        } else if decided.state.is_final() {
            drop_followers(&mut job.then);
        }
        let kind = if job.state == JobState::Running && job.cancel_requested {
            "cancel_requested"
        } else {
            job.state.as_str()
        };
        let data = json!({
            "attempt": attempt.map(|attempt| attempt.fence),
            "attempt_state": decided.attempt,
            "error": job.error.as_ref().or(decided.attempt_error.as_ref()),
            "run_after": decided.run_after,
        });
        tx.append_event(now, record, kind, &data).await?;
        tx.save_job(record).await?;
        Ok(())
    }

    /// Tells this process what a committed change may concern.
    pub(super) fn tell(&self, record: &JobRecord) {
        // A job that ends makes room for another where a project's jobs are limited.
        let room = self.policy.running_per_project > 0 && record.job.state.is_final();
        let work = room || record.job.state == JobState::Queued;
        self.changes.tell(record.job.id, work);
    }
}

/// How long the attempt has run.
fn ran_ms(attempt: Option<&Attempt>, now: Time) -> u64 {
    attempt.map_or(0, |attempt| {
        u64::try_from(now.unix_ms().saturating_sub(attempt.started_at.unix_ms())).unwrap_or(0)
    })
}

/// The job they would run on the result of has none: they never run.
fn drop_followers(followers: &mut [Follower]) {
    for follower in followers {
        follower.state = FollowerState::Dropped;
        drop_followers(&mut follower.then);
    }
}

/// A number that differs from job to job: the random part of its id.
fn spread(id: JobId) -> u64 {
    let (_, low) = id.0.as_u64_pair();
    low ^ (low >> 29)
}
