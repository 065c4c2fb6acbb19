//! What must hold when a storm is over.

use std::collections::BTreeMap;

use api::jobs::{Follower, FollowerState};
use uuid::Uuid;

use super::{Ledger, Verdict, must};
use crate::sim::history::{AttemptRow, EventRow, JobRow, row};

impl Ledger {
    /// How long until something is due: a job that may run, a lease that runs out. `None` when all have ended.
    pub(in crate::sim) fn next_due(&self, now: i64) -> Option<i64> {
        let open = self.jobs.values().filter(|life| !life.row.is_final());
        let due = open.map(|life| {
            life.leased()
                .map_or(life.row.run_after, |attempt| attempt.lease_expires_at)
        });
        due.map(|at| {
            if at > now {
                at - now
            } else {
                i64::from(self.policy.lease_ms)
            }
        })
        .min()
    }

    /// The tables say what the history said; every job has ended, and what it made is there, and nothing else.
    pub(in crate::sim) fn at_the_end(
        &self,
        jobs: &[String],
        attempts: &[String],
        events: &[String],
    ) -> Verdict {
        let rows: BTreeMap<Uuid, JobRow> = jobs
            .iter()
            .map(|text| row::<JobRow>(text))
            .map(|row| (row.id, row))
            .collect();
        must!(
            rows.len() == self.jobs.len(),
            "{} jobs are there, {} were accepted",
            rows.len(),
            self.jobs.len()
        );
        for life in self.jobs.values() {
            must!(
                rows.get(&life.row.id) == Some(&life.row),
                "{:?} is not what became of it: {:?}",
                rows.get(&life.row.id),
                life.row
            );
            must!(
                life.row.is_final() && life.ends == 1,
                "job {} is {} and ended {} times",
                life.row.id,
                life.row.state,
                life.ends
            );
        }
        let rows: BTreeMap<Uuid, AttemptRow> = attempts
            .iter()
            .map(|text| row::<AttemptRow>(text))
            .map(|row| (row.id, row))
            .collect();
        let known: BTreeMap<Uuid, AttemptRow> = self
            .jobs
            .values()
            .flat_map(|life| life.attempts.iter())
            .map(|row| (row.id, row.clone()))
            .collect();
        must!(rows == known, "attempts are {rows:?}, they were {known:?}");
        self.events_whole(events)?;
        for life in self.jobs.values() {
            self.made(&life.row)?;
            self.chained(&life.row)?;
        }
        for revision in self.revisions.values() {
            let life = self.life(revision.job_id.unwrap_or_default())?;
            must!(
                life.revision == Some(revision.id),
                "revision {} belongs to no result",
                revision.id
            );
        }
        Ok(())
    }

    /// Gapless from one, but for jobs whose history was removed.
    fn events_whole(&self, events: &[String]) -> Verdict {
        let mut kept: BTreeMap<Uuid, Vec<usize>> = BTreeMap::new();
        for event in events.iter().map(|text| row::<EventRow>(text)) {
            kept.entry(event.job_id).or_default().push(event.seq);
        }
        for life in self
            .jobs
            .values()
            .filter(|life| life.row.pruned_at.is_none())
        {
            let mut seqs = kept.remove(&life.row.id).unwrap_or_default();
            seqs.sort_unstable();
            must!(
                seqs.iter().copied().eq(1..=life.row.event_seq),
                "job {}: events {seqs:?} of {}",
                life.row.id,
                life.row.event_seq
            );
        }
        Ok(())
    }

    /// A job that succeeded made one revision, or found the one with its bytes; another made none.
    fn made(&self, job: &JobRow) -> Verdict {
        let life = self.life(job.id)?;
        let Some(result) = &job.result else {
            must!(
                life.revision.is_none() && job.state != "succeeded",
                "job {} is {} and made {:?}",
                job.id,
                job.state,
                life.revision
            );
            must!(
                !self.measured.contains_key(&job.id),
                "job {} is {} and measured",
                job.id,
                job.state
            );
            return Ok(());
        };
        let result: serde_json::Value = row(result);
        let named = result["revision_id"]
            .as_str()
            .and_then(|id| Uuid::try_parse(id).ok());
        let there = named.is_some_and(|id| self.revisions.contains_key(&id));
        must!(
            there,
            "the result of job {} is {named:?}, which is not there",
            job.id
        );
        must!(
            life.revision.is_none() || life.revision == named,
            "job {} made {:?} and says {named:?}",
            job.id,
            life.revision
        );
        must!(
            self.measured.get(&job.id) == Some(&2),
            "job {} measured {:?} times, not twice",
            job.id,
            self.measured.get(&job.id)
        );
        Ok(())
    }

    /// Each follower is there once if the job succeeded, and never if not.
    fn chained(&self, job: &JobRow) -> Verdict {
        let ordered: Vec<Follower> = row(&job.followers);
        let children: BTreeMap<usize, Uuid> = self
            .jobs
            .values()
            .filter(|life| life.row.parent_job_id == Some(job.id))
            .map(|life| (life.row.parent_ordinal.unwrap_or(usize::MAX), life.row.id))
            .collect();
        let listed: BTreeMap<usize, Uuid> = ordered
            .iter()
            .enumerate()
            .filter(|(_, one)| one.state == FollowerState::Enqueued)
            .filter_map(|(ordinal, one)| one.job_id.map(|id| (ordinal, id.0)))
            .collect();
        let many = if job.state == "succeeded" {
            ordered.len()
        } else {
            0
        };
        must!(
            children == listed && listed.len() == many,
            "job {} is {}: {children:?} follow, {ordered:?}",
            job.id,
            job.state
        );
        Ok(())
    }
}
