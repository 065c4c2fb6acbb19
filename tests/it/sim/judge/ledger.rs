//! The replay: each entry of the history goes to who knows what may follow, and into the books.

use std::collections::BTreeMap;

use coreanvil::queue::{Lease, Policy};
use uuid::Uuid;

use super::{Act, Doing, Ledger, Life, Verb, Verdict, must};
use crate::sim::history::{
    AttemptRow, Change, EventRow, KeyRow, MeasurementRow, Op, RevisionRow, Row,
};

impl Life {
    /// The attempt that holds the lease.
    pub(super) fn leased(&self) -> Option<&AttemptRow> {
        self.attempts
            .iter()
            .find(|attempt| attempt.state == "leased")
    }

    fn holds(&self, lease: &Lease) -> bool {
        self.row.state == "running" && self.leased().is_some_and(|attempt| names(lease, attempt))
    }
}

pub(super) fn names(lease: &Lease, attempt: &AttemptRow) -> bool {
    attempt.id == lease.attempt_id.0
        && attempt.worker_id == lease.worker_id.0
        && u32::try_from(attempt.fence) == Ok(lease.fence.0)
}

impl Ledger {
    pub(in crate::sim) fn new(policy: Policy) -> Self {
        Self {
            policy,
            jobs: BTreeMap::new(),
            revisions: BTreeMap::new(),
            keys: BTreeMap::new(),
            measured: BTreeMap::new(),
            met: BTreeMap::new(),
            lately: Vec::new(),
            step: Vec::new(),
            held: Vec::new(),
        }
    }

    /// Whether the lease is held now.
    pub(in crate::sim) fn holds(&self, lease: &Lease) -> bool {
        self.jobs
            .get(&lease.job_id.0)
            .is_some_and(|life| life.holds(lease))
    }

    pub(in crate::sim) fn meets(&mut self, what: &str) {
        *self.met.entry(what.to_owned()).or_default() += 1;
    }

    /// Whether this attempt is the one whose result the job has.
    pub(in crate::sim) fn made_by(&self, lease: &Lease) -> bool {
        self.jobs.get(&lease.job_id.0).is_some_and(|life| {
            let last = life.attempts.last();
            last.is_some_and(|last| last.state == "succeeded" && names(lease, last))
        })
    }

    /// Judges all that changed in a step of these acts.
    pub(in crate::sim) fn judge(&mut self, doings: &[Doing], changes: Vec<Change>) -> Verdict {
        self.held = doings
            .iter()
            .map(|doing| matches!(&doing.act, Act::Write { lease, .. } if self.holds(lease)))
            .collect();
        let turns = self.turns(doings);
        for change in &changes {
            self.take(doings, change)?;
        }
        self.step = changes;
        self.after(doings, turns)?;
        let named = doings.iter().filter_map(|doing| match &doing.act {
            Act::Submit { job, .. } | Act::Cancel { job } => Some(*job),
            Act::Write { lease, .. } => Some(lease.job_id.0),
            Act::Claim { .. } | Act::Sweep => None,
        });
        if !doings.is_empty() {
            self.lately = named.collect();
        }
        Ok(())
    }

    fn take(&mut self, doings: &[Doing], change: &Change) -> Verdict {
        match (&change.row, change.op) {
            (Row::Job(row), Op::Insert) => self.job_begins(doings, row),
            (Row::Job(row), Op::Update) => self.job_changes(doings, row),
            (Row::Attempt(row), Op::Insert) => self.attempt_begins(doings, row),
            (Row::Attempt(row), Op::Update) => self.attempt_changes(doings, row),
            (Row::Event(row), Op::Insert) => self.event(doings, row),
            (Row::Event(row), Op::Delete) => self.event_goes(doings, row),
            (Row::Revision(row), Op::Insert) => self.revision_begins(doings, row),
            (Row::Measurement(row), Op::Insert) => self.measured(doings, row),
            // The answer is kept with the key.
            (Row::Key(row), Op::Insert | Op::Update) => {
                self.keys.insert(row.key.clone(), row.clone());
                Ok(())
            }
            (Row::Key(row), Op::Delete) => self.key_goes(doings, row),
            // Its tags.
            (Row::Revision(row), Op::Update) => {
                let by = row.job_id.and_then(|job| self.written(doings, job));
                must!(
                    by.is_some_and(|(.., verb)| verb == Verb::Complete),
                    "{row:?} was changed by nobody who made it"
                );
                Ok(())
            }
            (row, op) => Err(format!("{op:?} of {row:?}")),
        }
    }

