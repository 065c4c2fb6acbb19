//! One storm: who does what, in an order that the seed draws, and what must hold after each step.

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::task::Poll;

use api::ids::{JobId, WorkerId};
use api::jobs::{Attempt, Fault, Job, JobError, JobKind, JobResult, JobState, Phase};
use api::page::PageRequest;
use api::revisions::Revision;
use coreanvil::queue::{Claimed, Error, Lease, Result};
use coreanvil::store::{Reach, RevisionFilter};

use crate::store::world::{World, service_error};

const STEPS: u32 = 250;
const WORKERS: usize = 4;

/// Numbers from a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

/// A worker process: what it believes to hold. Leases it lost without knowing are still here.
struct Worker {
    id: WorkerId,
    held: Vec<Claimed>,
}

pub(super) struct Storm<'a> {
    world: &'a World,
    source: &'a Revision,
    seed: u64,
    dice: Dice,
    workers: Vec<Worker>,
    /// Jobs that were accepted, and how they ended once they did.
    jobs: BTreeMap<JobId, Option<Job>>,
    /// Highest progress seen, by job and fence.
    progress: BTreeMap<(JobId, u32), f64>,
    next_digest: u64,
    /// Whether the last write died: it may still be under way.
    died: bool,
}

impl<'a> Storm<'a> {
    pub(super) fn new(world: &'a World, source: &'a Revision, seed: u64) -> Self {
        let workers = (0..WORKERS)
            .map(|_| Worker {
                id: world.worker(),
                held: Vec::new(),
            })
            .collect();
        Self {
            world,
            source,
            seed,
            dice: Dice(seed),
            workers,
            jobs: BTreeMap::new(),
            progress: BTreeMap::new(),
            next_digest: seed * 100_000,
            died: false,
        }
    }

    /// Everything that can happen, happens.
    pub(super) async fn rage(&mut self) {
        for step in 0..STEPS {
            let doing = self.step().await;
            self.check_now(step, doing).await;
        }
    }

