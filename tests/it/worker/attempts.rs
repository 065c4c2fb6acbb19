//! What ends an attempt from outside: the lease is lost, the job is cancelled, the process ends. And what does not: a busy
//! machine.

use std::sync::Arc;

use api::ids::{Fence, JobId};
use api::jobs::{Attempt, AttemptState, JobState};
use api::page::PageRequest;
use coreanvil::clock::{ManualClock, SystemClock};
use coreanvil::queue::{Policy, Queue};
use coreanvil::store::{Reach, RevisionFilter};
use coreanvil::worker::Board;

use super::bench::Bench;
use crate::store::world::{World, on_every_database};

async fn job(world: &World, id: JobId) -> (JobState, u32) {
    let record = world.store.job(Reach::All, id).await.unwrap();
    (record.job.state, record.failures)
}

async fn only_attempt(world: &World, id: JobId) -> Attempt {
    let attempts = world.store.attempts(id).await.unwrap();
    assert_eq!(attempts.len(), 1);
    attempts.into_iter().next().unwrap()
}

async fn revisions(world: &World) -> usize {
    let any = RevisionFilter::default();
    let page = world
        .store
        .revisions(Reach::All, &any, PageRequest::default());
    page.await.unwrap().items.len()
}

/// Lets others run until something is so.
async fn until(so: impl AsyncFn() -> bool) {
    while !so().await {
        tokio::task::yield_now().await;
    }
}

/// A bench whose first job has begun: the worker's task, the job, and the board of its work.
async fn begun(world: &World, bench: &mut Bench) -> (tokio::task::JoinSet<()>, JobId, Arc<Board>) {
    let mut working = tokio::task::JoinSet::new();
    working.spawn(bench.work());
    let new = world.job_on(world.source().await.revision.id);
    let queue = &bench.app.queue;
    queue.submit(Reach::All, &new, None).await.unwrap();
    let (claimed, board) = bench.begun.recv().await.unwrap();
    assert_eq!(claimed.lease.job_id, new.id);
    (working, new.id, board)
}

async fn stop(bench: &Bench, working: tokio::task::JoinSet<()>) {
    bench.app.stopping.cancel();
    working.join_all().await;
}

#[test]
fn an_attempt_that_works_out_leaves_its_log() {
    on_every_database(async |world| {
        let mut bench = Bench::new(&world, world.clock.clone(), Policy::default());
        let (working, id, _) = begun(&world, &mut bench).await;
        bench.go_on.notify_one();
        until(async || job(&world, id).await.0.is_final()).await;
        stop(&bench, working).await;
        assert_eq!(job(&world, id).await, (JobState::Succeeded, 0));
        let lines = world.store.attempt_lines(id, Fence(1)).await.unwrap();
        let lines: Vec<_> = lines.iter().map(|line| line.message.as_str()).collect();
        assert_eq!(lines, ["attempt 1 begins", "the hands are at work"]);

        let keep_ms = u64::try_from(Policy::default().keep_ms).unwrap();
        world.clock.advance(keep_ms - 60_000);
        assert_eq!(world.queue.sweep().await.unwrap().pruned, 0);
        world.clock.advance(60_000);
        assert_eq!(world.queue.sweep().await.unwrap().pruned, 1);
        assert_eq!(world.queue.sweep().await.unwrap().pruned, 0);
        assert_eq!(world.store.attempt_lines(id, Fence(1)).await.unwrap(), []);
        assert_eq!(world.store.job_events(id, 0, 10).await.unwrap(), []);
        assert_eq!(job(&world, id).await, (JobState::Succeeded, 0));
    });
}

