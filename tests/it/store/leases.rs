//! The life of a job: claimed, renewed, ended; lost, tried again, given up; stopped.

use api::ids::{Fence, JobId};
use api::jobs::{AttemptState, Fault, JobError, JobKind, JobResult, JobState, Phase};
use api::problem::Code;
use coreanvil::queue::{Completed, Error, StopReason, Swept};
use coreanvil::store::Reach;

use super::world::{World, on_every_database, report, service_error};

pub(super) async fn state(world: &World, id: JobId) -> JobState {
    world.store.job(Reach::All, id).await.unwrap().job.state
}

pub(super) async fn attempts(world: &World, id: JobId) -> Vec<AttemptState> {
    world
        .store
        .attempts(id)
        .await
        .unwrap()
        .iter()
        .map(|attempt| attempt.state)
        .collect()
}

pub(super) async fn events(world: &World, id: JobId) -> Vec<String> {
    let events = world.store.job_events(id, 0, 100).await.unwrap();
    assert!(
        events
            .iter()
            .map(|event| event.seq)
            .eq(1..=u64::try_from(events.len()).unwrap()),
        "{events:?}"
    );
    events.into_iter().map(|event| event.kind).collect()
}

#[test]
fn a_job_that_works_out() {
    on_every_database(async |world| {
        let source = world.source().await.revision;
        let id = world.submit(source.id).await;
        assert_eq!(state(&world, id).await, JobState::Queued);
        let claimed = world.claim().await.unwrap();
        assert_eq!((claimed.lease.job_id, claimed.lease.fence), (id, Fence(1)));
        assert!(world.claim().await.is_none(), "nobody else gets it");

        world.clock.advance(50_000);
        let beat = world
            .queue
            .progress(&claimed.lease, Phase::Compressing, 0.5)
            .await
            .unwrap();
        assert_eq!(
            (beat.lease_expires_at, beat.cancel_requested),
            (world.now().plus_ms(60_000), false)
        );
        world
            .queue
            .progress(&claimed.lease, Phase::Compressing, 0.2)
            .await
            .unwrap();
        world
            .queue
            .progress(&claimed.lease, Phase::Writing, f64::NAN)
            .await
            .unwrap();
        let job = world.store.job(Reach::All, id).await.unwrap().job;
        assert_eq!(
            (job.phase, job.progress),
            (Some(Phase::Writing), 0.5),
            "progress never goes back"
        );

        let completed = world
            .queue
            .complete(&claimed.lease, &world.outcome(&claimed, 9), &[])
            .await
            .unwrap();
        let Completed::Succeeded(inserted) = completed else {
            panic!("{completed:?}")
        };
        assert!(!inserted.existed);
        let job = world.store.job(Reach::All, id).await.unwrap().job;
        assert_eq!(
            (job.state, job.phase, job.progress, job.finished_at),
            (JobState::Succeeded, None, 1.0, Some(world.now()))
        );
        let Some(JobResult::Compress(result)) = job.result else {
            panic!("no result")
        };
        assert_eq!(result.report, Some(report()));
        let made = world
            .store
            .revision(Reach::All, result.revision_id)
            .await
            .unwrap()
            .revision;
        assert_eq!(
            (made.parent_id, made.job_id, made.recipe),
            (Some(source.id), Some(id), job.recipe)
        );
        assert_eq!(
            events(&world, id).await,
            ["queued", "running", "phase", "phase", "succeeded"]
        );
    });
}

#[test]
fn a_job_ends_once() {
    on_every_database(async |world| {
        let id = world.submit(world.source().await.revision.id).await;
        let claimed = world.claim().await.unwrap();
        world
            .queue
            .complete(&claimed.lease, &world.outcome(&claimed, 9), &[])
            .await
            .unwrap();
        let twice = world
            .queue
            .complete(&claimed.lease, &world.outcome(&claimed, 10), &[])
            .await;
        assert!(
            matches!(
                twice,
                Err(Error::StaleLease {
                    fence: Fence(1),
                    ..
                })
            ),
            "{twice:?}"
        );
        assert_eq!(events(&world, id).await.last().unwrap(), "stale_write");
    });
}

#[test]
fn a_result_that_is_there_already_is_found() {
    on_every_database(async |world| {
        let source = world.source().await.revision;
        for existed in [false, true] {
            world.submit(source.id).await;
            let claimed = world.claim().await.unwrap();
            let completed = world
                .queue
                .complete(&claimed.lease, &world.outcome(&claimed, 9), &[])
                .await
                .unwrap();
            let Completed::Succeeded(inserted) = completed else {
                panic!("{completed:?}")
            };
            assert_eq!(inserted.existed, existed);
        }
    });
}

#[test]
fn the_most_urgent_comes_first_then_the_oldest() {
    on_every_database(async |world| {
        let source = world.source().await.revision;
        let mut expected = Vec::new();
        for priority in [0, 5, 0, -1, 5] {
            let mut job = world.job_on(source.id);
            job.priority = priority;
            world.queue.submit(Reach::All, &job, None).await.unwrap();
            world.clock.advance(1);
            expected.push((-priority, job.id));
        }
        expected.sort();
        let none = world
            .queue
            .claim(world.worker(), &[JobKind::Benchmark, JobKind::Search])
            .await
            .unwrap();
        assert!(none.is_none(), "not a kind this worker knows");
        for (_, id) in expected {
            assert_eq!(world.claim().await.unwrap().lease.job_id, id);
        }
        assert!(world.claim().await.is_none());
    });
}

