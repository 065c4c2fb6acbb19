//! Jobs: which row may follow which, and at whose hands.

use api::jobs::{Follower, FollowerState};
use uuid::Uuid;

use super::{Act, Doing, Ledger, Life, Verb, Verdict, must};
use crate::sim::history::{JobRow, KeyRow, row};

fn followers(text: &str) -> Vec<Follower> {
    row(text)
}

pub(super) fn code(error: Option<&str>) -> String {
    let error: Option<serde_json::Value> = error.map(row);
    error
        .and_then(|error| error["code"].as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// What a change of a job is, for the count of what storms met.
fn met(life: &Life, after: &JobRow) -> Option<String> {
    if life.row.pruned_at != after.pruned_at {
        return Some("pruned".to_owned());
    }
    let by = match (&*life.row.state, &*after.state) {
        (was, is) if was == is => return None,
        ("running", _) => life.attempts.last().map_or("?", |last| &last.state),
        (was, _) => was,
    };
    let found = after.state == "succeeded" && life.revision.is_none();
    let error = code(after.error.as_deref());
    let what = format!(
        "{by}: {} {error}{}",
        after.state,
        if found { "found" } else { "" }
    );
    Some(what.trim_end().to_owned())
}

/// How many are to follow, one after the other and beside each other.
pub(in crate::sim) fn many(then: &[Follower]) -> usize {
    then.iter().map(|one| 1 + many(&one.then)).sum()
}

fn all(of: &[Follower], state: FollowerState) -> bool {
    of.iter()
        .all(|one| one.state == state && one.job_id.is_none() && all(&one.then, state))
}

impl Ledger {
    pub(super) fn job_begins(&mut self, doings: &[Doing], row: &JobRow) -> Verdict {
        let id = row.id;
        let fresh = row.state == "queued"
            && (row.attempts, row.failures, row.losses, row.event_seq) == (0, 0, 0, 1);
        must!(
            fresh && row.result.is_none() && row.error.is_none(),
            "job {id} begins as {row:?}"
        );
        must!(!self.jobs.contains_key(&id), "job {id} was accepted twice");
        let now = if let Some(parent) = row.parent_job_id {
            self.child(doings, parent, row)?
        } else {
            let by = doings
                .iter()
                .find(|doing| matches!(&doing.act, Act::Submit { job, .. } if *job == id));
            let by = by.ok_or_else(|| format!("nobody submitted job {id}"))?;
            if let Act::Submit { key: Some(key), .. } = &by.act {
                let of = self.keys.get(key).and_then(KeyRow::job);
                must!(
                    of.is_none(),
                    "job {id} was accepted with key {key:?}, which is job {of:?}'s"
                );
            }
            let limit = usize::try_from(self.policy.jobs_in_flight).unwrap();
            let flying = self.in_flight(row.project_id) + 1 + many(&followers(&row.followers));
            must!(
                limit == 0 || flying <= limit,
                "with job {id} project {} has {flying} in flight, {limit} may",
                row.project_id
            );
            by.now
        };
        let at = (row.run_after, row.queued_at, row.created_at);
        must!(
            at == (now, now, now),
            "job {id} was accepted at {now}, its row says {at:?}"
        );
        must!(
            all(&followers(&row.followers), FollowerState::Pending),
            "followers of new job {id}: {}",
            row.followers
        );
        let life = Life {
            row: row.clone(),
            attempts: Vec::new(),
            told: String::new(),
            seq: 0,
            ends: 0,
            revision: None,
        };
        self.jobs.insert(id, life);
        if row.parent_job_id.is_some() {
            self.meets("follower enqueued");
        }
        Ok(())
    }

    /// Jobs of a project that have not ended, with all that is still to follow them.
    pub(in crate::sim) fn in_flight(&self, project: Uuid) -> usize {
        let open = self.jobs.values().map(|life| &life.row);
        let open = open.filter(|row| row.project_id == project && !row.is_final());
        open.map(|row| 1 + many(&followers(&row.followers))).sum()
    }

    /// A job that follows another: in the step that completes that one, once, as it was ordered.
    fn child(&self, doings: &[Doing], parent: Uuid, row: &JobRow) -> Result<i64, String> {
        let by = self
            .written(doings, parent)
            .filter(|(.., verb)| *verb == Verb::Complete);
        let (doing, ..) =
            by.ok_or_else(|| format!("job {} follows {parent}, which nobody completed", row.id))?;
        let siblings = self
            .jobs
            .values()
            .filter(|life| life.row.parent_job_id == Some(parent));
        let twice = siblings
            .clone()
            .any(|life| life.row.parent_ordinal == row.parent_ordinal);
        must!(
            !twice,
            "follower {:?} of job {parent} was enqueued twice",
            row.parent_ordinal
        );
        let ordered = followers(&self.life(parent)?.row.followers);
        let one = row.parent_ordinal.and_then(|ordinal| ordered.get(ordinal));
        let one = one.ok_or_else(|| format!("job {} was not ordered by {parent}", row.id))?;
        let same = one.kind.as_str() == row.kind && i64::from(one.priority) == row.priority;
        must!(
            same && one.then == followers(&row.followers),
            "job {} is not what {parent} ordered: {one:?}",
            row.id
        );
        Ok(doing.now)
    }

    pub(super) fn job_changes(&mut self, doings: &[Doing], after: &JobRow) -> Verdict {
        let life = self.life(after.id)?;
        let before = &life.row;
        let id = after.id;
        let same = |row: &JobRow| {
            (
                row.project_id,
                row.revision_id,
                row.parent_job_id,
                row.parent_ordinal,
                row.priority,
                row.created_at,
            )
        };
        must!(
            same(before) == same(after) && before.kind == after.kind,
            "job {id} became another: {before:?} {after:?}"
        );
        let counted =
            after.event_seq == before.event_seq || after.event_seq == before.event_seq + 1;
        must!(
            counted,
            "job {id}: events counted from {} to {}",
            before.event_seq,
            after.event_seq
        );
        match (&*before.state, &*after.state) {
            (was, _) if before.is_final() => {
                let stays = self.stays(doings, before, after);
                stays.map_err(|why| format!("{was} {why}"))?;
            }
            ("queued", "queued") | ("running", "running") => self.goes_on(doings, before, after)?,
            ("queued", "running") => self.runs(doings, before, after)?,
            ("queued", "cancelled") => {
                let asked = doings
                    .iter()
                    .any(|doing| doing.act == Act::Cancel { job: id });
                must!(asked, "job {id} was cancelled, but nobody asked");
            }
            ("queued", "failed") => {
                let limit = i64::from(self.policy.queue_timeout_ms);
                let late = doings
                    .iter()
                    .any(|doing| doing.act == Act::Sweep && before.queued_at + limit <= doing.now);
                must!(
                    late && code(after.error.as_deref()) == "expired",
                    "job {id} expired in the queue before its time: {after:?}"
                );
            }
            ("running", "queued" | "succeeded" | "failed" | "cancelled") => {
                self.attempt_over(life, after)?;
            }
            (was, is) => return Err(format!("job {id} went from {was} to {is}")),
        }
        if after.is_final() && !before.is_final() {
            let times = doings
                .iter()
                .any(|doing| Some(doing.now) == after.finished_at);
            must!(
                times,
                "job {id} ended at {:?}, at no time of this step",
                after.finished_at
            );
            if after.state != "succeeded" {
                let dropped = all(&followers(&after.followers), FollowerState::Dropped);
                must!(
                    dropped,
                    "job {id} {}, yet {} follow",
                    after.state,
                    after.followers
                );
            }
        }
        if let Some(what) = met(life, after) {
            self.meets(&what);
        }
        if let Some(life) = self.jobs.get_mut(&id) {
            life.ends += usize::from(after.is_final() && !life.row.is_final());
            life.row = after.clone();
        }
        Ok(())
    }

    /// A finished job never changes, but for the evidence against those who try, and for its history that goes one day.
    fn stays(&self, doings: &[Doing], before: &JobRow, after: &JobRow) -> Verdict {
        let masked = JobRow {
            event_seq: before.event_seq,
            pruned_at: before.pruned_at,
            ..after.clone()
        };
        must!(
            masked == *before,
            "job {} changed after its end: {before:?} {after:?}",
            after.id
        );
        if after.pruned_at != before.pruned_at {
            let old = doings.iter().any(|doing| {
                doing.act == Act::Sweep
                    && before
                        .finished_at
                        .is_some_and(|end| end + self.policy.keep_ms <= doing.now)
            });
            must!(
                old && before.pruned_at.is_none(),
                "job {} was pruned before its time",
                after.id
            );
        }
        Ok(())
    }

    /// A job that waits or runs as before: progress and the wish to cancel.
    fn goes_on(&self, doings: &[Doing], before: &JobRow, after: &JobRow) -> Verdict {
        let id = after.id;
        let mut masked = JobRow {
            event_seq: before.event_seq,
            ..after.clone()
        };
        if before.state == "running" {
            must!(
                after.progress >= before.progress,
                "progress of job {id} fell from {} to {}",
                before.progress,
                after.progress
            );
            let notes = self
                .written(doings, id)
                .is_some_and(|(.., verb)| verb == Verb::Note);
            if notes {
                masked = JobRow {
                    progress: before.progress,
                    phase: before.phase.clone(),
                    ..masked
                };
            }
            if doings
                .iter()
                .any(|doing| doing.act == Act::Cancel { job: id })
                && after.cancel_requested == 1
            {
                masked.cancel_requested = before.cancel_requested;
            }
        }
        must!(
            masked == *before,
            "job {id} changed at nobody's hands: {before:?} {after:?}"
        );
        Ok(())
    }

    /// A claim: not before its time, by who does such work, and never more in a project than may run.
    fn runs(&self, doings: &[Doing], before: &JobRow, after: &JobRow) -> Verdict {
        let id = after.id;
        let claimed = doings.iter().any(|doing| {
            matches!(&doing.act, Act::Claim { kinds, .. } if kinds.iter().any(|kind| kind.as_str() == after.kind))
                && before.run_after <= doing.now
                && after.started_at == before.started_at.or(Some(doing.now))
        });
        must!(
            claimed,
            "job {id} runs, which may not before {}: {doings:?} {after:?}",
            before.run_after
        );
        must!(
            after.attempts == before.attempts + 1,
            "job {id}: attempt {} after {}",
            after.attempts,
            before.attempts
        );
        must!(
            before.cancel_requested == 0,
            "job {id} runs though somebody asked to stop it"
        );
        let limit = usize::try_from(self.policy.running_per_project).unwrap();
        let running = self.running(after.project_id, Some(&after.kind));
        must!(
            limit == 0 || running < limit,
            "job {id} runs beside {running} in its project, {limit} may"
        );
        Ok(())
    }
}