#[test]
fn a_lease_lost_in_the_middle_stops_the_work_and_nothing_is_written() {
    on_every_database(async |world| {
        let mut bench = Bench::new(&world, world.clock.clone(), Policy::default());
        let (working, id, board) = begun(&world, &mut bench).await;
        // Somebody whose clock is ahead takes the lease away.
        let ahead = Arc::new(ManualClock::new(world.now().plus_ms(3_000_000)));
        let ids = world.ids.clone();
        let elsewhere = Queue::new(world.store.clone(), ahead, ids, Policy::default());
        assert_eq!(elsewhere.sweep().await.unwrap().lost, 1);
        let worker = coreanvil::clock::Ids::uuid(&*world.ids);
        let kinds = [api::jobs::JobKind::Compress];
        // A beat of the first worker may hold the row for a moment, and a claim passes over what is locked.
        let second = loop {
            let claimed = elsewhere.claim(api::ids::WorkerId(worker), &kinds).await;
            if let Some(claimed) = claimed.unwrap() {
                break claimed;
            }
        };
        let before = world.store.job(Reach::All, id).await.unwrap();
        // Nobody tells the worker: it sees it when it looks, in a second at the latest.
        while !board.stopped() {
            world.clock.advance(100);
            tokio::task::yield_now().await;
        }
        stop(&bench, working).await;
        let after = world.store.job(Reach::All, id).await.unwrap();
        assert_eq!(
            (after.job.state, after.job.attempts),
            (JobState::Running, 2)
        );
        assert_eq!(
            (after.job.result, after.run_after),
            (None, before.run_after)
        );
        assert_eq!(revisions(&world).await, 1, "only the source");
        let attempts = world.store.attempts(id).await.unwrap();
        assert_eq!(
            (attempts[0].state, attempts[1].state),
            (AttemptState::Lost, AttemptState::Leased)
        );
        assert_eq!(attempts[1].id, second.lease.attempt_id);
    });
}

#[test]
fn a_cancelled_job_stops_its_work() {
    on_every_database(async |world| {
        let mut bench = Bench::new(&world, world.clock.clone(), Policy::default());
        let (working, id, _) = begun(&world, &mut bench).await;
        bench.app.queue.cancel(Reach::All, id).await.unwrap();
        until(async || job(&world, id).await.0.is_final()).await;
        assert_eq!(job(&world, id).await, (JobState::Cancelled, 0));
        assert_eq!(
            only_attempt(&world, id).await.state,
            AttemptState::Cancelled
        );
        assert_eq!(revisions(&world).await, 1, "what it made is not kept");
        stop(&bench, working).await;
    });
}

#[test]
fn a_process_that_ends_hands_its_job_back_free_of_charge() {
    on_every_database(async |world| {
        let mut bench = Bench::new(&world, world.clock.clone(), Policy::default());
        let (working, id, _) = begun(&world, &mut bench).await;
        stop(&bench, working).await;
        let record = world.store.job(Reach::All, id).await.unwrap();
        assert_eq!(
            (record.job.state, record.failures, record.losses),
            (JobState::Queued, 0, 0)
        );
        assert!(record.run_after <= world.now(), "no pause");
        assert_eq!(
            only_attempt(&world, id).await.state,
            AttemptState::Cancelled
        );
        assert!(world.claim().await.is_some());
    });
}

#[test]
fn a_lease_is_renewed_while_every_thread_of_the_runtime_is_busy() {
    on_every_database(async |world| {
        let policy = Policy {
            renew_ms: 200,
            ..Policy::default()
        };
        // The worker lives in a runtime of its own, whose only thread is blocked once the work has begun.
        let busy = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let store = {
            let url = world.url.clone();
            let opened = busy.spawn(async move { coreanvil::store::Store::open(&url).await });
            opened.await.unwrap().unwrap()
        };
        // Its database connections are served there too, as in a process.
        let mut bench = Bench::on(&world, store, Arc::new(SystemClock::new()), policy);
        let new = world.job_on(world.source().await.revision.id);
        let submitted = new.id;
        bench
            .app
            .queue
            .submit(Reach::All, &new, None)
            .await
            .unwrap();
        let working = busy.spawn(bench.work());
        let (claimed, _) = bench.begun.recv().await.unwrap();
        assert_eq!(claimed.lease.job_id, submitted);
        let (unblock, blocked) = std::sync::mpsc::channel::<()>();
        let blocking = busy.spawn(async move { blocked.recv().is_ok() });
        let first = only_attempt(&world, submitted).await.heartbeat_at;
        let mut beats = std::collections::BTreeSet::from([first]);
        while beats.len() < 4 {
            beats.insert(only_attempt(&world, submitted).await.heartbeat_at);
            tokio::task::yield_now().await;
        }
        drop(unblock);
        blocking.await.unwrap();
        bench.app.stopping.cancel();
        working.await.unwrap();
        busy.shutdown_background();
    });
}
