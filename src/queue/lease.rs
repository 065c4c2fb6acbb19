//! What a worker does with one job: claim it, keep the lease alive, end the attempt.
//!
//! Every write names job, attempt and fencing number and happens under the job's lock; a stale one is noted among the job's
//! events and refused.

use api::ids::{AttemptId, Fence, JobId, MeasurementId, RevisionId, WorkerId};
use api::jobs::{
    Attempt, AttemptState, CompressResult, FollowerState, JobError, JobKind, JobResult, JobState,
    LogLine, Phase,
};
use api::measurements::NewMeasurement;
use api::report::Report;
use api::time::Time;
use serde_json::json;

use super::apply::Queue;
use super::error::Result;
use super::state::{Event, Refused};
use crate::store::{Inserted, JobRecord, NewJobRecord, NewRevision, Reach, Tx};
use crate::telemetry;

/// Events of refused writes are kept up to this number of events of a job: evidence, not a way to fill the disk.
const EVIDENCE_LIMIT: u64 = 1_000;

/// The right to work on a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job_id: JobId,
    /// The attempt.
    pub attempt_id: AttemptId,
    /// Its fencing number.
    pub fence: Fence,
    /// Who holds it.
    pub worker_id: WorkerId,
}

/// A job that was claimed.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    /// The right to work on it.
    pub lease: Lease,
    /// The job.
    pub record: JobRecord,
    /// When the lease runs out unless renewed.
    pub lease_expires_at: Time,
    /// How long the attempt may run.
    pub run_timeout_ms: u32,
}

/// What a worker learns when it renews its lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beat {
    /// When the lease runs out now.
    pub lease_expires_at: Time,
    /// Whether somebody asked to stop the job: then end the attempt with [`Queue::release`].
    pub cancel_requested: bool,
}

/// What a worker has made. Its objects are stored already.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Of `compress`.
    Compress {
        /// The package made.
        revision: Box<NewRevision>,
        /// What was done to the weights.
        report: Box<Report>,
        /// What was measured on the package made. Values are finite.
        measurements: Vec<NewMeasurement>,
    },
}

/// What became of a completed attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Completed {
    /// The job succeeded with this revision, new or found.
    Succeeded(Box<Inserted>),
    /// Somebody had asked to stop the job: it is cancelled and nothing was kept.
    Cancelled,
}

