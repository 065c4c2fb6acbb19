//! What becomes of a job whose attempt has just ended: how often it is tried again, and after which pause.

use super::jobs::code;
use super::{Ledger, Life, Verdict, must};
use crate::sim::history::{AttemptRow, JobRow, row};

/// Attempts that lost their lease one after the other; one that was given back proves nothing.
fn losses(attempts: &[AttemptRow]) -> usize {
    let ended = attempts
        .iter()
        .rev()
        .filter(|attempt| attempt.state != "cancelled");
    ended.take_while(|attempt| attempt.state == "lost").count()
}

fn failures(attempts: &[AttemptRow]) -> usize {
    attempts
        .iter()
        .filter(|attempt| attempt.state == "failed")
        .count()
}

fn may_help(attempt: &AttemptRow) -> bool {
    let error: serde_json::Value = attempt.error.as_deref().map(row).unwrap_or_default();
    error["retryable"] == true && error["fault"] != "user"
}

impl Ledger {
    fn retry_limit(&self, kind: &str) -> usize {
        let limit = usize::try_from(self.policy.retry_limit).unwrap();
        if kind == "benchmark" {
            limit.min(1)
        } else {
            limit
        }
    }

    pub(super) fn attempt_over(&self, life: &Life, after: &JobRow) -> Verdict {
        let (before, id, leased) = (&life.row, after.id, life.leased());
        must!(
            leased.is_none(),
            "job {id} is {} while {leased:?} holds its lease",
            after.state
        );
        let last = life
            .attempts
            .last()
            .ok_or_else(|| format!("job {id} had no attempt"))?;
        let ran = |one: &AttemptRow| (one.ended_at.unwrap_or(0) - one.started_at).max(0);
        let spent: i64 = life.attempts.iter().map(ran).sum();
        must!(
            after.spent_ms == spent,
            "job {id} ran for {spent} ms, its row says {}",
            after.spent_ms
        );
        must!(
            after.phase.is_none(),
            "job {id} is {} and in phase {:?}",
            after.state,
            after.phase
        );
        if before.cancel_requested == 1 {
            must!(
                after.state == "cancelled",
                "job {id} is {} though it was to stop",
                after.state
            );
            return Ok(());
        }
        match (&*last.state, &*after.state) {
            ("succeeded", "succeeded") => {
                must!(
                    after.result.is_some() && after.progress >= 1.0,
                    "job {id} succeeded: {after:?}"
                );
            }
            ("cancelled", "queued") => {
                let ended = last.ended_at.unwrap_or(0);
                let free = (after.failures, after.losses, after.run_after)
                    == (before.failures, before.losses, ended);
                must!(
                    free,
                    "job {id} was given back, and that cost it: {before:?} {after:?}"
                );
            }
            ("failed", "queued" | "failed") => self.failed(life, last, after)?,
            ("lost", "queued" | "failed") => self.lost(life, last, after)?,
            (attempt, job) => {
                return Err(format!("job {id}: its attempt {attempt}, the job {job}"));
            }
        }
        let waits = after.state != "queued"
            || (after.progress <= 0.0 && Some(after.queued_at) == last.ended_at);
        must!(waits, "job {id} waits again as {after:?}");
        Ok(())
    }

    /// Whether its attempts together took all the time there is.
    fn spent(&self, after: &JobRow) -> bool {
        u64::try_from(after.spent_ms).unwrap() >= self.policy.total_timeout_ms
    }

    fn failed(&self, life: &Life, last: &AttemptRow, after: &JobRow) -> Verdict {
        let (id, times, limit) = (
            after.id,
            failures(&life.attempts),
            self.retry_limit(&after.kind),
        );
        let (error, why) = (code(after.error.as_deref()), code(last.error.as_deref()));
        if after.state == "queued" {
            must!(
                times <= limit && !self.spent(after),
                "job {id} failed {times} times and is tried again: {after:?}"
            );
            must!(
                may_help(last) && why != "expired",
                "job {id} is tried again after {:?}",
                last.error
            );
            must!(
                (after.failures, after.losses) == (times, 0),
                "job {id} failed {times} times: {after:?}"
            );
            return self.pauses(last, times, after);
        }
        if why == "expired" {
            must!(error == "expired", "job {id} ran too long and is {after:?}");
            return Ok(());
        }
        let last_time = !may_help(last) || times > limit;
        must!(
            last_time || (self.spent(after) && error == "expired"),
            "job {id} was given up after {times} failures, {limit} may be tried again"
        );
        Ok(())
    }

    fn lost(&self, life: &Life, last: &AttemptRow, after: &JobRow) -> Verdict {
        let (id, times) = (after.id, losses(&life.attempts));
        let limit = usize::try_from(self.policy.loss_limit).unwrap();
        if after.state == "queued" {
            must!(
                times < limit && !self.spent(after),
                "job {id} was lost {times} times and is tried again: {after:?}"
            );
            let counted = (after.failures, after.losses) == (life.row.failures, times);
            must!(
                counted && Some(after.run_after) == last.ended_at,
                "job {id} was lost {times} times: {after:?}"
            );
            return Ok(());
        }
        let error = code(after.error.as_deref());
        let poison = times >= limit && error == "poison";
        must!(
            poison || (self.spent(after) && error == "expired"),
            "job {id} was given up after {times} losses: {after:?}"
        );
        Ok(())
    }

    /// The pause before a retry: the fourth power of its number in seconds, at most the policy's, a tenth more or less.
    fn pauses(&self, last: &AttemptRow, times: usize, after: &JobRow) -> Verdict {
        let times = i64::try_from(times).unwrap();
        let pause = (times.pow(4) * 1_000).min(i64::from(self.policy.backoff_max_ms));
        let paused = after.run_after - last.ended_at.unwrap_or(0);
        let range = pause - pause / 10..=pause + pause / 10;
        must!(
            range.contains(&paused),
            "job {} pauses {paused} ms before retry {times}, not {range:?}",
            after.id
        );
        Ok(())
    }
}
