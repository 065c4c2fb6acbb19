//! Steps in which several processes write at the same moment, in seeds that race.
//!
//! The seed draws who does what; whose transaction comes first is the database's business, so that such a run is not the
//! same each time. The judge takes every order that the promises allow.

use std::sync::Arc;

use api::ids::{JobId, WorkerId};
use api::jobs::{JobKind, Phase};
use coreanvil::queue::{Claimed, Completed, Error, Lease, Outcome, Queue};
use coreanvil::store::{Error as StoreError, IdempotencyKey, NewJobRecord, Reach};
use futures::future::join_all;

use super::judge::{Act, Verb};
use super::storm::Storm;
use crate::store::world::{digest, service_error};

/// One in so many seeds races.
const RACING: u64 = 4;

/// Something that a process does beside others.
enum Deed {
    Claim(WorkerId, &'static [JobKind]),
    Complete(Lease, Box<Outcome>),
    Write(Lease, Verb),
    Cancel(JobId),
    Submit(Box<NewJobRecord>, IdempotencyKey),
    Sweep,
}

/// What it was answered.
enum Told {
    Claimed(Box<Claimed>),
    Succeeded(Lease),
    Submitted(JobId),
    Done,
}

impl Deed {
    fn act(&self) -> Act {
        match self {
            Self::Claim(worker, kinds) => Act::Claim {
                worker: worker.0,
                kinds: kinds.to_vec(),
            },
            Self::Complete(lease, _) => Act::Write {
                lease: *lease,
                verb: Verb::Complete,
            },
            Self::Write(lease, verb) => Act::Write {
                lease: *lease,
                verb: *verb,
            },
            Self::Cancel(id) => Act::Cancel { job: id.0 },
            Self::Submit(new, key) => Act::Submit {
                job: new.id.0,
                key: Some(key.key.clone()),
            },
            Self::Sweep => Act::Sweep,
        }
    }

    async fn run(&self, queue: &Queue) -> Result<Told, Error> {
        Ok(match self {
            Self::Claim(worker, kinds) => match queue.claim(*worker, kinds).await? {
                Some(claimed) => Told::Claimed(Box::new(claimed)),
                None => Told::Done,
            },
            Self::Complete(lease, outcome) => match queue.complete(lease, outcome, &[]).await? {
                Completed::Succeeded(_) => Told::Succeeded(*lease),
                Completed::Cancelled => Told::Done,
            },
            Self::Write(lease, Verb::Fail) => queue
                .fail(lease, service_error(), &[])
                .await
                .map(|_| Told::Done)?,
            Self::Write(lease, Verb::Release) => {
                queue.release(lease, &[]).await.map(|_| Told::Done)?
            }
            Self::Write(lease, _) => {
                let beat = queue.progress(lease, Phase::Writing, 0.5).await;
                beat.map(|_| Told::Done)?
            }
            Self::Cancel(id) => queue.cancel(Reach::All, *id).await.map(|_| Told::Done)?,
            Self::Submit(new, key) => {
                let submitted = queue.submit(Reach::All, new, Some(key)).await?;
                Told::Submitted(submitted.job.id)
            }
            Self::Sweep => queue.sweep().await.map(|_| Told::Done)?,
        })
    }
}

impl Storm<'_> {
    /// Whether several may write at once in this seed.
    pub(super) fn races(&self) -> bool {
        self.seed.is_multiple_of(RACING)
    }

    /// Two to four processes, each with something to do.
    fn deeds(&mut self) -> Vec<(usize, Deed)> {
        let all = self.fleet.processes.len();
        if self.dice.once_in(3) {
            // All want the same.
            return (0..all).map(|who| (who, self.claims(who))).collect();
        }
        if self.dice.once_in(6) {
            let key = self.key();
            let one =
                |storm: &mut Self, who| (who, Deed::Submit(Box::new(storm.ask().0), key.clone()));
            return vec![one(self, 0), one(self, 1)];
        }
        let mut deeds = Vec::new();
        for who in 0..all {
            let held = self.held(who);
            let deed = match (self.dice.roll(6), held) {
                (0, _) => Deed::Sweep,
                (1, _) => self.claims(who),
                (2, Some(claimed)) => Deed::Cancel(claimed.lease.job_id),
                (3, Some(claimed)) => {
                    let verb = self.dice.pick(&[Verb::Note, Verb::Fail, Verb::Release]);
                    Deed::Write(claimed.lease, verb)
                }
                (4 | 5, Some(claimed)) if claimed.record.job.kind == JobKind::Compress => {
                    let outcome = Box::new(self.outcome(&claimed));
                    if self.dice.once_in(3) {
                        // The answer is late, and the worker sends it again.
                        deeds.push((who, Deed::Complete(claimed.lease, outcome.clone())));
                    }
                    Deed::Complete(claimed.lease, outcome)
                }
                (_, _) => continue,
            };
            deeds.push((who, deed));
        }
        deeds
    }

    fn claims(&self, who: usize) -> Deed {
        let process = &self.fleet.processes[who];
        Deed::Claim(process.worker, process.kinds)
    }

    fn key(&mut self) -> IdempotencyKey {
        IdempotencyKey {
            principal: "someone".to_owned(),
            route: "POST /jobs".to_owned(),
            key: format!("k{}", self.dice.roll(3)),
            body_sha256: digest(0),
        }
    }

    pub(super) async fn race(&mut self) {
        let deeds = self.deeds();
        for (who, deed) in &deeds {
            self.does(*who, deed.act());
        }
        let queue = |who: usize| Arc::clone(&self.fleet.processes[who].queue);
        let told = join_all(deeds.iter().map(|(who, deed)| {
            let queue = queue(*who);
            async move { deed.run(&queue).await }
        }));
        let told = told.await;
        self.ledger.meets("race");
        let mut succeeded = Vec::new();
        let mut submitted = Vec::new();
        for ((who, _), told) in deeds.iter().zip(told) {
            match told {
                Ok(Told::Claimed(claimed)) => self.fleet.processes[*who].held.push(*claimed),
                Ok(Told::Succeeded(lease)) => succeeded.push(lease),
                Ok(Told::Submitted(id)) => submitted.push(id),
                Ok(Told::Done)
                | Err(
                    Error::StaleLease { .. }
                    | Error::Store(StoreError::IdempotencyKeyReused | StoreError::NoRoom { .. }),
                ) => {}
                Err(why) => self.broken(&format!("in a race: {why}")),
            }
        }
        self.judge().await;
        for (place, lease) in succeeded.iter().enumerate() {
            if succeeded[..place].contains(lease) || !self.ledger.made_by(lease) {
                self.broken(&format!("{lease:?} was told that it succeeded"));
            }
        }
        if submitted.iter().any(|id| *id != submitted[0]) {
            self.broken(&format!("one key was given the jobs {submitted:?}"));
        }
    }
}
