//! Many at once: one winner, no deadlock, nothing lost.

use std::collections::BTreeSet;

use api::jobs::{JobKind, Phase};
use coreanvil::queue::{Policy, Queue};
use coreanvil::store::{Error, NewTokenRecord, Reach, Store};
use futures::future::join_all;

use super::world::on_every_database;

#[test]
fn twenty_workers_get_twenty_jobs() {
    on_every_database(async |world| {
        let source = world.source().await.revision;
        let mut submitted = BTreeSet::new();
        for _ in 0..20 {
            submitted.insert(world.submit(source.id).await);
        }
        let claims = join_all((0..25).map(|_| {
            let (queue, worker) = (world.queue.clone(), world.worker());
            async move {
                let mut claimed = Vec::new();
                // A worker that finds the row locked by another gets nothing this time, as in production: it looks again.
                for _ in 0..20 {
                    claimed.extend(
                        queue
                            .claim(worker, &[JobKind::Compress])
                            .await
                            .unwrap()
                            .map(|claimed| claimed.lease.job_id),
                    );
                }
                claimed
            }
        }))
        .await;
        let all: Vec<_> = claims.into_iter().flatten().collect();
        assert_eq!(all.len(), 20);
        assert_eq!(BTreeSet::from_iter(all), submitted);
    });
}

/// Servers that start together on an empty database: with a token of the configuration, and with one each draws.
#[test]
fn only_one_first_token_is_made() {
    for same in [true, false] {
        on_every_database(async |world| {
            // Connections are there already: what is to race are the writes.
            for round in join_all((0..40).map(|_| world.store.ping())).await {
                round.unwrap();
            }
            let made = join_all((0..8_u8).map(|number| {
                let (store, now) = (world.store.clone(), world.now());
                let record = NewTokenRecord {
                    id: api::ids::TokenId(coreanvil::clock::Ids::uuid(&*world.ids)),
                    hash: api::digest::Digest([if same { 1 } else { number }; 32]),
                    name: "first token".to_owned(),
                    scope: api::tokens::Scope::Admin,
                    project_id: None,
                };
                async move { store.insert_first_token(now, &record).await.unwrap() }
            }))
            .await;
            assert_eq!(made.iter().filter(|made| **made).count(), 1, "{made:?}");
        });
    }
}

#[test]
fn ten_uploads_of_one_package_make_one_revision() {
    on_every_database(async |world| {
        let model = world.model("net").await.model;
        let inserted = join_all((0..10).map(|_| {
            let (store, package, now) =
                (world.store.clone(), world.package(model.id, 1), world.now());
            async move { store.insert_revision(now, &package).await.unwrap() }
        }))
        .await;
        assert_eq!(
            inserted.iter().filter(|inserted| !inserted.existed).count(),
            1
        );
        let ids: BTreeSet<_> = inserted
            .iter()
            .map(|inserted| inserted.record.revision.id)
            .collect();
        assert_eq!(ids.len(), 1);
    });
}

#[test]
fn uploads_that_share_files_do_not_wait_for_each_other_for_ever() {
    on_every_database(async |world| {
        let models = [
            world.model("a").await.model.id,
            world.model("b").await.model.id,
        ];
        let inserted = join_all((0..20_usize).map(|round| {
            let mut package = world.package(models[round % 2], u64::try_from(round).unwrap() + 100);
            package.files = (0..8_u64)
                .map(|number| {
                    let number = if round % 2 == 0 { number } else { 7 - number };
                    let mut file = package.files[0].clone();
                    file.path = format!("f{number}");
                    file.sha256 = super::world::digest(number);
                    file
                })
                .collect();
            let (store, now) = (world.store.clone(), world.now());
            async move { store.insert_revision(now, &package).await }
        }))
        .await;
        assert!(inserted.iter().all(Result::is_ok), "{inserted:?}");
    });
}

#[test]
fn one_name_has_one_winner() {
    on_every_database(async |world| {
        let outcomes = join_all((0..10).map(|_| {
            let (store, now, project) = (world.store.clone(), world.now(), world.project);
            let id = api::ids::ModelId(coreanvil::clock::Ids::uuid(&*world.ids));
            async move {
                store
                    .create_model(now, id, project, &"net".parse().unwrap(), "")
                    .await
            }
        }))
        .await;
        let (made, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        assert_eq!(made.len(), 1);
        assert!(
            refused
                .iter()
                .all(|outcome| matches!(outcome, Err(Error::NameTaken { .. }))),
            "{refused:?}"
        );
    });
}

#[test]
fn two_sweepers_and_a_holder_agree() {
    on_every_database(async |world| {
        let id = world.submit(world.source().await.revision.id).await;
        let claimed = world.claim().await.unwrap();
        world.clock.advance(60_000);
        let outcome = world.outcome(&claimed, 9);
        let (first, second, completed) = tokio::join!(
            world.queue.sweep(),
            world.queue.sweep(),
            world.queue.complete(&claimed.lease, &outcome, &[])
        );
        let lost = first.unwrap().lost + second.unwrap().lost;
        assert_eq!(
            lost == 1,
            completed.is_err(),
            "either lost once, or completed"
        );
        assert!(lost <= 1);
        let job = world.store.job(Reach::All, id).await.unwrap().job;
        assert_eq!(job.state.is_final(), lost == 0);
    });
}

#[test]
fn four_processes_start_at_once_and_share_the_work() {
    on_every_database(async |world| {
        let source = world.source().await.revision;
        let mut submitted = BTreeSet::new();
        for _ in 0..12 {
            submitted.insert(world.submit(source.id).await);
        }
        // A store of its own each, as another process would have: its own connections, nothing in common but the database.
        let processes = join_all((0..4).map(|_| {
            let (url, clock, ids) = (world.url.clone(), world.clock.clone(), world.ids.clone());
            async move {
                let store = Store::open(&url).await.unwrap();
                store.migrate().await.unwrap();
                Queue::new(store, clock, ids, Policy::default())
            }
        }))
        .await;
        let ended = join_all(processes.iter().map(async |queue| {
            let mut ended = Vec::new();
            for _ in 0..12 {
                let Some(claimed) = queue
                    .claim(world.worker(), &[JobKind::Compress])
                    .await
                    .unwrap()
                else {
                    continue;
                };
                queue
                    .progress(&claimed.lease, Phase::Compressing, 0.5)
                    .await
                    .unwrap();
                queue
                    .complete(&claimed.lease, &world.outcome(&claimed, 9), &[])
                    .await
                    .unwrap();
                ended.push(claimed.lease.job_id);
            }
            ended
        }))
        .await;
        let all: Vec<_> = ended.into_iter().flatten().collect();
        assert_eq!(all.len(), 12);
        assert_eq!(BTreeSet::from_iter(all), submitted);
    });
}

#[test]
fn a_new_database_can_be_opened_by_many_at_once() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        for round in 0..5 {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite:{}", folder.path().join("new.db").display());
            let opened = join_all((0..4).map(|_| async {
                let store = Store::open(&url).await?;
                store.migrate().await?;
                store.ping().await
            }))
            .await;
            assert!(
                opened.iter().all(Result::is_ok),
                "round {round}: {opened:?}"
            );
        }
    });
}
