//! A caller that vanishes between any two steps of a write leaves all of it or none of it, and nobody waits for it.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use api::jobs::JobState;
use api::page::PageRequest;
use coreanvil::store::{Error, MeasurementFilter, Reach, RevisionFilter, Store};
use sqlx::Connection;

use super::world::{World, on_every_database, service_error};

/// Polls at most `polls` times, then drops: as if the process had died there. True when it was done by then.
async fn dies_after<T>(polls: usize, work: impl Future<Output = T>) -> bool {
    let mut work = pin!(work);
    let mut left = polls;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        match work.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(true),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// What anybody can see: state, number of attempts, number of revisions, whether a lease is held.
async fn seen(world: &World, id: api::ids::JobId) -> (JobState, u32, usize, usize) {
    let job = world.store.job(Reach::All, id).await.unwrap().job;
    world.settle(job.model_id, &[id]).await;
    let job = world.store.job(Reach::All, id).await.unwrap().job;
    let attempts = world.store.attempts(id).await.unwrap();
    let revisions = world
        .store
        .revisions(
            Reach::All,
            &RevisionFilter::default(),
            PageRequest::default(),
        )
        .await
        .unwrap();
    let leased = attempts
        .iter()
        .filter(|attempt| attempt.ended_at.is_none())
        .count();
    (
        job.state,
        u32::try_from(attempts.len()).unwrap(),
        revisions.items.len(),
        leased,
    )
}

#[test]
fn a_claim_happens_or_not() {
    on_every_database(async |world| {
        let id = world.submit(world.source().await.revision.id).await;
        let mut finished = false;
        for polls in 0..1_000 {
            let before = seen(&world, id).await;
            finished = dies_after(
                polls,
                world
                    .queue
                    .claim(world.worker(), &[api::jobs::JobKind::Compress]),
            )
            .await;
            let after = seen(&world, id).await;
            if after != before {
                assert_eq!(after, (JobState::Running, 1, 1, 1), "after {polls} polls");
                break;
            }
            assert!(
                !finished,
                "after {polls} polls it was done, yet nothing is there"
            );
        }
        assert_eq!(
            seen(&world, id).await.0,
            JobState::Running,
            "finished: {finished}"
        );
        world.clock.advance(60_000);
        assert_eq!(
            world.queue.sweep().await.unwrap().lost,
            1,
            "a claim nobody knows of runs out"
        );
    });
}

#[test]
fn a_completion_happens_or_not() {
    on_every_database(async |world| {
        let id = world.submit(world.source().await.revision.id).await;
        let claimed = world.claim().await.unwrap();
        for polls in 0..1_000 {
            let outcome = world.outcome(&claimed, 9);
            let finished =
                dies_after(polls, world.queue.complete(&claimed.lease, &outcome, &[])).await;
            let after = seen(&world, id).await;
            if after.0 == JobState::Succeeded {
                assert_eq!(after, (JobState::Succeeded, 1, 2, 0), "after {polls} polls");
                let measured = world
                    .store
                    .measurements(
                        Reach::All,
                        &MeasurementFilter::default(),
                        PageRequest::default(),
                    )
                    .await
                    .unwrap();
                assert_eq!(measured.items.len(), 2);
                return;
            }
            assert_eq!(after, (JobState::Running, 1, 1, 1), "after {polls} polls");
            assert!(
                !finished,
                "after {polls} polls it was done, yet nothing is there"
            );
        }
        panic!("it never came to an end");
    });
}

#[test]
fn a_failure_happens_or_not() {
    on_every_database(async |world| {
        let id = world.submit(world.source().await.revision.id).await;
        let claimed = world.claim().await.unwrap();
        for polls in 0..1_000 {
            let finished = dies_after(
                polls,
                world.queue.fail(&claimed.lease, service_error(), &[]),
            )
            .await;
            let after = seen(&world, id).await;
            if after.0 == JobState::Queued {
                assert_eq!(after, (JobState::Queued, 1, 1, 0), "after {polls} polls");
                return;
            }
            assert_eq!(after, (JobState::Running, 1, 1, 1), "after {polls} polls");
            assert!(!finished);
        }
        panic!("it never came to an end");
    });
}

#[test]
fn an_upload_happens_or_not() {
    on_every_database(async |world| {
        let model = world.model("net").await.model;
        for polls in 0..1_000 {
            let package = world.package(model.id, 1);
            let finished =
                dies_after(polls, world.store.insert_revision(world.now(), &package)).await;
            world.settle(model.id, &[]).await;
            let page = world
                .store
                .revisions(
                    Reach::All,
                    &RevisionFilter::default(),
                    PageRequest::default(),
                )
                .await
                .unwrap();
            if let Some(revision) = page.items.first() {
                assert_eq!(
                    world.store.revision_files(revision.id).await.unwrap(),
                    package.files,
                    "after {polls} polls"
                );
                return;
            }
            assert!(!finished);
        }
        panic!("it never came to an end");
    });
}

#[test]
fn a_database_that_drops_its_connections_is_unavailable_for_a_moment() {
    on_every_database(async |world| {
        let model = world.model("net").await.model;
        if world.store.dialect() == "sqlite" {
            // A file drops nobody; closing the pool is what comes nearest.
            let other = Store::open(&world.url).await.unwrap();
            other.close().await;
            let refused = other.begin().await.map(|_| ());
            assert!(
                matches!(&refused, Err(error) if error.is_transient()),
                "{refused:?}"
            );
            return;
        }
        let mut tx = world.store.begin().await.unwrap();
        let mut admin = sqlx::PgConnection::connect(&world.url).await.unwrap();
        let text = "select pg_terminate_backend(pid) from pg_stat_activity \
                    where datname = current_database() and pid <> pg_backend_pid()";
        sqlx::query::<sqlx::Postgres>(text)
            .execute(&mut admin)
            .await
            .unwrap();
        let refused = tx.lock_model(model.id).await;
        assert!(
            matches!(&refused, Err(error) if error.is_transient()),
            "{refused:?}"
        );
        drop(tx);
        world.store.ping().await.unwrap();
        world.revision(model.id, 1).await;
    });
}

#[test]
fn addresses_are_understood_or_named_without_their_password() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for (url, shown) in [
        ("", ""),
        ("coreanvil.db", "coreanvil.db"),
        ("sqlite::memory:", "sqlite::memory:"),
        ("mysql://me:secret@host/db", "mysql://…@host/db"),
        (
            "postgres://me:secret@host:port/db",
            "postgres://…@host:port/db",
        ),
    ] {
        match runtime.block_on(Store::open(url)) {
            Err(Error::Address { url: named, .. }) => assert_eq!(named, shown),
            other => panic!("{url}: {other:?}"),
        }
    }
}
