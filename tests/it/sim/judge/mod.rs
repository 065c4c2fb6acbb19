//! The judge: replays the database's history row by row and knows what may follow what.
//!
//! It is written from the contract, not from the queue: what it believes comes from the rows alone; of the test it only
//! takes who did what in this step, by which clock.

mod attempts;
mod ends;
pub(super) mod jobs;
mod ledger;
mod outcomes;
mod steps;
mod turns;

use std::collections::BTreeMap;

use api::jobs::JobKind;
use coreanvil::queue::{Lease, Policy};
use uuid::Uuid;

use super::history::{AttemptRow, Change, JobRow, KeyRow, RevisionRow};

/// A promise that was broken, in words.
pub(super) type Verdict = Result<(), String>;

/// Breaks off with words unless it holds.
macro_rules! must {
    ($holds:expr, $($words:tt)+) => {
        let holds: bool = $holds;
        if !holds {
            return Err(format!($($words)+));
        }
    };
}
pub(super) use must;

/// What a worker writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Note,
    Complete,
    Fail,
    Release,
    RunTimedOut,
}

/// Who does what in a step.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Act {
    Submit { job: Uuid, key: Option<String> },
    Claim { worker: Uuid, kinds: Vec<JobKind> },
    Write { lease: Lease, verb: Verb },
    Cancel { job: Uuid },
    Sweep,
}

/// An act by the clock of who does it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Doing {
    pub(super) act: Act,
    pub(super) now: i64,
    /// Whether it came to its end; else it died and may have happened or not.
    pub(super) whole: bool,
}

/// A job as its history tells.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) row: JobRow,
    pub(super) attempts: Vec<AttemptRow>,
    /// State that the events tell, and the number of the newest.
    told: String,
    seq: usize,
    /// Times it ended.
    ends: usize,
    pub(super) revision: Option<Uuid>,
}

/// What has happened so far.
pub(super) struct Ledger {
    policy: Policy,
    pub(super) jobs: BTreeMap<Uuid, Life>,
    pub(super) revisions: BTreeMap<Uuid, RevisionRow>,
    pub(super) keys: BTreeMap<String, KeyRow>,
    measured: BTreeMap<Uuid, usize>,
    /// What happened how often: a storm that meets nothing proves nothing.
    pub(super) met: BTreeMap<String, u64>,
    /// Jobs that the acts before named: on Postgres, a transaction that changed nothing may still hold their rows.
    lately: Vec<Uuid>,
    /// What changed in this step, and what its acts found.
    step: Vec<Change>,
    held: Vec<bool>,
}
