//! What the processes of a storm do, and what each must be answered.

use api::ids::{JobId, RevisionId, WorkerId};
use api::jobs::{Fault, Follower, FollowerState, JobError, JobKind, JobState, Phase};
use api::measurements::NewMeasurement;
use api::problem::Code;
use coreanvil::queue::{Claimed, Completed, Error, Lease, Outcome, Result};
use coreanvil::store::{Error as StoreError, IdempotencyKey, NewJobRecord, NewRevision, Reach};

use uuid::Uuid;

use super::arena::package;
use super::judge::jobs::many;
use super::judge::{Act, Verb};
use super::storm::Storm;
use crate::store::world::{digest, recipe, report, service_error};

/// Jobs of a storm, beside those that follow others.
const JOBS: u64 = 14;

impl Storm<'_> {
    /// A job as somebody may ask for it.
    pub(super) fn ask(&mut self) -> (NewJobRecord, Uuid) {
        let kind = self.dice.pick(&[
            JobKind::Compress,
            JobKind::Compress,
            JobKind::Compress,
            JobKind::Compress,
            JobKind::Evaluate,
            JobKind::Benchmark,
        ]);
        let index = self.dice.index(self.arena.sources.len());
        let (mut revision_id, mut project) = self.arena.sources[index];
        if self.dice.once_in(4) && !self.ledger.revisions.is_empty() {
            let made = self.dice.index(self.ledger.revisions.len());
            let (id, revision) = self.ledger.revisions.iter().nth(made).unwrap();
            revision_id = RevisionId(*id);
            project = self.ledger.jobs[&revision.job_id.unwrap()].row.project_id;
        }
        let mut left = 5;
        let chained = kind == JobKind::Compress && self.dice.once_in(3);
        let new = NewJobRecord {
            id: JobId(self.id()),
            kind,
            revision_id,
            recipe: (kind == JobKind::Compress).then(recipe),
            spec: None,
            data_set_id: None,
            priority: i32::try_from(self.dice.roll(3)).unwrap(),
            followers: if chained {
                self.followers(4, &mut left)
            } else {
                Vec::new()
            },
            follows: None,
            traceparent: None,
        };
        (new, project)
    }

    /// One to three, each followed in turn at most `depth` times.
    fn followers(&mut self, depth: u32, left: &mut u64) -> Vec<Follower> {
        let many = 1 + self.dice.roll(3);
        let mut followers = Vec::new();
        for _ in 0..many {
            if *left == 0 || depth == 0 {
                break;
            }
            *left -= 1;
            let kind = self.dice.pick(&[
                JobKind::Compress,
                JobKind::Compress,
                JobKind::Compress,
                JobKind::Evaluate,
            ]);
            let goes_on = kind == JobKind::Compress && self.dice.once_in(2);
            let then = if goes_on {
                self.followers(depth - 1, left)
            } else {
                Vec::new()
            };
            followers.push(Follower {
                kind,
                recipe: (kind == JobKind::Compress).then(recipe),
                priority: i32::try_from(self.dice.roll(3)).unwrap(),
                state: FollowerState::Pending,
                job_id: None,
                then,
            });
        }
        followers
    }

    pub(super) async fn submit(&mut self, who: usize) {
        if self.submitted >= JOBS {
            return;
        }
        self.submitted += 1;
        let (new, project) = self.ask();
        let key = self.dice.once_in(3).then(|| IdempotencyKey {
            principal: "someone".to_owned(),
            route: "POST /jobs".to_owned(),
            key: format!("k{}", self.dice.roll(3)),
            body_sha256: digest(self.dice.roll(5) / 4),
        });
        let name = key.as_ref().map(|key| key.key.clone());
        self.does(
            who,
            Act::Submit {
                job: new.id.0,
                key: name,
            },
        );
        let now = self.doings[0].now;
        let queue = self.fleet.processes[who].queue.clone();
        let answer = self
            .perhaps(who, async || {
                queue.submit(Reach::All, &new, key.as_ref()).await
            })
            .await;
        let known = key.and_then(|key| {
            let held = self.ledger.keys.get(&key.key)?;
            (held.created_at + 86_400_000 > now)
                .then(|| (held.job(), held.body_sha256.clone(), key))
        });
        match (answer, known) {
            (None, _) => {}
            (Some(Ok(submitted)), None) => {
                let new_one = !submitted.replayed && submitted.job.id == new.id;
                self.expect(new_one, "a new job was answered with an old one");
            }
            (Some(Ok(submitted)), Some((job, ..))) => {
                self.ledger.meets("key replayed");
                let same = submitted.replayed && Some(submitted.job.id.0) == job;
                self.expect(
                    same,
                    &format!("a key of job {job:?} gave job {}", submitted.job.id),
                );
            }
            (Some(Err(Error::Store(StoreError::IdempotencyKeyReused))), Some((_, body, key))) => {
                self.ledger.meets("key refused");
                self.expect(
                    body != hex(&key),
                    "a key was refused with the body that it was used with",
                );
            }
            (Some(Err(Error::Store(StoreError::NoRoom { limit, .. }))), None) => {
                self.ledger.meets("no room");
                let limit = usize::try_from(limit).unwrap();
                let asked = 1 + many(&new.followers);
                let flying = self.ledger.in_flight(project);
                self.expect(
                    flying + asked > limit,
                    &format!("{asked} more than {flying} were refused, {limit} may fly"),
                );
            }
            (Some(Err(why)), _) => self.broken(&format!("submit: {why}")),
        }
    }

    pub(super) async fn claim(&mut self, who: usize) {
        let process = &self.fleet.processes[who];
        let (queue, worker, kinds) = (process.queue.clone(), process.worker, process.kinds);
        self.does(
            who,
            Act::Claim {
                worker: worker.0,
                kinds: kinds.to_vec(),
            },
        );
        let answer = self
            .perhaps(who, async || queue.claim(worker, kinds).await)
            .await;
        match answer {
            Some(Ok(Some(claimed))) => {
                self.note(&format!(
                    "job {} fence {}",
                    claimed.lease.job_id, claimed.lease.fence
                ));
                self.fleet.processes[who].held.push(claimed);
            }
            Some(Ok(None)) | None => {}
            Some(Err(why)) => self.broken(&format!("claim: {why}")),
        }
    }

    /// A lease that the process believes to hold.
    pub(super) fn held(&mut self, who: usize) -> Option<Claimed> {
        let held = &self.fleet.processes[who].held;
        let newest = held.len().checked_sub(1)?;
        let index = if self.dice.once_in(3) {
            self.dice.index(newest + 1)
        } else {
            newest
        };
        let held = &self.fleet.processes[who].held;
        held.get(index).cloned()
    }

    /// One that does such work.
    fn held_compress(&mut self, who: usize) -> Option<Claimed> {
        self.held(who)
            .filter(|claimed| claimed.record.job.kind == JobKind::Compress)
    }

    /// A write is accepted exactly when the lease is held.
    async fn write<T>(
        &mut self,
        who: usize,
        lease: Lease,
        verb: Verb,
        write: impl AsyncFn() -> Result<T>,
    ) -> Option<T> {
        let held = self.ledger.holds(&lease);
        self.does(who, Act::Write { lease, verb });
        match self.perhaps(who, write).await? {
            Ok(answer) => {
                self.expect(held, &format!("{verb:?} was accepted without a lease"));
                Some(answer)
            }
            Err(Error::StaleLease { .. }) => {
                self.expect(!held, &format!("{verb:?} was refused with a lease"));
                None
            }
            Err(why) => self.broken(&format!("{verb:?}: {why}")),
        }
    }

    pub(super) async fn progress(&mut self, who: usize) {
        let Some(Claimed { lease, .. }) = self.held(who) else {
            return;
        };
        // Rarely it names another worker's: no lease of anybody.
        let lease = Lease {
            worker_id: if self.dice.once_in(16) {
                WorkerId(self.id())
            } else {
                lease.worker_id
            },
            ..lease
        };
        let queue = self.fleet.processes[who].queue.clone();
        let fraction = f64::from(u32::try_from(self.dice.roll(100)).unwrap()) / 100.0;
        let phase = self
            .dice
            .pick(&[Phase::Loading, Phase::Compressing, Phase::Writing]);
        let beats = self.dice.once_in(2);
        let wished = self
            .ledger
            .jobs
            .get(&lease.job_id.0)
            .is_some_and(|life| life.row.cancel_requested == 1);
        let note = async || {
            if beats {
                queue.heartbeat(&lease).await
            } else {
                queue.progress(&lease, phase, fraction).await
            }
        };
        if let Some(beat) = self.write(who, lease, Verb::Note, note).await {
            self.expect(
                beat.cancel_requested == wished,
                "a worker was told wrong whether to stop",
            );
        }
    }

    /// What a worker would have made.
    pub(super) fn outcome(&mut self, claimed: &Claimed) -> Outcome {
        let job = &claimed.record.job;
        // Now and then the result is one that exists: the same digest made before.
        self.next_digest += u64::from(!self.dice.once_in(5));
        let revision = NewRevision {
            parent_id: Some(job.revision_id),
            recipe: job.recipe.clone(),
            job_id: Some(job.id),
            ..package(RevisionId(self.id()), job.model_id, self.next_digest)
        };
        Outcome::Compress {
            revision: Box::new(revision),
            report: Box::new(report()),
            measurements: vec![
                NewMeasurement::of("size_bytes", 300.0, "bytes"),
                NewMeasurement::of("weights_snr_worst", 31.5, "dB"),
            ],
        }
    }

    pub(super) async fn complete(&mut self, who: usize) {
        let Some(claimed) = self.held_compress(who) else {
            return;
        };
        let outcome = self.outcome(&claimed);
        self.completes(who, &claimed, &outcome).await;
    }

    async fn completes(&mut self, who: usize, claimed: &Claimed, outcome: &Outcome) {
        let (queue, lease) = (self.fleet.processes[who].queue.clone(), claimed.lease);
        let wished = self
            .ledger
            .jobs
            .get(&lease.job_id.0)
            .is_some_and(|life| life.row.cancel_requested == 1);
        let complete = async || queue.complete(&lease, outcome, &[]).await;
        if let Some(completed) = self.write(who, lease, Verb::Complete, complete).await {
            let cancelled = completed == Completed::Cancelled;
            self.expect(
                cancelled == wished,
                "a job was to stop or not, and its worker was told otherwise",
            );
        }
    }

    /// The answer to the first was lost, so the worker sends it again.
    pub(super) async fn complete_twice(&mut self, who: usize) {
        let Some(claimed) = self.held_compress(who) else {
            return;
        };
        let outcome = self.outcome(&claimed);
        self.completes(who, &claimed, &outcome).await;
        self.judge().await;
        self.completes(who, &claimed, &outcome).await;
    }

    pub(super) async fn fail(&mut self, who: usize) {
        let Some(Claimed { lease, .. }) = self.held(who) else {
            return;
        };
        let permanent = self.is_calm() || self.dice.once_in(6);
        let error = if permanent {
            JobError {
                code: Code::BadPackage,
                fault: Fault::User,
                retryable: false,
                ..service_error()
            }
        } else {
            service_error()
        };
        let queue = self.fleet.processes[who].queue.clone();
        self.write(who, lease, Verb::Fail, async || {
            queue.fail(&lease, error.clone(), &[]).await
        })
        .await;
    }

    pub(super) async fn release(&mut self, who: usize) {
        let Some(Claimed { lease, .. }) = self.held(who) else {
            return;
        };
        let queue = self.fleet.processes[who].queue.clone();
        self.write(who, lease, Verb::Release, async || {
            queue.release(&lease, &[]).await
        })
        .await;
    }

    pub(super) async fn run_timed_out(&mut self, who: usize) {
        let Some(Claimed { lease, .. }) = self.held(who) else {
            return;
        };
        let queue = self.fleet.processes[who].queue.clone();
        let state = self
            .write(who, lease, Verb::RunTimedOut, async || {
                queue.run_timed_out(&lease, &[]).await
            })
            .await;
        if let Some(state) = state {
            self.expect(
                matches!(state, JobState::Failed | JobState::Cancelled),
                "it ran too long, and goes on",
            );
        }
    }

    pub(super) async fn sweep(&mut self, who: usize) {
        self.does(who, Act::Sweep);
        let queue = self.fleet.processes[who].queue.clone();
        // Whoever dies in a sweep has done some of it: another does the rest before anybody looks.
        if let Some(Err(why)) = self.perhaps(who, async || queue.sweep().await).await {
            self.broken(&format!("sweep: {why}"));
        }
    }

    pub(super) async fn cancel(&mut self, who: usize) {
        if self.ledger.jobs.is_empty() {
            return;
        }
        let index = self.dice.index(self.ledger.jobs.len());
        let id = JobId(*self.ledger.jobs.keys().nth(index).unwrap());
        self.does(who, Act::Cancel { job: id.0 });
        let queue = self.fleet.processes[who].queue.clone();
        if let Some(Err(why)) = self
            .perhaps(who, async || queue.cancel(Reach::All, id).await)
            .await
        {
            self.broken(&format!("cancel: {why}"));
        }
    }
}

/// The body of a key as the history shows it.
pub(super) fn hex(key: &IdempotencyKey) -> String {
    key.body_sha256
        .to_string()
        .trim_start_matches("sha256:")
        .to_owned()
}