    fn key_goes(&mut self, doings: &[Doing], row: &KeyRow) -> Verdict {
        let old = doings
            .iter()
            .any(|doing| row.created_at + 86_400_000 <= doing.now);
        must!(old, "key {} was forgotten before its day was over", row.key);
        self.keys.remove(&row.key);
        self.meets("key forgotten");
        Ok(())
    }

    /// A write by a lease that was held when the step began.
    pub(super) fn written<'a>(
        &self,
        doings: &'a [Doing],
        job: Uuid,
    ) -> Option<(&'a Doing, &'a Lease, Verb)> {
        doings
            .iter()
            .zip(&self.held)
            .find_map(|(doing, held)| match &doing.act {
                Act::Write { lease, verb } if *held && lease.job_id.0 == job => {
                    Some((doing, lease, *verb))
                }
                Act::Write { .. }
                | Act::Submit { .. }
                | Act::Claim { .. }
                | Act::Cancel { .. }
                | Act::Sweep => None,
            })
    }

    pub(super) fn life(&self, job: Uuid) -> Result<&Life, String> {
        self.jobs
            .get(&job)
            .ok_or_else(|| format!("job {job} was never accepted"))
    }

    fn revision_begins(&mut self, doings: &[Doing], row: &RevisionRow) -> Verdict {
        let Some(job) = row.job_id else {
            return Err(format!("revision {} names no job", row.id));
        };
        let completes = self
            .written(doings, job)
            .is_some_and(|(.., verb)| verb == Verb::Complete);
        must!(
            completes,
            "revision {} was stored for job {job}, but nobody who held its lease completed it",
            row.id
        );
        let life = self.life(job)?;
        must!(
            life.revision.is_none(),
            "job {job} stored a second revision {}",
            row.id
        );
        must!(
            row.parent_id == Some(life.row.revision_id),
            "revision {} has another parent than job {job}",
            row.id
        );
        if let Some(life) = self.jobs.get_mut(&job) {
            life.revision = Some(row.id);
        }
        must!(
            self.revisions.insert(row.id, row.clone()).is_none(),
            "revision {} was stored twice",
            row.id
        );
        Ok(())
    }

    fn measured(&mut self, doings: &[Doing], row: &MeasurementRow) -> Verdict {
        let (Some(job), Some(attempt)) = (row.job_id, row.attempt_id) else {
            return Err(format!("{row:?} names no job or no attempt"));
        };
        let by = self.written(doings, job);
        let completes = by.is_some_and(|(_, lease, verb)| {
            verb == Verb::Complete && lease.attempt_id.0 == attempt
        });
        must!(
            completes,
            "attempt {attempt} of job {job} measured without its lease"
        );
        *self.measured.entry(job).or_default() += 1;
        Ok(())
    }

    fn event(&mut self, doings: &[Doing], row: &EventRow) -> Verdict {
        let stale = doings.iter().zip(&self.held).any(|(doing, held)| {
            matches!(&doing.act, Act::Write { lease, .. } if lease.job_id.0 == row.job_id && (!held || doings.len() > 1)
                && row.data.contains(&lease.attempt_id.to_string()))
        });
        must!(
            doings.iter().any(|doing| doing.now == row.created_at),
            "{row:?} happened at no time of this step"
        );
        let life = self
            .jobs
            .get_mut(&row.job_id)
            .ok_or_else(|| format!("{row:?} of no job"))?;
        must!(
            row.seq == life.seq + 1,
            "job {}: event {} came after {}",
            row.job_id,
            row.seq,
            life.seq
        );
        life.seq = row.seq;
        let state = match (&*life.told, &*row.kind) {
            ("" | "running", "queued") => "queued",
            ("queued", "running") | ("running", "cancel_requested" | "phase" | "progress") => {
                "running"
            }
            ("queued", "cancelled" | "failed")
            | ("running", "succeeded" | "failed" | "cancelled") => &row.kind,
            (
                was @ ("queued" | "running" | "succeeded" | "failed" | "cancelled"),
                "stale_write",
            ) => {
                must!(
                    stale,
                    "{row:?}, but nobody in this step wrote with a lease that was lost"
                );
                was
            }
            (was, _) => return Err(format!("event {row:?} after {was:?}")),
        };
        life.told = state.to_owned();
        if row.kind == "stale_write" {
            self.meets("stale write");
        }
        Ok(())
    }

    fn event_goes(&self, doings: &[Doing], row: &EventRow) -> Verdict {
        let life = self.life(row.job_id)?;
        let old = doings.iter().any(|doing| {
            doing.act == Act::Sweep
                && life
                    .row
                    .finished_at
                    .is_some_and(|end| end + self.policy.keep_ms <= doing.now)
        });
        must!(
            old,
            "event {} of job {} was removed before its time",
            row.seq,
            row.job_id
        );
        Ok(())
    }
}
