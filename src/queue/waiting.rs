//! Why a queued job is not running, for people who look at it.

use std::collections::BTreeMap;

use api::ids::{JobId, ProjectId};
use api::jobs::{Job, JobKind, JobState, WaitReason, Waiting};
use api::page::{Page, PageRequest};
use api::time::Time;

use super::apply::Queue;
use super::error::Result;
use crate::store::{JobFilter, JobRecord, Reach, Tx};

/// A worker that was silent for so many of its signs of life is not counted on.
const SIGNS_MISSED: i64 = 3;

/// What is the same for all jobs of one answer.
struct Facts {
    now: Time,
    /// What workers do that were heard of lately.
    served: Option<Vec<JobKind>>,
    /// Jobs running, by project and kind, as far as they were asked for.
    running: BTreeMap<(ProjectId, JobKind), u64>,
}

impl Queue {
    /// The job as the API shows it: a queued one says why it waits, and its place.
    ///
    /// # Errors
    /// `NotFound` when there is no such job within reach.
    pub async fn look(&self, reach: Reach, id: JobId) -> Result<Job> {
        let record = self.store.job(reach, id).await?;
        if record.job.state != JobState::Queued {
            return Ok(record.job);
        }
        let mut facts = self.facts().await?;
        let position = self.store.queue_position(&record).await?;
        let job = self.explained(&mut facts, record).await?;
        let waiting = job.waiting.map(|waiting| Waiting {
            position,
            ..waiting
        });
        Ok(Job { waiting, ..job })
    }

    /// A list of jobs as the API shows it: queued ones say why they wait.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn list(
        &self,
        reach: Reach,
        filter: JobFilter,
        page: PageRequest,
    ) -> Result<Page<Job>> {
        let page = self.store.jobs(reach, filter, page).await?;
        let mut facts = None;
        let mut items = Vec::with_capacity(page.items.len());
        for record in page.items {
            if record.job.state == JobState::Queued {
                let facts = match &mut facts {
                    Some(facts) => facts,
                    none => none.insert(self.facts().await?),
                };
                items.push(self.explained(facts, record).await?);
            } else {
                items.push(record.job);
            }
        }
        Ok(Page {
            items,
            next_cursor: page.next_cursor,
        })
    }

    /// What a job that was accepted just now waits for.
    pub(super) async fn waiting_at_first(
        &self,
        tx: &mut Tx,
        now: Time,
        kind: JobKind,
    ) -> Result<Option<Waiting>> {
        let served = tx.kinds_served(self.heard_after(now)).await?;
        Ok(Some(Waiting {
            reason: by_workers(served.as_deref(), kind),
            position: None,
            run_after: None,
        }))
    }

    async fn facts(&self) -> Result<Facts> {
        let now = self.now().await?;
        Ok(Facts {
            now,
            served: self.store.kinds_served(self.heard_after(now)).await?,
            running: BTreeMap::new(),
        })
    }

    fn heard_after(&self, now: Time) -> Time {
        now.plus_ms(-SIGNS_MISSED * i64::from(self.policy.renew_ms))
    }

    async fn explained(&self, facts: &mut Facts, record: JobRecord) -> Result<Job> {
        let backoff = record.run_after > facts.now;
        let reason = if backoff {
            WaitReason::Backoff
        } else if self.at_limit(facts, &record).await? {
            WaitReason::ProjectLimit
        } else {
            by_workers(facts.served.as_deref(), record.job.kind)
        };
        let waiting = Waiting {
            reason,
            position: None,
            run_after: backoff.then_some(record.run_after),
        };
        Ok(Job {
            waiting: Some(waiting),
            ..record.job
        })
    }

    async fn at_limit(&self, facts: &mut Facts, record: &JobRecord) -> Result<bool> {
        let limit = u64::from(self.policy.running_per_project);
        if limit == 0 {
            return Ok(false);
        }
        let (project_id, kind) = (record.project_id, record.job.kind);
        let running = match facts.running.get(&(project_id, kind)) {
            Some(running) => *running,
            None => self.store.running_jobs(project_id, kind).await?,
        };
        facts.running.insert((project_id, kind), running);
        Ok(running >= limit)
    }
}

/// What the workers there are say about a job that nothing else holds back.
fn by_workers(served: Option<&[JobKind]>, kind: JobKind) -> WaitReason {
    match served {
        None => WaitReason::NoWorker,
        Some(kinds) if kinds.contains(&kind) => WaitReason::Ready,
        Some(_) => WaitReason::UnsupportedKind,
    }
}
