//! `then`: what runs on the result of a job, once, and only when there is one.

use api::ids::JobId;
use api::jobs::{Follower, FollowerState, JobKind, JobState, WaitReason};
use api::page::PageRequest;
use coreanvil::queue::Completed;
use coreanvil::store::{JobFilter, Reach};

use super::world::{World, on_every_database, recipe, service_error};

fn follower(then: Vec<Follower>) -> Follower {
    Follower {
        kind: JobKind::Compress,
        recipe: Some(recipe()),
        priority: 1,
        state: FollowerState::Pending,
        job_id: None,
        then,
    }
}

/// A job that two others follow, one of which is followed in turn.
async fn chain(world: &World) -> JobId {
    let mut new = world.job_on(world.source().await.revision.id);
    new.followers = vec![follower(vec![follower(Vec::new())]), follower(Vec::new())];
    let submitted = world.queue.submit(Reach::All, &new, None).await.unwrap();
    assert_eq!(submitted.job.then, new.followers);
    assert_eq!(submitted.job.follows, None);
    new.id
}

#[test]
fn followers_run_on_the_result() {
    on_every_database(async |world| {
        let first = chain(&world).await;
        let claimed = world.claim().await.unwrap();
        let outcome = world.outcome(&claimed, 9);
        let completed = world
            .queue
            .complete(&claimed.lease, &outcome, &[])
            .await
            .unwrap();
        let Completed::Succeeded(inserted) = completed else {
            panic!("{completed:?}")
        };
        let job = world.store.job(Reach::All, first).await.unwrap().job;
        assert!(
            job.then
                .iter()
                .all(|follower| follower.state == FollowerState::Enqueued)
        );
        for (ordinal, listed) in job.then.iter().enumerate() {
            let next = world
                .queue
                .look(Reach::All, listed.job_id.unwrap())
                .await
                .unwrap();
            assert_eq!((next.follows, next.state), (Some(first), JobState::Queued));
            assert_eq!(next.revision_id, inserted.record.revision.id);
            assert_eq!(next.then.len(), 1 - ordinal);
            assert_eq!((next.priority, next.recipe), (1, Some(recipe())));
        }
        assert!(
            world
                .queue
                .complete(&claimed.lease, &outcome, &[])
                .await
                .is_err()
        );
        let again = world.store.job(Reach::All, first).await.unwrap().job;
        assert_eq!(again, job, "a second completion enqueues nothing");
        // The second level follows the second job.
        let claimed = world.claim().await.unwrap();
        assert_eq!(Some(claimed.lease.job_id), job.then[0].job_id);
        world
            .queue
            .complete(&claimed.lease, &world.outcome(&claimed, 10), &[])
            .await
            .unwrap();
        let second = world
            .store
            .job(Reach::All, claimed.lease.job_id)
            .await
            .unwrap()
            .job;
        let third = world
            .store
            .job(Reach::All, second.then[0].job_id.unwrap())
            .await
            .unwrap();
        assert_eq!(third.job.follows, Some(second.id));
    });
}

#[test]
fn nothing_follows_a_job_that_did_not_succeed() {
    on_every_database(async |world| {
        let mut new = world.job_on(world.source().await.revision.id);
        new.followers = vec![follower(vec![follower(Vec::new())])];
        for how in ["cancel", "fail", "expire"] {
            new.id = JobId(coreanvil::clock::Ids::uuid(&*world.ids));
            world.queue.submit(Reach::All, &new, None).await.unwrap();
            match how {
                "cancel" => {
                    world.queue.cancel(Reach::All, new.id).await.unwrap();
                }
                "fail" => {
                    let claimed = world.claim().await.unwrap();
                    let mut error = service_error();
                    error.retryable = false;
                    world.queue.fail(&claimed.lease, error, &[]).await.unwrap();
                }
                _ => {
                    world.clock.advance(86_400_000);
                    assert_eq!(world.queue.sweep().await.unwrap().expired, 1);
                }
            }
            let job = world.store.job(Reach::All, new.id).await.unwrap().job;
            assert!(job.state.is_final());
            let [follower] = &job.then[..] else {
                panic!("{job:?}")
            };
            assert_eq!(
                (follower.state, follower.job_id),
                (FollowerState::Dropped, None),
                "{how}"
            );
            assert_eq!(follower.then[0].state, FollowerState::Dropped, "{how}");
            assert!(world.claim().await.is_none(), "{how}");
        }
    });
}

#[test]
fn a_queued_job_says_why_it_waits() {
    on_every_database(async |world| {
        let source = world.source().await.revision.id;
        let first = world.submit(source).await;
        world.clock.advance(1);
        let second = world.submit(source).await;
        let why = async |id| world.queue.look(Reach::All, id).await.unwrap().waiting;
        let at = async |id| {
            let waiting = why(id).await.unwrap();
            (waiting.reason, waiting.position)
        };
        assert_eq!(at(first).await, (WaitReason::NoWorker, Some(1)));
        assert_eq!(at(second).await, (WaitReason::NoWorker, Some(2)));
        let worker = world.worker();
        world
            .store
            .worker_seen(world.now(), worker, &[JobKind::Benchmark])
            .await
            .unwrap();
        assert_eq!(at(first).await.0, WaitReason::UnsupportedKind);
        world
            .store
            .worker_seen(world.now(), worker, &[JobKind::Compress])
            .await
            .unwrap();
        assert_eq!(at(first).await.0, WaitReason::Ready);
        let listed = world
            .queue
            .list(Reach::All, JobFilter::default(), PageRequest::default())
            .await
            .unwrap();
        let reasons: Vec<_> = listed
            .items
            .iter()
            .map(|job| job.waiting.unwrap().reason)
            .collect();
        assert_eq!(reasons, [WaitReason::Ready; 2]);

        let claimed = world.claim().await.unwrap();
        assert_eq!(claimed.lease.job_id, first);
        assert_eq!(why(first).await, None, "it runs");
        world
            .queue
            .fail(&claimed.lease, service_error(), &[])
            .await
            .unwrap();
        let waiting = why(first).await.unwrap();
        assert_eq!(
            (waiting.reason, waiting.position),
            (WaitReason::Backoff, Some(2))
        );
        assert!(waiting.run_after.unwrap() > world.now());
        world.clock.advance(45_000);
        assert_eq!(
            at(second).await,
            (WaitReason::NoWorker, Some(1)),
            "silent for three signs"
        );
        world
            .store
            .workers_gone(Some(worker), world.now())
            .await
            .unwrap();
    });
}