#[test]
fn a_lost_lease_is_taken_over_and_its_holder_refused() {
    on_every_database(async |world| {
        let id = world.submit(world.source().await.revision.id).await;
        let first = world.claim().await.unwrap();
        world
            .queue
            .progress(&first.lease, Phase::Compressing, 0.7)
            .await
            .unwrap();
        world.clock.advance(59_999);
        assert_eq!(world.queue.sweep().await.unwrap(), Swept::default());
        world.clock.advance(1);
        assert_eq!(world.queue.sweep().await.unwrap().lost, 1);
        assert_eq!(world.queue.sweep().await.unwrap().lost, 0);
        let second = world.claim().await.unwrap();
        assert_eq!(second.lease.fence, Fence(2));
        assert!(
            second.record.job.progress < 0.1,
            "a new attempt begins anew"
        );

        let before = world.store.job(Reach::All, id).await.unwrap();
        for refused in [
            world.queue.heartbeat(&first.lease).await.map(|_| ()),
            world
                .queue
                .progress(&first.lease, Phase::Storing, 1.0)
                .await
                .map(|_| ()),
            world
                .queue
                .complete(&first.lease, &world.outcome(&first, 9), &[])
                .await
                .map(|_| ()),
            world
                .queue
                .fail(&first.lease, service_error(), &[])
                .await
                .map(|_| ()),
            world.queue.release(&first.lease, &[]).await.map(|_| ()),
            world
                .queue
                .run_timed_out(&first.lease, &[])
                .await
                .map(|_| ()),
        ] {
            assert!(
                matches!(refused, Err(Error::StaleLease { .. })),
                "{refused:?}"
            );
        }
        let after = world.store.job(Reach::All, id).await.unwrap();
        assert_eq!(after.job, before.job, "nothing changed but the evidence");
        assert_eq!(
            events(&world, id)
                .await
                .iter()
                .filter(|kind| *kind == "stale_write")
                .count(),
            6
        );
        assert_eq!(
            world.asked_to_stop(&first.lease).await,
            StopReason::LeaseLost
        );
        world
            .queue
            .complete(&second.lease, &world.outcome(&second, 9), &[])
            .await
            .unwrap();
        assert_eq!(
            attempts(&world, id).await,
            [AttemptState::Lost, AttemptState::Succeeded]
        );
    });
}

#[test]
fn three_losses_in_a_row_are_poison() {
    on_every_database(async |world| {
        let id = world.submit(world.source().await.revision.id).await;
        for _ in 0..3 {
            world.claim().await.unwrap();
            world.clock.advance(60_000);
            world.queue.sweep().await.unwrap();
        }
        let job = world.store.job(Reach::All, id).await.unwrap().job;
        assert_eq!(
            (job.state, job.error.unwrap().code),
            (JobState::Failed, Code::Poison)
        );
        assert!(world.claim().await.is_none());
        assert_eq!(attempts(&world, id).await, [AttemptState::Lost; 3]);
    });
}

#[test]
fn failures_that_may_pass_are_tried_again_later_and_not_for_ever() {
    on_every_database(async |world| {
        let id = world.submit(world.source().await.revision.id).await;
        let mut attempts_begun = 0;
        while let Some(claimed) = world.claim().await {
            attempts_begun += 1;
            let state = world
                .queue
                .fail(&claimed.lease, service_error(), &[])
                .await
                .unwrap();
            if state == JobState::Queued {
                assert!(world.claim().await.is_none(), "not at once");
                world.clock.advance(3_960_000);
            }
        }
        assert_eq!(attempts_begun, 6);
        let job = world.store.job(Reach::All, id).await.unwrap().job;
        assert_eq!(
            (job.state, job.error, job.attempts),
            (JobState::Failed, Some(service_error()), 6)
        );
    });
}

#[test]
fn the_users_fault_is_not_tried_again() {
    on_every_database(async |world| {
        world.submit(world.source().await.revision.id).await;
        let claimed = world.claim().await.unwrap();
        let error = JobError {
            code: Code::BadRecipe,
            message: "bits: 5".to_owned(),
            fault: Fault::User,
            retryable: false,
        };
        assert_eq!(
            world.queue.fail(&claimed.lease, error, &[]).await.unwrap(),
            JobState::Failed
        );
    });
}

#[test]
fn a_shutdown_gives_the_job_back_free_of_charge() {
    on_every_database(async |world| {
        let id = world.submit(world.source().await.revision.id).await;
        for fence in 1..=8 {
            let claimed = world.claim().await.unwrap();
            assert_eq!(claimed.lease.fence, Fence(fence));
            assert_eq!(
                world.queue.release(&claimed.lease, &[]).await.unwrap(),
                JobState::Queued
            );
        }
        assert_eq!(attempts(&world, id).await, [AttemptState::Cancelled; 8]);
    });
}
