//! What nobody asked for: leases that ran out, attempts and jobs that took too long.
//!
//! Any process may sweep, several at once: each change is made under the job's lock after looking again.

use api::jobs::Attempt;
use api::time::Time;

use super::apply::Queue;
use super::error::Result;
use super::state::Event;
use crate::store::Reach;
use api::ids::JobId;

/// How many of each are looked at in one go; the rest comes with the next.
const BATCH: u32 = 100;
/// How long a worker that is silent stays in the list.
const WORKER_KEPT_MS: i64 = 86_400_000;

/// What a sweep ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Attempts whose lease had run out.
    pub lost: u64,
    /// Attempts that had run for too long.
    pub overrun: u64,
    /// Jobs that had waited for too long.
    pub expired: u64,
    /// Idempotency keys that were forgotten.
    pub keys: u64,
    /// Finished jobs whose events and logs were removed.
    pub pruned: u64,
}

impl Queue {
    /// Ends what is overdue. To be called at the start and every [`super::Policy::sweep_ms`].
    ///
    /// # Errors
    /// Those of the store; what was ended before stays ended.
    pub async fn sweep(&self) -> Result<Swept> {
        let now = self.now().await?;
        let mut swept = Swept::default();
        for attempt in self
            .store
            .overdue_attempts(now, self.began_before(now), BATCH)
            .await?
        {
            match self.end_overdue(now, &attempt).await? {
                Some(Event::RanTooLong) => swept.overrun += 1,
                Some(_) => swept.lost += 1,
                None => {}
            }
        }
        let before = now.plus_ms(-i64::from(self.policy.queue_timeout_ms));
        for id in self.store.jobs_queued_before(before, BATCH).await? {
            swept.expired += u64::from(self.expire(now, before, id).await?);
        }
        swept.keys = self.store.expire_idempotency_keys(now).await?;
        let old = now.plus_ms(-self.policy.keep_ms);
        swept.pruned = self.store.prune_jobs(now, old, BATCH).await?;
        self.store
            .workers_gone(None, now.plus_ms(-WORKER_KEPT_MS))
            .await?;
        Ok(swept)
    }

    /// Attempts that began then or earlier have run for too long.
    fn began_before(&self, now: Time) -> Time {
        now.plus_ms(-i64::from(self.policy.run_timeout_ms))
            .plus_ms(-i64::from(self.policy.run_grace_ms))
    }

    /// Ends an attempt if it is still overdue under the job's lock; says what happened to it.
    async fn end_overdue(&self, now: Time, seen: &Attempt) -> Result<Option<Event>> {
        let mut tx = self.store.begin().await?;
        let mut record = tx.lock_job(Reach::All, seen.job_id).await?;
        let Some(attempt) = tx
            .leased_attempt(seen.job_id)
            .await?
            .filter(|attempt| attempt.id == seen.id)
        else {
            return Ok(None);
        };
        let event = if attempt.started_at <= self.began_before(now) {
            Event::RanTooLong
        } else if attempt.lease_expires_at <= now {
            Event::LeaseLost
        } else {
            return Ok(None);
        };
        let Ok(decided) = self.decide(&record, Some(&attempt), event.clone(), now) else {
            return Ok(None);
        };
        self.apply(&mut tx, now, &mut record, Some(&attempt), decided)
            .await?;
        tx.commit().await?;
        self.tell(&record);
        Ok(Some(event))
    }

    /// Fails a job that still waits since `before` or longer.
    async fn expire(&self, now: Time, before: Time, id: JobId) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let mut record = tx.lock_job(Reach::All, id).await?;
        if record.queued_at > before {
            return Ok(false);
        }
        let Ok(decided) = self.decide(&record, None, Event::WaitedTooLong, now) else {
            return Ok(false);
        };
        self.apply(&mut tx, now, &mut record, None, decided).await?;
        tx.commit().await?;
        self.tell(&record);
        Ok(true)
    }
}
