//! What must hold after each step.

use uuid::Uuid;

use super::turns::Turn;
use super::{Act, Doing, Ledger, Verb, Verdict, must};
use crate::sim::history::{Change, Op, Row};

impl Ledger {
    pub(super) fn after(&mut self, doings: &[Doing], turn: Turn) -> Verdict {
        let step = std::mem::take(&mut self.step);
        turn.was_kept(&step)?;
        for change in &step {
            let job = match &change.row {
                Row::Job(row) => row.id,
                Row::Attempt(row) => row.job_id,
                Row::Event(row) => row.job_id,
                Row::Revision(_) | Row::Measurement(_) | Row::Key(_) => continue,
            };
            self.agrees(job)?;
        }
        if let [doing] = doings {
            // A sweep is many transactions.
            let none = doing.whole || doing.act == Act::Sweep || step.is_empty();
            must!(none, "{doing:?} died, and left {step:?}");
            match &doing.act {
                Act::Write { lease, verb } => self.write_done(lease.job_id.0, *verb, &step)?,
                Act::Sweep if doing.whole => self.swept(doing.now)?,
                Act::Submit { .. } | Act::Claim { .. } | Act::Cancel { .. } | Act::Sweep => {}
            }
        }
        Ok(())
    }

    /// Row, attempts and events of a job say the same.
    fn agrees(&self, id: Uuid) -> Verdict {
        let life = self.life(id)?;
        let row = &life.row;
        must!(
            life.told == row.state,
            "the events of job {id} say {}, its row {}",
            life.told,
            row.state
        );
        must!(
            life.seq == row.event_seq,
            "job {id} has {} events and counts {}",
            life.seq,
            row.event_seq
        );
        must!(
            life.attempts.len() == row.attempts,
            "job {id} had {} attempts and counts {}",
            life.attempts.len(),
            row.attempts
        );
        let leases = life
            .attempts
            .iter()
            .filter(|attempt| attempt.state == "leased")
            .count();
        must!(
            leases == usize::from(row.state == "running"),
            "job {id} is {} with {leases} leases",
            row.state
        );
        let succeeded = life
            .attempts
            .iter()
            .filter(|attempt| attempt.state == "succeeded")
            .count();
        must!(
            succeeded == usize::from(row.state == "succeeded"),
            "job {id} is {} with {succeeded} successes",
            row.state
        );
        must!(
            life.ends == usize::from(row.is_final()),
            "job {id} is {} and ended {} times",
            row.state,
            life.ends
        );
        must!(
            life.revision.is_none() || row.state == "succeeded",
            "job {id} is {} and stored a revision",
            row.state
        );
        Ok(())
    }

    /// With a lease that was held a write does what it says; with one that was not, nothing but the evidence.
    fn write_done(&self, job: Uuid, verb: Verb, step: &[Change]) -> Verdict {
        if self.held != [true] {
            let evidence = |change: &Change| match &change.row {
                Row::Job(row) => row.id == job && change.op == Op::Update,
                Row::Event(row) => row.job_id == job && row.kind == "stale_write",
                Row::Attempt(_) | Row::Revision(_) | Row::Measurement(_) | Row::Key(_) => false,
            };
            must!(
                step.iter().all(evidence),
                "a stale {verb:?} on job {job} changed {step:?}"
            );
            must!(
                step.is_empty() || step.len() == 2,
                "a stale {verb:?} on job {job} left {step:?}"
            );
        }
        Ok(())
    }

    /// After a sweep nothing is overdue by the sweeper's clock.
    fn swept(&self, now: i64) -> Verdict {
        let limit = i64::from(self.policy.run_timeout_ms) + i64::from(self.policy.run_grace_ms);
        for life in self.jobs.values() {
            let (row, id) = (&life.row, life.row.id);
            if let Some(attempt) = life.leased() {
                let overdue = attempt.lease_expires_at <= now || attempt.started_at + limit <= now;
                must!(
                    !overdue,
                    "a sweep at {now} left attempt {attempt:?} of job {id}"
                );
            }
            let late = row.state == "queued"
                && row.queued_at + i64::from(self.policy.queue_timeout_ms) <= now;
            must!(
                !late,
                "a sweep at {now} left job {id} waiting since {}",
                row.queued_at
            );
            let old = row
                .finished_at
                .is_some_and(|end| end + self.policy.keep_ms <= now);
            must!(
                !old || row.pruned_at.is_some() || self.lately.contains(&id),
                "a sweep at {now} kept the history of job {id}"
            );
        }
        must!(
            self.keys
                .values()
                .all(|key| key.created_at + 86_400_000 > now),
            "a sweep at {now} kept old keys"
        );
        Ok(())
    }
}
