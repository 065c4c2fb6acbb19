//! Attempts: one lease at a time, fences that rise by one, nothing but the holder's and the sweeper's hands on them.

use super::ledger::names;
use super::{Act, Doing, Ledger, Verb, Verdict, must};
use crate::sim::history::AttemptRow;

impl Ledger {
    pub(super) fn attempt_begins(&mut self, doings: &[Doing], row: &AttemptRow) -> Verdict {
        let lease_ms = i64::from(self.policy.lease_ms);
        let job = row.job_id;
        let life = self
            .jobs
            .get_mut(&job)
            .ok_or_else(|| format!("{row:?} of no job"))?;
        if let Some(other) = life.leased() {
            return Err(format!(
                "job {job} has two live leases: fence {} and {}",
                other.fence, row.fence
            ));
        }
        let last = life.attempts.last().map_or(0, |last| last.fence);
        must!(
            row.fence > last,
            "job {job}: fence {} after {last}",
            row.fence
        );
        must!(
            row.fence == last + 1 && row.fence == life.row.attempts,
            "job {job}: fence {} for attempt {}",
            row.fence,
            life.row.attempts
        );
        let claimed = doings.iter().any(|doing| {
            matches!(&doing.act, Act::Claim { worker, .. } if *worker == row.worker_id)
                && row.started_at == doing.now
                && row.lease_expires_at == doing.now + lease_ms
        });
        must!(
            claimed && row.state == "leased" && row.progress == 0.0,
            "{row:?} is not what was claimed"
        );
        life.attempts.push(row.clone());
        Ok(())
    }

    pub(super) fn attempt_changes(&mut self, doings: &[Doing], row: &AttemptRow) -> Verdict {
        let life = self.life(row.job_id)?;
        let Some((place, before)) = life
            .attempts
            .iter()
            .enumerate()
            .find(|(_, known)| known.id == row.id)
        else {
            return Err(format!("{row:?} never began"));
        };
        let same = (before.fence, before.worker_id, before.started_at)
            == (row.fence, row.worker_id, row.started_at);
        must!(
            same && before.job_id == row.job_id,
            "attempt {} became another: {before:?} {row:?}",
            row.id
        );
        must!(
            before.state == "leased",
            "attempt {} of job {} changed after its end: {before:?} {row:?}",
            row.fence,
            row.job_id
        );
        must!(
            row.progress >= before.progress,
            "progress of job {} fell from {} to {}",
            row.job_id,
            before.progress,
            row.progress
        );
        let ok = if row.state == "leased" {
            self.renews(doings, row)
        } else {
            self.ends(doings, before, row)
        };
        must!(
            ok,
            "attempt {} of job {}: nobody of this step may make {row:?} of {before:?}",
            row.fence,
            row.job_id
        );
        if let Some(known) = self
            .jobs
            .get_mut(&row.job_id)
            .and_then(|life| life.attempts.get_mut(place))
        {
            *known = row.clone();
        }
        Ok(())
    }

    fn renews(&self, doings: &[Doing], row: &AttemptRow) -> bool {
        self.written(doings, row.job_id)
            .is_some_and(|(doing, lease, verb)| {
                verb == Verb::Note
                    && names(lease, row)
                    && row.lease_expires_at == doing.now + i64::from(self.policy.lease_ms)
                    && row.heartbeat_at == doing.now
            })
    }

    /// By who holds it, as he says; or by a sweeper, when its time is over by the sweeper's clock.
    fn ends(&self, doings: &[Doing], before: &AttemptRow, row: &AttemptRow) -> bool {
        let limit_ms = i64::from(self.policy.run_timeout_ms) + i64::from(self.policy.run_grace_ms);
        let by_holder = self
            .written(doings, row.job_id)
            .is_some_and(|(doing, lease, verb)| {
                let state = &*row.state;
                names(lease, row)
                    && row.ended_at == Some(doing.now)
                    && match verb {
                        Verb::Note => false,
                        Verb::Complete => state == "succeeded" || state == "cancelled",
                        Verb::Release => state == "cancelled",
                        Verb::Fail | Verb::RunTimedOut => state == "failed",
                    }
            });
        by_holder
            || doings.iter().any(|doing| {
                let overrun = before.started_at + limit_ms <= doing.now;
                doing.act == Act::Sweep
                    && row.ended_at == Some(doing.now)
                    && match &*row.state {
                        "failed" => overrun,
                        "lost" => before.lease_expires_at <= doing.now && !overrun,
                        _ => false,
                    }
            })
    }
}