    async fn step(&mut self) -> &'static str {
        let worker = usize::try_from(self.dice.roll(4)).unwrap();
        match self.dice.roll(20) {
            0..=2 => self.submit().await,
            3..=6 => self.claim(worker).await,
            7..=9 => self.progress(worker).await,
            10..=11 => self.finish(worker).await,
            12 => self.finish_twice(worker).await,
            13 => self.fail(worker).await,
            14 => self.release(worker).await,
            15 => self.crash(worker),
            16 => self.sweep().await,
            17 => self.cancel().await,
            18 => {
                self.world.clock.advance(self.dice.roll(20_000));
                "time passes"
            }
            _ => {
                self.world.clock.advance(self.dice.roll(200_000));
                "a pause"
            }
        }
    }

    /// Runs the write, or dies in the middle of it: the write may have happened all the same, but nobody was told.
    async fn perhaps<T>(&mut self, write: impl Future<Output = Result<T>>) -> Option<Result<T>> {
        let polls = if self.dice.roll(6) == 0 {
            self.dice.roll(12)
        } else {
            u64::MAX
        };
        let mut left = polls;
        // Dropped at the end of this block at the latest: only then has it died.
        let mut write = Box::pin(write);
        let outcome = poll_fn(|context| {
            if left == 0 {
                return Poll::Ready(None);
            }
            left -= 1;
            write.as_mut().poll(context).map(Some)
        })
        .await;
        drop(write);
        self.died = outcome.is_none();
        self.settle().await;
        outcome
    }

    /// Waits until a write that died has happened or not.
    async fn settle(&mut self) {
        if std::mem::take(&mut self.died) {
            self.world
                .settle(self.source.model_id, &self.open_jobs())
                .await;
        }
    }

    /// Jobs whose end was not seen yet.
    fn open_jobs(&self) -> Vec<JobId> {
        self.jobs
            .iter()
            .filter(|(_, end)| end.is_none())
            .map(|(id, _)| *id)
            .collect()
    }

    async fn submit(&mut self) -> &'static str {
        let mut new = self.world.job_on(self.source.id);
        new.priority = i32::try_from(self.dice.roll(3)).unwrap();
        let world = self.world;
        match self
            .perhaps(world.queue.submit(Reach::All, &new, None))
            .await
        {
            Some(submitted) => {
                self.jobs.insert(submitted.unwrap().job.id, None);
            }
            // Whoever asked was not told; if it was accepted it has to end as well.
            None => {
                if world.store.job(Reach::All, new.id).await.is_ok() {
                    self.jobs.insert(new.id, None);
                }
            }
        }
        "submit"
    }

    async fn claim(&mut self, worker: usize) -> &'static str {
        let (world, id) = (self.world, self.workers[worker].id);
        let claimed = self
            .perhaps(world.queue.claim(id, &[JobKind::Compress]))
            .await;
        if let Some(claimed) = claimed.and_then(Result::unwrap) {
            self.workers[worker].held.push(claimed);
        }
        "claim"
    }

    /// A lease that the worker believes to hold, and whether it does.
    async fn pick(&mut self, worker: usize) -> Option<(Claimed, bool)> {
        let count = u64::try_from(self.workers[worker].held.len()).unwrap();
        if count == 0 {
            return None;
        }
        let index = usize::try_from(self.dice.roll(count)).unwrap();
        let claimed = self.workers[worker].held[index].clone();
        let held = self.holds(&claimed.lease).await;
        Some((claimed, held))
    }

    async fn holds(&self, lease: &Lease) -> bool {
        let attempts = self.world.store.attempts(lease.job_id).await.unwrap();
        attempts
            .iter()
            .any(|attempt| attempt.id == lease.attempt_id && attempt.ended_at.is_none())
    }

    /// A write is accepted exactly when the lease is held.
    fn expect<T: std::fmt::Debug>(&self, held: bool, outcome: Option<&Result<T>>, what: &str) {
        match outcome {
            None => {}
            Some(Ok(_)) => assert!(
                held,
                "seed {}: {what} was accepted without a lease",
                self.seed
            ),
            Some(Err(Error::StaleLease { .. })) => {
                assert!(!held, "seed {}: {what} was refused with a lease", self.seed);
            }
            Some(Err(other)) => panic!("seed {}: {what}: {other}", self.seed),
        }
    }

    async fn progress(&mut self, worker: usize) -> &'static str {
        let Some((claimed, held)) = self.pick(worker).await else {
            return "nothing";
        };
        let (world, lease) = (self.world, claimed.lease);
        let fraction = f64::from(u32::try_from(self.dice.roll(100)).unwrap()) / 100.0;
        let beat = if self.dice.roll(2) == 0 {
            self.perhaps(world.queue.heartbeat(&lease)).await
        } else {
            self.perhaps(world.queue.progress(&lease, Phase::Compressing, fraction))
                .await
        };
        self.expect(held, beat.as_ref(), "progress");
        "progress"
    }

    async fn finish(&mut self, worker: usize) -> &'static str {
        let Some((claimed, held)) = self.pick(worker).await else {
            return "nothing";
        };
        // Now and then the result is one that exists: the same digest made before.
        self.next_digest += u64::from(self.dice.roll(4) != 0);
        let outcome = self.world.outcome(&claimed, self.next_digest);
        let world = self.world;
        let completed = self
            .perhaps(world.queue.complete(&claimed.lease, &outcome))
            .await;
        self.expect(held, completed.as_ref(), "complete");
        "complete"
    }

    /// The answer to the first was lost, so the worker sends it again.
    async fn finish_twice(&mut self, worker: usize) -> &'static str {
        let Some((claimed, held)) = self.pick(worker).await else {
            return "nothing";
        };
        self.next_digest += 1;
        let outcome = self.world.outcome(&claimed, self.next_digest);
        let first = Some(self.world.queue.complete(&claimed.lease, &outcome).await);
        self.expect(held, first.as_ref(), "complete");
        let second = Some(self.world.queue.complete(&claimed.lease, &outcome).await);
        self.expect(false, second.as_ref(), "second complete");
        "complete twice"
    }

    async fn fail(&mut self, worker: usize) -> &'static str {
        let Some((claimed, held)) = self.pick(worker).await else {
            return "nothing";
        };
        let error = match self.dice.roll(3) {
            0 => JobError {
                fault: Fault::User,
                retryable: false,
                ..service_error()
            },
            _ => service_error(),
        };
        let world = self.world;
        let failed = self.perhaps(world.queue.fail(&claimed.lease, error)).await;
        self.expect(held, failed.as_ref(), "fail");
        "fail"
    }

    async fn release(&mut self, worker: usize) -> &'static str {
        let Some((claimed, held)) = self.pick(worker).await else {
            return "nothing";
        };
        let world = self.world;
        let released = self.perhaps(world.queue.release(&claimed.lease)).await;
        self.expect(held, released.as_ref(), "release");
        "release"
    }

    /// The process dies and another starts: it knows nothing of what its predecessor held.
    fn crash(&mut self, worker: usize) -> &'static str {
        self.workers[worker] = Worker {
            id: self.world.worker(),
            held: Vec::new(),
        };
        "crash"
    }

    async fn sweep(&mut self) -> &'static str {
        let queue = &self.world.queue;
        if self.dice.roll(2) == 0 {
            let (first, second) = tokio::join!(queue.sweep(), queue.sweep());
            first.unwrap();
            second.unwrap();
        } else {
            let _died = self.perhaps(self.world.queue.sweep()).await;
        }
        "sweep"
    }

    async fn cancel(&mut self) -> &'static str {
        let count = u64::try_from(self.jobs.len()).unwrap();
        if count == 0 {
            return "nothing";
        }
        let index = usize::try_from(self.dice.roll(count)).unwrap();
        let id = *self.jobs.keys().nth(index).unwrap();
        let world = self.world;
        if let Some(cancelled) = self.perhaps(world.queue.cancel(Reach::All, id)).await {
            cancelled.unwrap();
        }
        "cancel"
    }

    /// The storm is over: one worker, nothing fails any more, time goes on. Everything must come to its end.
    pub(super) async fn calm(&mut self) {
        let worker = self.world.worker();
        for _ in 0..10_000 {
            self.world.queue.sweep().await.unwrap();
            while let Some(claimed) = self
                .world
                .queue
                .claim(worker, &[JobKind::Compress])
                .await
                .unwrap()
            {
                self.next_digest += 1;
                self.world
                    .queue
                    .complete(
                        &claimed.lease,
                        &self.world.outcome(&claimed, self.next_digest),
                    )
                    .await
                    .unwrap();
            }
            if self.unfinished().await == 0 {
                return;
            }
            self.world.clock.advance(60_000);
        }
        panic!("seed {}: some jobs never end", self.seed);
    }

    async fn unfinished(&self) -> usize {
        let counts = self.world.store.job_counts().await.unwrap();
        counts
            .iter()
            .filter(|(_, state, _)| !state.is_final())
            .count()
    }

    /// What must hold at every moment: of the jobs that are under way, and of one that has ended.
    async fn check_now(&mut self, step: u32, doing: &str) {
        let place = format!("seed {} step {step} ({doing})", self.seed);
        let mut ids = self.open_jobs();
        let ended = self.jobs.len() - ids.len();
        if let Ok(sides @ 1..) = u64::try_from(ended) {
            let index = usize::try_from(self.dice.roll(sides)).unwrap();
            ids.extend(
                self.jobs
                    .iter()
                    .filter(|(_, end)| end.is_some())
                    .map(|(id, _)| *id)
                    .nth(index),
            );
        }
        for id in ids {
            self.check_job(id, &place).await;
        }
    }

    async fn check_job(&mut self, id: JobId, place: &str) {
        let job = self.world.store.job(Reach::All, id).await.unwrap().job;
        let attempts = self.world.store.attempts(id).await.unwrap();
        check_attempts(&job, &attempts, place);
        if let Some(leased) = attempts.iter().find(|attempt| attempt.ended_at.is_none()) {
            let highest = self.progress.entry((id, leased.fence.0)).or_insert(0.0);
            assert!(leased.progress >= *highest, "{place}: progress went back");
            *highest = leased.progress;
        }
        let end = self.jobs.get_mut(&id).unwrap();
        match end {
            Some(end) => assert_eq!(*end, job, "{place}: a finished job changed"),
            None if job.state.is_final() => *end = Some(job),
            None => {}
        }
    }

    /// What must hold in the end: each job one end in its events, each result there, nothing else there.
    pub(super) async fn check_the_end(&mut self) {
        let ids: Vec<JobId> = self.jobs.keys().copied().collect();
        for id in ids {
            self.check_job(id, &format!("seed {} in the end", self.seed))
                .await;
        }
        let mut made = BTreeSet::new();
        for (id, end) in &self.jobs {
            let job = end
                .as_ref()
                .unwrap_or_else(|| panic!("seed {}: {id} has not ended", self.seed));
            let events = self.world.store.job_events(*id, 0, 10_000).await.unwrap();
            let ends = ["succeeded", "failed", "cancelled"];
            let ended = events
                .iter()
                .filter(|event| ends.contains(&event.kind.as_str()))
                .count();
            assert_eq!(ended, 1, "seed {}: {id} ended {ended} times", self.seed);
            let numbers = events.iter().map(|event| event.seq);
            assert!(
                numbers.eq(1..=u64::try_from(events.len()).unwrap()),
                "seed {}: events of {id}",
                self.seed
            );
            if let Some(JobResult::Compress(result)) = &job.result {
                let revision = self
                    .world
                    .store
                    .revision(Reach::All, result.revision_id)
                    .await
                    .unwrap()
                    .revision;
                if revision.job_id == Some(*id) {
                    made.insert(revision.id);
                }
            }
        }
        for revision in self.all_revisions().await {
            if revision
                .job_id
                .is_some_and(|id| self.jobs.contains_key(&id))
            {
                assert!(
                    made.contains(&revision.id),
                    "seed {}: {} belongs to no result",
                    self.seed,
                    revision.id
                );
            }
        }
    }

    async fn all_revisions(&self) -> Vec<Revision> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let page = PageRequest { limit: 200, after };
            let page = self
                .world
                .store
                .revisions(Reach::All, &RevisionFilter::default(), page)
                .await
                .unwrap();
            all.extend(page.items);
            match page.next_cursor {
                Some(cursor) => after = Some(cursor.parse().unwrap()),
                None => return all,
            }
        }
    }
}

/// One lease at most, held exactly while the job runs; fences 1, 2, 3, …; only the last can have succeeded.
fn check_attempts(job: &Job, attempts: &[Attempt], place: &str) {
    let leased = attempts
        .iter()
        .filter(|attempt| attempt.ended_at.is_none())
        .count();
    assert_eq!(
        leased,
        usize::from(job.state == JobState::Running),
        "{place}: leases of {}",
        job.id
    );
    assert!(
        attempts
            .iter()
            .map(|attempt| attempt.fence.0)
            .eq(1..=job.attempts),
        "{place}: fences of {}",
        job.id
    );
    let succeeded = attempts
        .iter()
        .filter(|attempt| attempt.state == api::jobs::AttemptState::Succeeded)
        .count();
    assert_eq!(
        succeeded,
        usize::from(job.state == JobState::Succeeded),
        "{place}: {}",
        job.id
    );
}
