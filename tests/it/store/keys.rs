//! Idempotency keys: the same key and body, the same answer, for a day.

use coreanvil::store::{Begun, Error, IdempotencyKey, Reach};

use super::world::{digest, on_every_database};

fn key(body: u64) -> IdempotencyKey {
    IdempotencyKey {
        principal: "token".to_owned(),
        route: "POST /jobs".to_owned(),
        key: "k1".to_owned(),
        body_sha256: digest(body),
    }
}

#[test]
fn a_job_is_accepted_once_per_key() {
    on_every_database(async |world| {
        let revision = world.source().await.revision;
        let submit = async |body| {
            world
                .queue
                .submit(Reach::All, &world.job_on(revision.id), Some(&key(body)))
                .await
        };
        let first = submit(1).await.unwrap();
        assert!(!first.replayed);
        world.claim().await.unwrap();
        let again = submit(1).await.unwrap();
        assert!(again.replayed);
        assert_eq!(
            again.job, first.job,
            "the same answer, though the job has moved on"
        );
        match submit(2).await {
            Err(coreanvil::queue::Error::Store(Error::IdempotencyKeyReused)) => {}
            other => panic!("{other:?}"),
        }
        world.clock.advance(24 * 3_600_000);
        assert!(
            !submit(2).await.unwrap().replayed,
            "after a day the key is free"
        );
    });
}

#[test]
fn a_refused_job_does_not_use_up_its_key() {
    on_every_database(async |world| {
        let revision = world.source().await.revision;
        let absent = world.job_on(api::ids::RevisionId(uuid::Uuid::nil()));
        let refused = world.queue.submit(Reach::All, &absent, Some(&key(1))).await;
        assert!(
            matches!(
                refused,
                Err(coreanvil::queue::Error::Store(Error::NotFound {
                    what: "revision"
                }))
            ),
            "{refused:?}"
        );
        assert!(
            !world
                .queue
                .submit(Reach::All, &world.job_on(revision.id), Some(&key(2)))
                .await
                .unwrap()
                .replayed
        );
    });
}

#[test]
fn a_long_request_holds_its_key() {
    on_every_database(async |world| {
        let begin = async |body| world.store.begin_idempotent(world.now(), &key(body)).await;
        assert_eq!(begin(1).await.unwrap(), Begun::Fresh);
        assert!(matches!(begin(1).await, Err(Error::IdempotencyInFlight)));
        assert!(matches!(begin(2).await, Err(Error::IdempotencyKeyReused)));
        world.store.abandon_idempotent(&key(1)).await.unwrap();
        assert_eq!(begin(2).await.unwrap(), Begun::Fresh);
        world.clock.advance(3_600_000);
        assert_eq!(
            begin(2).await.unwrap(),
            Begun::Fresh,
            "whoever held it was cut short"
        );
        world
            .store
            .finish_idempotent(&key(2), 201, "{\"id\":1}")
            .await
            .unwrap();
        assert_eq!(
            begin(2).await.unwrap(),
            Begun::Replay {
                status: 201,
                answer: "{\"id\":1}".to_owned()
            }
        );
        world.store.abandon_idempotent(&key(2)).await.unwrap();
        assert!(
            matches!(begin(2).await.unwrap(), Begun::Replay { .. }),
            "an answer is not abandoned"
        );
        world.clock.advance(24 * 3_600_000);
        assert_eq!(
            world
                .store
                .expire_idempotency_keys(world.now())
                .await
                .unwrap(),
            1
        );
    });
}
