//! Whose turn it is, from the contract: the highest priority, then the project with the fewest running jobs, then the oldest.

use std::cmp::Reverse;

use uuid::Uuid;

use super::{Act, Doing, Ledger, Verdict, must};
use crate::sim::history::{Change, Op, Row};

/// Whose turn a step was.
#[derive(Debug, Clone, Copy)]
pub(super) enum Turn {
    /// Nobody asked.
    Open,
    /// This job's, or no job's.
    Of(Option<Uuid>),
}

impl Turn {
    /// Whether the claim took whose turn it was.
    pub(super) fn was_kept(self, step: &[Change]) -> Verdict {
        let Self::Of(expected) = self else {
            return Ok(());
        };
        let taken = step
            .iter()
            .find_map(|change| match (&change.row, change.op) {
                (Row::Attempt(row), Op::Insert) => Some(row.job_id),
                (_, _) => None,
            });
        must!(
            taken == expected,
            "it was the turn of job {expected:?}, and {taken:?} was claimed"
        );
        Ok(())
    }
}

impl Ledger {
    /// How many run in a project, of one kind or of all.
    pub(super) fn running(&self, project: Uuid, kind: Option<&str>) -> usize {
        let runs = |row: &crate::sim::history::JobRow| {
            row.state == "running"
                && row.project_id == project
                && kind.is_none_or(|kind| row.kind == kind)
        };
        self.jobs.values().filter(|life| runs(&life.row)).count()
    }

    /// For a claim that is alone in its step: the job whose turn it is.
    pub(super) fn turns(&mut self, doings: &[Doing]) -> Turn {
        let [
            Doing {
                act: Act::Claim { kinds, .. },
                now,
                whole: true,
            },
        ] = doings
        else {
            return Turn::Open;
        };
        let limit = usize::try_from(self.policy.running_per_project).unwrap();
        let (waiting, held): (Vec<_>, Vec<_>) = self
            .jobs
            .values()
            .map(|life| &life.row)
            .filter(|row| row.state == "queued" && row.run_after <= *now)
            .filter(|row| kinds.iter().any(|kind| kind.as_str() == row.kind))
            .partition(|row| limit == 0 || self.running(row.project_id, Some(&row.kind)) < limit);
        let next = waiting.into_iter().min_by_key(|row| {
            (
                Reverse(row.priority),
                self.running(row.project_id, None),
                row.run_after,
                row.id,
            )
        });
        let (next, held) = (next.map(|row| row.id), !held.is_empty());
        if held {
            self.meets("held back by the limit");
        }
        Turn::Of(next)
    }
}
