//! Jobs that are stopped, that wait or run for too long, and who is told.

use api::jobs::JobState;
use api::page::PageRequest;
use api::problem::Code;
use coreanvil::queue::{Cancelled, Completed, StopReason, Swept};
use coreanvil::store::{Reach, RevisionFilter};

use super::leases::{attempts, state};
use super::world::{on_every_database, service_error};

#[test]
fn cancelling() {
    on_every_database(async |world| {
        let source = world.source().await.revision;
        let waiting = world.submit(source.id).await;
        assert!(matches!(
            world.queue.cancel(Reach::All, waiting).await.unwrap(),
            Cancelled::Done(_)
        ));
        assert!(matches!(
            world.queue.cancel(Reach::All, waiting).await.unwrap(),
            Cancelled::TooLate(_)
        ));
        assert!(world.claim().await.is_none());
        assert_eq!(attempts(&world, waiting).await, []);

        for finish in ["release", "complete", "fail", "lose"] {
            let id = world.submit(source.id).await;
            let claimed = world.claim().await.unwrap();
            assert!(matches!(
                world.queue.cancel(Reach::All, id).await.unwrap(),
                Cancelled::Asked(_)
            ));
            assert!(matches!(
                world.queue.cancel(Reach::All, id).await.unwrap(),
                Cancelled::Asked(_)
            ));
            assert_eq!(state(&world, id).await, JobState::Running);
            assert!(
                world
                    .queue
                    .heartbeat(&claimed.lease)
                    .await
                    .unwrap()
                    .cancel_requested
            );
            assert_eq!(
                world.asked_to_stop(&claimed.lease).await,
                StopReason::Cancelled
            );
            match finish {
                "release" => assert_eq!(
                    world.queue.release(&claimed.lease, &[]).await.unwrap(),
                    JobState::Cancelled
                ),
                "fail" => assert_eq!(
                    world
                        .queue
                        .fail(&claimed.lease, service_error(), &[])
                        .await
                        .unwrap(),
                    JobState::Cancelled
                ),
                "complete" => {
                    let completed = world
                        .queue
                        .complete(&claimed.lease, &world.outcome(&claimed, 9), &[])
                        .await
                        .unwrap();
                    assert_eq!(completed, Completed::Cancelled);
                }
                _ => {
                    world.clock.advance(60_000);
                    assert_eq!(world.queue.sweep().await.unwrap().lost, 1);
                }
            }
            assert_eq!(state(&world, id).await, JobState::Cancelled, "{finish}");
            let page = world
                .store
                .revisions(
                    Reach::All,
                    &RevisionFilter::default(),
                    PageRequest::default(),
                )
                .await
                .unwrap();
            assert_eq!(
                page.items,
                std::slice::from_ref(&source),
                "nothing was kept"
            );
        }
    });
}

#[test]
fn waiting_and_running_have_an_end() {
    on_every_database(async |world| {
        let source = world.source().await.revision;
        let runs = world.submit(source.id).await;
        let claimed = world.claim().await.unwrap();
        let waits = world.submit(source.id).await;
        for _ in 0..73 {
            world.clock.advance(50_000);
            world.queue.heartbeat(&claimed.lease).await.unwrap();
        }
        assert_eq!(
            world.queue.sweep().await.unwrap(),
            Swept::default(),
            "an hour and 50 s"
        );
        world.clock.advance(10_000);
        assert_eq!(
            world.queue.sweep().await.unwrap(),
            Swept {
                overrun: 1,
                ..Swept::default()
            }
        );
        world.clock.advance(86_400_000 - 3_660_001);
        assert_eq!(world.queue.sweep().await.unwrap(), Swept::default());
        world.clock.advance(1);
        assert_eq!(
            world.queue.sweep().await.unwrap(),
            Swept {
                expired: 1,
                ..Swept::default()
            }
        );
        for id in [runs, waits] {
            let job = world.store.job(Reach::All, id).await.unwrap().job;
            assert_eq!(
                (job.state, job.error.unwrap().code),
                (JobState::Failed, Code::Expired)
            );
        }
    });
}

#[test]
fn waiters_are_told() {
    on_every_database(async |world| {
        let id = world.submit(world.source().await.revision.id).await;
        let queued = Some(JobState::Queued);
        let (seen, claimed) = tokio::join!(
            async {
                world
                    .queue
                    .wait_for_change(Reach::All, id, queued, 60_000)
                    .await
                    .unwrap()
            },
            async { world.claim().await.unwrap() },
        );
        assert_eq!(seen.state, JobState::Running);
        let (stop, _) = tokio::join!(world.queue.stop_requested(&claimed.lease), async {
            world.queue.cancel(Reach::All, id).await.unwrap()
        });
        assert_eq!(stop, StopReason::Cancelled);
        let (seen, _) = tokio::join!(
            async {
                world
                    .queue
                    .wait_for_change(Reach::All, id, Some(JobState::Running), 60_000)
                    .await
                    .unwrap()
            },
            async { world.queue.release(&claimed.lease, &[]).await.unwrap() },
        );
        assert_eq!(seen.state, JobState::Cancelled);
        let final_at_once = world
            .queue
            .wait_for_change(Reach::All, id, None, 60_000)
            .await
            .unwrap();
        assert_eq!(final_at_once.state, JobState::Cancelled);
    });
}

#[test]
fn a_waiter_looks_by_itself_when_another_process_wrote() {
    on_every_database(async |world| {
        let id = world.submit(world.source().await.revision.id).await;
        let elsewhere = coreanvil::queue::Queue::new(
            world.store.clone(),
            world.clock.clone(),
            world.ids.clone(),
            coreanvil::queue::Policy::default(),
        );
        let waiter = world
            .queue
            .wait_for_change(Reach::All, id, Some(JobState::Queued), 60_000);
        let (seen, ()) = tokio::join!(waiter, async {
            // The waiter has looked and sleeps twice: until its deadline, and until it looks again. Only then the other
            // process writes: written earlier, the first look might see it and nobody would ever sleep.
            while world.clock.sleepers() < 2 {
                tokio::task::yield_now().await;
            }
            elsewhere.cancel(Reach::All, id).await.unwrap();
            world.clock.advance(1_000);
        });
        assert_eq!(seen.unwrap().state, JobState::Cancelled);
        let still = world
            .submit(
                world
                    .store
                    .job(Reach::All, id)
                    .await
                    .unwrap()
                    .job
                    .revision_id,
            )
            .await;
        let waiter = world
            .queue
            .wait_for_change(Reach::All, still, Some(JobState::Queued), 500);
        let (seen, ()) = tokio::join!(waiter, async {
            while world.clock.sleepers() < 2 {
                tokio::task::yield_now().await;
            }
            world.clock.advance(500);
        });
        assert_eq!(seen.unwrap().state, JobState::Queued, "the time is over");
    });
}
