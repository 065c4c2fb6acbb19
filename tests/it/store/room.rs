//! Jobs in flight of a project: never more than the limit, however many submit at once, chains with all that is to follow.

use api::ids::{JobId, ProjectId, RevisionId};
use api::jobs::{Fault, Follower, FollowerState, JobKind};
use coreanvil::clock::Ids;
use coreanvil::queue::{Error as QueueError, Policy, Queue};
use coreanvil::store::{Error, Reach, Room, Store};
use futures::future::join_all;

use super::world::{World, on_every_database, recipe, service_error};

/// A server of its own on the world's database.
async fn server(world: &World, jobs_in_flight: u32) -> Queue {
    let policy = Policy {
        jobs_in_flight,
        ..Policy::default()
    };
    let store = Store::open(&world.url).await.unwrap();
    Queue::new(store, world.clock.clone(), world.ids.clone(), policy)
}

fn follower(then: Vec<Follower>) -> Follower {
    Follower {
        kind: JobKind::Compress,
        recipe: Some(recipe()),
        priority: 0,
        state: FollowerState::Pending,
        job_id: None,
        then,
    }
}

/// Submits a job with followers: its id and how many jobs are in flight then, or how many were before and were asked for.
async fn submit(
    world: &World,
    queue: &Queue,
    revision: RevisionId,
    followers: Vec<Follower>,
) -> Result<(JobId, u32), (u32, u32)> {
    let mut new = world.job_on(revision);
    new.followers = followers;
    match queue.submit(Reach::All, &new, None).await {
        Ok(submitted) => Ok((new.id, submitted.room.unwrap().in_flight)),
        Err(QueueError::Store(Error::NoRoom {
            in_flight, asked, ..
        })) => Err((in_flight, asked)),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn concurrent_submissions_never_exceed_the_limit() {
    // 4,003 is where one begins to be alone.
    for (limit, accepted) in [(5, 5), (4_003, 48)] {
        on_every_database(async |world| {
            let revision = world.source().await.revision.id;
            let servers = join_all((0..4).map(|_| server(&world, limit))).await;
            let submitted = join_all(servers.iter().flat_map(|queue| {
                (0..12).map(|_| async { submit(&world, queue, revision, Vec::new()).await })
            }))
            .await;
            let (done, refused): (Vec<_>, Vec<_>) = submitted.into_iter().partition(Result::is_ok);
            assert_eq!(done.len(), accepted, "{limit}");
            assert!(
                refused.iter().all(|one| *one == Err((limit, 1))),
                "{refused:?}"
            );
            let queued = world.store.job_counts().await.unwrap()[0].2;
            assert_eq!(queued, u64::try_from(accepted).unwrap());
        });
    }
}

#[test]
fn a_chain_counts_with_all_that_follows_and_what_ends_makes_room() {
    on_every_database(async |world| {
        let revision = world.source().await.revision.id;
        let queue = server(&world, 5).await;
        let chain = || vec![follower(vec![follower(Vec::new())]), follower(Vec::new())];
        assert_eq!(
            submit(&world, &queue, revision, chain()).await.unwrap().1,
            4
        );
        assert_eq!(
            submit(&world, &queue, revision, chain()).await,
            Err((4, 4)),
            "whole or not at all"
        );
        let (second, in_flight) = submit(&world, &queue, revision, Vec::new()).await.unwrap();
        assert_eq!(in_flight, 5);
        assert_eq!(
            submit(&world, &queue, revision, Vec::new()).await,
            Err((5, 1))
        );
        // One that runs is in flight too; one that is cancelled is not.
        let claimed = world.claim().await.unwrap();
        assert_eq!(
            submit(&world, &queue, revision, Vec::new()).await,
            Err((5, 1))
        );
        queue.cancel(Reach::All, second).await.unwrap();
        assert_eq!(
            submit(&world, &queue, revision, Vec::new())
                .await
                .unwrap()
                .1,
            5
        );
        // What follows takes the places that were kept for it, and the one that ended leaves its own.
        let outcome = world.outcome(&claimed, 9);
        queue.complete(&claimed.lease, &outcome, &[]).await.unwrap();
        assert_eq!(
            submit(&world, &queue, revision, Vec::new())
                .await
                .unwrap()
                .1,
            5
        );
        // The first follower fails: what was to follow it will never run.
        let mut next = world.claim().await.unwrap();
        while next.record.job.then.is_empty() {
            next = world.claim().await.unwrap();
        }
        let mut error = service_error();
        (error.fault, error.retryable) = (Fault::User, false);
        queue.fail(&next.lease, error, &[]).await.unwrap();
        assert_eq!(
            submit(&world, &queue, revision, Vec::new())
                .await
                .unwrap()
                .1,
            4
        );
    });
}

#[test]
fn projects_have_room_of_their_own() {
    on_every_database(async |world| {
        let revision = world.source().await.revision.id;
        let queue = server(&world, 1).await;
        submit(&world, &queue, revision, Vec::new()).await.unwrap();
        let id = ProjectId(world.ids.uuid());
        let name = "other".parse().unwrap();
        let other = world.store.ensure_project(world.now(), id, &name).await;
        let name = "net".parse().unwrap();
        let id = api::ids::ModelId(world.ids.uuid());
        let other = other.unwrap().id;
        let model = world.store.create_model(world.now(), id, other, &name, "");
        let model = model.await.unwrap().model;
        let there = world.revision(model.id, 2).await.revision.id;
        assert_eq!(
            submit(&world, &queue, there, Vec::new()).await.unwrap().1,
            1
        );
        assert_eq!(
            submit(&world, &queue, revision, Vec::new()).await,
            Err((1, 1))
        );
        let room = Room {
            limit: 3,
            in_flight: 4,
        };
        assert_eq!(room.left(), 0);
    });
}