impl Queue {
    /// Takes the job that is next in turn, if there is one of these kinds.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn claim(&self, worker_id: WorkerId, kinds: &[JobKind]) -> Result<Option<Claimed>> {
        if !self.store.has_claimable_job(&*self.clock, kinds).await? {
            return Ok(None);
        }
        let (mut tx, now) = self.begin().await?;
        let limit = self.policy.running_per_project;
        let Some(record) = tx.claim_job(now, kinds, limit).await? else {
            return Ok(None);
        };
        let attempt = Attempt {
            id: AttemptId(self.ids.uuid()),
            job_id: record.job.id,
            fence: Fence(record.job.attempts),
            worker_id,
            state: AttemptState::Leased,
            phase: None,
            progress: 0.0,
            lease_expires_at: now.plus_ms(i64::from(self.policy.lease_ms)),
            heartbeat_at: now,
            error: None,
            started_at: now,
            ended_at: None,
        };
        tx.insert_attempt(&attempt).await?;
        let data = json!({"attempt": attempt.fence, "worker_id": worker_id});
        tx.insert_event(now, &record, JobState::Running.as_str(), &data)
            .await?;
        tx.commit().await?;
        self.tell(&record);
        let lease = Lease {
            job_id: attempt.job_id,
            attempt_id: attempt.id,
            fence: attempt.fence,
            worker_id,
        };
        let left_ms = self.policy.total_timeout_ms.saturating_sub(record.spent_ms);
        let left_ms = u32::try_from(left_ms).unwrap_or(u32::MAX);
        Ok(Some(Claimed {
            lease,
            record,
            lease_expires_at: attempt.lease_expires_at,
            run_timeout_ms: self.policy.run_timeout_ms.min(left_ms),
        }))
    }

    /// Renews the lease.
    ///
    /// # Errors
    /// [`super::Error::StaleLease`] when it was lost: stop, write nothing any more.
    pub async fn heartbeat(&self, lease: &Lease) -> Result<Beat> {
        self.note(lease, None, &[]).await
    }

    /// Renews the lease and notes how far the attempt is. `progress` is 0..1 within the attempt and never goes back.
    ///
    /// # Errors
    /// [`super::Error::StaleLease`] when the lease was lost: stop, write nothing any more.
    pub async fn progress(&self, lease: &Lease, phase: Phase, progress: f64) -> Result<Beat> {
        self.note(lease, Some((phase, progress)), &[]).await
    }

    /// Renews the lease, notes how far the attempt is when that is given, and adds lines to its log.
    ///
    /// # Errors
    /// [`super::Error::StaleLease`] when the lease was lost: stop, write nothing any more.
    pub async fn note(
        &self,
        lease: &Lease,
        at: Option<(Phase, f64)>,
        lines: &[LogLine],
    ) -> Result<Beat> {
        let (mut tx, now, mut record, attempt) = self.hold(lease, "progress").await?;
        let before = (record.job.phase, twentieths(record.job.progress));
        if let Some((phase, progress)) = at {
            let progress = if progress.is_finite() {
                progress.clamp(0.0, 1.0)
            } else {
                0.0
            };
            record.job.phase = Some(phase);
            record.job.progress = record.job.progress.max(progress);
        }
        let lease_expires_at = now.plus_ms(i64::from(self.policy.lease_ms));
        tx.renew_attempt(
            now,
            &attempt,
            lease_expires_at,
            record.job.phase,
            record.job.progress,
        )
        .await?;
        if let Some((phase, _)) = at {
            let progress = record.job.progress;
            let kind = match before {
                (was, _) if was != Some(phase) => Some("phase"),
                (_, twentieth) if twentieth < twentieths(progress) => Some("progress"),
                (_, _) => None,
            };
            if let Some(kind) = kind {
                let data = json!({"attempt": lease.fence, "phase": phase, "progress": progress});
                tx.append_event(now, &mut record, kind, &data).await?;
            }
            tx.save_job(&record).await?;
        }
        tx.append_lines(lease.job_id, lease.fence, lines).await?;
        tx.commit().await?;
        if at.is_some() {
            self.tell(&record);
        }
        Ok(Beat {
            lease_expires_at,
            cancel_requested: record.job.cancel_requested,
        })
    }

    /// Ends the attempt with what it made: revision, measurements, result, the rest of its log, attempt and job in one
    /// transaction.
    ///
    /// # Errors
    /// [`super::Error::StaleLease`] when the lease was lost: nothing was kept.
    pub async fn complete(
        &self,
        lease: &Lease,
        outcome: &Outcome,
        lines: &[LogLine],
    ) -> Result<Completed> {
        let (mut tx, now, mut record, attempt) = self.hold(lease, "complete").await?;
        let decided = self
            .decide(&record, Some(&attempt), Event::Completed, now)
            .or(Err(Self::stale(lease)))?;
        let completed = if decided.state == JobState::Succeeded {
            let inserted = self.keep(&mut tx, now, lease, &mut record, outcome).await?;
            self.enqueue_followers(&mut tx, now, &mut record, inserted.record.revision.id)
                .await?;
            Completed::Succeeded(Box::new(inserted))
        } else {
            Completed::Cancelled
        };
        self.apply(&mut tx, now, &mut record, Some(&attempt), decided)
            .await?;
        tx.append_lines(lease.job_id, lease.fence, lines).await?;
        tx.commit().await?;
        self.tell(&record);
        for id in record
            .job
            .then
            .iter()
            .filter_map(|follower| follower.job_id)
        {
            self.changes.tell(id, true);
        }
        Ok(completed)
    }

    /// Makes jobs of what was to run on the result.
    async fn enqueue_followers(
        &self,
        tx: &mut Tx,
        now: Time,
        record: &mut JobRecord,
        revision_id: RevisionId,
    ) -> Result<()> {
        let parent = record.job.id;
        for (ordinal, follower) in (0..).zip(&mut record.job.then) {
            let id = JobId(self.ids.uuid());
            let span = tracing::info_span!("job", job_id = %id, kind = follower.kind.as_str(), otel.kind = "producer");
            let new = NewJobRecord {
                id,
                kind: follower.kind,
                revision_id,
                recipe: follower.recipe.clone(),
                spec: None,
                data_set_id: None,
                priority: follower.priority,
                followers: follower.then.clone(),
                follows: Some((parent, ordinal)),
                traceparent: span.in_scope(telemetry::traceparent),
            };
            tx.insert_job(now, Reach::All, &new).await?;
            follower.state = FollowerState::Enqueued;
            follower.job_id = Some(new.id);
        }
        Ok(())
    }

    /// Writes what an attempt made and puts the result into the job.
    async fn keep(
        &self,
        tx: &mut Tx,
        now: Time,
        lease: &Lease,
        record: &mut JobRecord,
        outcome: &Outcome,
    ) -> Result<Inserted> {
        let Outcome::Compress {
            revision,
            report,
            measurements,
        } = outcome;
        let inserted = tx.insert_revision(now, revision).await?;
        let revision_id = inserted.record.revision.id;
        let by = Some((lease.job_id, lease.attempt_id));
        for (ordinal, measurement) in measurements.iter().enumerate() {
            tx.insert_measurement(
                now,
                // Of the moment that the row says: lists by time find their place by the id.
                MeasurementId(self.ids.uuid_at(now, ordinal)),
                revision_id,
                by,
                measurement,
            )
            .await?;
        }
        record.job.result = Some(JobResult::Compress(Box::new(CompressResult {
            revision_id,
            size_bytes_before: report.size_bytes_before,
            size_bytes_after: report.size_bytes_after,
            weights: report.weights,
            report: Some((**report).clone()),
        })));
        Ok(inserted)
    }

    /// Ends the attempt without success, with the rest of its log; the job is tried again while that may help. Gives the
    /// job's state after.
    ///
    /// # Errors
    /// [`super::Error::StaleLease`] when the lease was lost.
    pub async fn fail(
        &self,
        lease: &Lease,
        error: JobError,
        lines: &[LogLine],
    ) -> Result<JobState> {
        self.end(lease, "fail", Event::Failed(error), lines).await
    }

    /// Ends the attempt without an outcome: because the job shall stop (then it is cancelled), or because the worker
    /// shuts down (then the job waits again, free of charge). Gives the job's state after.
    ///
    /// # Errors
    /// [`super::Error::StaleLease`] when the lease was lost.
    pub async fn release(&self, lease: &Lease, lines: &[LogLine]) -> Result<JobState> {
        self.end(lease, "release", Event::Released, lines).await
    }

    /// Ends an attempt that ran for too long, and with it the job.
    ///
    /// # Errors
    /// [`super::Error::StaleLease`] when the lease was lost.
    pub async fn run_timed_out(&self, lease: &Lease, lines: &[LogLine]) -> Result<JobState> {
        self.end(lease, "run_timed_out", Event::RanTooLong, lines)
            .await
    }

    async fn end(
        &self,
        lease: &Lease,
        write: &str,
        event: Event,
        lines: &[LogLine],
    ) -> Result<JobState> {
        let (mut tx, now, mut record, attempt) = self.hold(lease, write).await?;
        let decided = match self.decide(&record, Some(&attempt), event, now) {
            Ok(decided) => decided,
            Err(Refused) => return Err(Self::stale(lease)),
        };
        self.apply(&mut tx, now, &mut record, Some(&attempt), decided)
            .await?;
        tx.append_lines(lease.job_id, lease.fence, lines).await?;
        tx.commit().await?;
        self.tell(&record);
        Ok(record.job.state)
    }

    /// Locks the job and makes sure that the lease is held; else notes the stale write and refuses it.
    async fn hold(&self, lease: &Lease, write: &str) -> Result<(Tx, Time, JobRecord, Attempt)> {
        let (mut tx, now) = self.begin().await?;
        let mut record = tx.lock_job(Reach::All, lease.job_id).await?;
        if record.job.state == JobState::Running
            && let Some(attempt) = tx.leased_attempt(lease.job_id).await?
            && (attempt.id, attempt.fence, attempt.worker_id)
                == (lease.attempt_id, lease.fence, lease.worker_id)
        {
            return Ok((tx, now, record, attempt));
        }
        if record.event_seq < EVIDENCE_LIMIT {
            let data = json!({"attempt": lease.fence, "attempt_id": lease.attempt_id, "worker_id": lease.worker_id, "write": write});
            tx.append_event(now, &mut record, "stale_write", &data)
                .await?;
            tx.save_event_seq(&record).await?;
            tx.commit().await?;
        }
        Err(Self::stale(lease))
    }
}

/// Progress that is worth an event: a twentieth more.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "progress is 0 to 1"
)]
fn twentieths(progress: f64) -> u32 {
    (progress * 20.0) as u32
}
