//! Whose turn it is among projects, how many may run at once, and who is woken.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::ids::{ModelId, ProjectId, RevisionId};
use api::jobs::{JobKind, JobState, WaitReason};
use coreanvil::clock::Ids;
use coreanvil::queue::{Policy, Queue};
use coreanvil::store::{Reach, Store};
use futures::future::{join_all, poll_fn};

use super::world::{World, on_every_database};

/// A revision in a project of that name.
async fn revision_in(world: &World, project: &str) -> RevisionId {
    let (id, name) = (ProjectId(world.ids.uuid()), project.parse().unwrap());
    let project = world
        .store
        .ensure_project(world.now(), id, &name)
        .await
        .unwrap();
    let id = ModelId(world.ids.uuid());
    let name = "net".parse().unwrap();
    let model = world
        .store
        .create_model(world.now(), id, project.id, &name, "");
    let model = model.await.unwrap().model;
    world.revision(model.id, 1).await.revision.id
}

#[test]
fn the_project_with_the_fewest_running_jobs_goes_first() {
    on_every_database(async |world| {
        let (busy, quiet) = (
            revision_in(&world, "busy").await,
            revision_in(&world, "quiet").await,
        );
        for _ in 0..4 {
            world.submit(busy).await;
        }
        world.clock.advance(1_000);
        for _ in 0..2 {
            world.submit(quiet).await;
        }
        let mut urgent = world.job_on(busy);
        urgent.priority = 1;
        world.queue.submit(Reach::All, &urgent, None).await.unwrap();
        let mut turns = Vec::new();
        while let Some(claimed) = world.claim().await {
            turns.push(if claimed.record.job.revision_id == busy {
                "busy"
            } else {
                "quiet"
            });
        }
        // The urgent one, then whoever has fewer running (at first quiet: 0 to 1), the older where both have as many.
        assert_eq!(
            turns,
            ["busy", "quiet", "busy", "quiet", "busy", "busy", "busy"]
        );
    });
}

#[test]
fn no_more_than_the_limit_run_in_a_project_however_many_claim() {
    on_every_database(async |world| {
        let policy = Policy {
            running_per_project: 2,
            ..Policy::default()
        };
        let first = revision_in(&world, "first").await;
        let second = revision_in(&world, "second").await;
        for revision in [first, second].repeat(6) {
            world.submit(revision).await;
        }
        let queues = join_all((0..4).map(|_| async {
            let store = Store::open(&world.url).await.unwrap();
            Queue::new(
                store,
                world.clock.clone(),
                world.ids.clone(),
                policy.clone(),
            )
        }))
        .await;
        let claims = join_all(queues.iter().flat_map(|queue| {
            (0..4).map(async |_| {
                let mut claimed = Vec::new();
                for _ in 0..4 {
                    let one = queue.claim(world.worker(), &[JobKind::Compress]).await;
                    claimed.extend(one.unwrap());
                }
                claimed
            })
        }))
        .await;
        let claimed: Vec<_> = claims.into_iter().flatten().collect();
        let mut running: Vec<_> = claimed.iter().map(|c| c.record.project_id).collect();
        running.sort();
        assert_eq!(running.len(), 4, "two of each project");
        assert_eq!(running.iter().collect::<BTreeSet<_>>().len(), 2);
        let waiting = world.submit(first).await;
        let job = queues[0].look(Reach::All, waiting).await.unwrap();
        assert_eq!(job.waiting.unwrap().reason, WaitReason::ProjectLimit);
        queues[0].release(&claimed[0].lease, &[]).await.unwrap();
        let next = queues[0]
            .claim(world.worker(), &[JobKind::Compress])
            .await
            .unwrap();
        assert_eq!(
            next.unwrap().record.project_id,
            claimed[0].record.project_id
        );
        for queue in queues {
            queue.close().await;
        }
    });
}

/// Runs the future beside the others; none of them ends by itself.
async fn beside<T>(
    work: impl Future<Output = T>,
    others: Vec<&mut (dyn Future<Output = ()> + Unpin)>,
) -> T {
    let mut work = Box::pin(work);
    let mut others = others;
    poll_fn(|context| {
        for other in &mut others {
            let _pending = std::pin::Pin::new(&mut **other).poll(context);
        }
        work.as_mut().poll(context)
    })
    .await
}

#[test]
fn processes_on_one_postgres_wake_each_other() {
    on_every_database(async |world| {
        let open = async || {
            let store = Store::open(&world.url).await.unwrap();
            // The clock stands still: nobody wakes because of the time.
            Arc::new(Queue::new(
                store,
                world.clock.clone(),
                world.ids.clone(),
                Policy::default(),
            ))
        };
        let (server, worker) = (open().await, open().await);
        let revision = revision_in(&world, "default").await;
        if world.store.dialect() == "sqlite" {
            server.hear_others(true).await;
            return;
        }
        let mut tells = [
            Box::pin(server.tell_others()),
            Box::pin(worker.tell_others()),
        ];
        let mut hears = [
            Box::pin(server.hear_others(true)),
            Box::pin(worker.hear_others(false)),
        ];
        let [server_tells, worker_tells] = &mut tells;
        let [server_hears, worker_hears] = &mut hears;
        let story = async {
            // The first message of each listener is its greeting: after that it hears.
            let mut told = Box::pin(worker.wait_for_work());
            let new = world.job_on(revision);
            server.submit(Reach::All, &new, None).await.unwrap();
            (&mut told).await;
            let claimed = worker
                .claim(world.worker(), &[JobKind::Compress])
                .await
                .unwrap()
                .unwrap();
            assert_eq!(claimed.lease.job_id, new.id);
            // Who waits at the server hears of what the worker does.
            let waits =
                server.wait_for_change(Reach::All, new.id, Some(JobState::Running), 1 << 40);
            worker.release(&claimed.lease, &[]).await.unwrap();
            // Messages keep their distance: time has to pass between two of them.
            let passes = async {
                loop {
                    world.clock.advance(10);
                    tokio::task::yield_now().await;
                }
            };
            let seen = tokio::select! {
                seen = waits => seen,
                () = passes => unreachable!("time has no end"),
            };
            assert_eq!(seen.unwrap().state, JobState::Queued);
        };
        beside(
            story,
            vec![server_tells, worker_tells, server_hears, worker_hears],
        )
        .await;
        drop((tells, hears));
        server.close().await;
        worker.close().await;
    });
}
