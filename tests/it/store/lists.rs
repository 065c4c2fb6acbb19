//! Lists: newest first, page by page, filtered, and nothing from outside.

use api::ids::{JobId, ProjectId, RevisionId};
use api::jobs::{JobKind, JobState};
use api::page::{Page, PageRequest};
use coreanvil::clock::Ids;
use coreanvil::store::{JobFilter, MeasurementFilter, Reach, RevisionFilter};

use super::world::{World, digest, on_every_database};

fn request(limit: u32, page: Option<&str>) -> PageRequest {
    PageRequest {
        limit,
        after: page.map(|cursor| cursor.parse().unwrap()),
    }
}

/// Walks through all pages of two; gives the items in order.
async fn walk<T>(list: impl AsyncFn(PageRequest) -> Page<T>) -> Vec<T> {
    let mut items = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = list(request(2, cursor.as_deref())).await;
        assert!(page.items.len() == 2 || page.next_cursor.is_none());
        items.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return items;
        }
    }
}

#[test]
fn every_item_is_on_exactly_one_page() {
    on_every_database(async |world| {
        let model = world.model("net").await.model;
        let mut revisions = Vec::new();
        let mut jobs: Vec<JobId> = Vec::new();
        for number in 1..=5 {
            let revision = world.revision(model.id, number).await.revision;
            jobs.push(world.submit(revision.id).await);
            revisions.push(revision);
        }
        revisions.reverse();
        jobs.reverse();
        let store = &world.store;
        let filter = RevisionFilter {
            model_id: Some(model.id),
            ..RevisionFilter::default()
        };
        assert_eq!(
            walk(async |page| store.revisions(Reach::All, &filter, page).await.unwrap()).await,
            revisions
        );
        let listed = walk(async |page| {
            store
                .jobs(Reach::All, JobFilter::default(), page)
                .await
                .unwrap()
        })
        .await;
        assert_eq!(
            listed
                .iter()
                .map(|record| record.job.id)
                .collect::<Vec<_>>(),
            jobs
        );
        let models = walk(async |page| store.models(Reach::All, None, page).await.unwrap()).await;
        assert_eq!(
            (
                models.len(),
                models[0].revision_count,
                models[0].latest_revision_id
            ),
            (1, 5, Some(revisions[0].id))
        );

        let elsewhere = Reach::Project(ProjectId(world.ids.uuid()));
        assert!(
            store
                .revisions(elsewhere, &filter, request(10, None))
                .await
                .unwrap()
                .items
                .is_empty()
        );
        assert!(
            store
                .jobs(elsewhere, JobFilter::default(), request(10, None))
                .await
                .unwrap()
                .items
                .is_empty()
        );
        assert!(
            store
                .models(elsewhere, None, request(10, None))
                .await
                .unwrap()
                .items
                .is_empty()
        );
    });
}

/// One job done and one waiting on the revision.
async fn one_done_one_waiting(world: &World, source: RevisionId) -> (JobId, JobId) {
    let done = world.submit(source).await;
    let claimed = world.claim().await.unwrap();
    world
        .queue
        .complete(&claimed.lease, &world.outcome(&claimed, 9), &[])
        .await
        .unwrap();
    (done, world.submit(source).await)
}

#[test]
fn filters_narrow_jobs() {
    on_every_database(async |world| {
        let source = world.source().await.revision;
        let (done, waiting) = one_done_one_waiting(&world, source.id).await;
        let other = world.model("other").await.model;
        let any = JobFilter::default();
        for (filter, expected) in [
            (any, vec![waiting, done]),
            (
                JobFilter {
                    state: Some(JobState::Queued),
                    ..any
                },
                vec![waiting],
            ),
            (
                JobFilter {
                    state: Some(JobState::Succeeded),
                    ..any
                },
                vec![done],
            ),
            (
                JobFilter {
                    kind: Some(JobKind::Benchmark),
                    ..any
                },
                vec![],
            ),
            (
                JobFilter {
                    model_id: Some(other.id),
                    ..any
                },
                vec![],
            ),
            (
                JobFilter {
                    revision_id: Some(source.id),
                    ..any
                },
                vec![waiting, done],
            ),
        ] {
            let page = world
                .store
                .jobs(Reach::All, filter, request(10, None))
                .await
                .unwrap();
            let found: Vec<_> = page.items.iter().map(|record| record.job.id).collect();
            assert_eq!(found, expected, "{filter:?}");
        }
        let counts = world.store.job_counts().await.unwrap();
        let compress = JobKind::Compress;
        assert_eq!(
            counts,
            [
                (compress, JobState::Queued, 1),
                (compress, JobState::Succeeded, 1)
            ]
        );
    });
}

#[test]
fn filters_narrow_measurements() {
    on_every_database(async |world| {
        let source = world.source().await.revision;
        let (done, waiting) = one_done_one_waiting(&world, source.id).await;
        let any = MeasurementFilter::default;
        for (filter, expected) in [
            (any(), 2),
            (
                MeasurementFilter {
                    metric: Some("size_bytes".to_owned()),
                    ..any()
                },
                1,
            ),
            (
                MeasurementFilter {
                    job_id: Some(done),
                    ..any()
                },
                2,
            ),
            (
                MeasurementFilter {
                    job_id: Some(waiting),
                    ..any()
                },
                0,
            ),
            (
                MeasurementFilter {
                    model_id: Some(source.model_id),
                    ..any()
                },
                2,
            ),
            (
                MeasurementFilter {
                    revision_id: Some(source.id),
                    ..any()
                },
                0,
            ),
            (
                MeasurementFilter {
                    device: Some("mac".to_owned()),
                    ..any()
                },
                0,
            ),
            (
                MeasurementFilter {
                    from: Some(world.now()),
                    to: Some(world.now()),
                    ..any()
                },
                2,
            ),
            (
                MeasurementFilter {
                    from: Some(world.now().plus_ms(1)),
                    ..any()
                },
                0,
            ),
            (
                MeasurementFilter {
                    to: Some(world.now().plus_ms(-1)),
                    ..any()
                },
                0,
            ),
        ] {
            let page = world
                .store
                .measurements(Reach::All, &filter, request(10, None))
                .await;
            assert_eq!(page.unwrap().items.len(), expected, "{filter:?}");
        }
    });
}

#[test]
fn filters_of_measurements_combine() {
    on_every_database(async |world| {
        let source = world.source().await.revision;
        one_done_one_waiting(&world, source.id).await;
        let sizes = MeasurementFilter {
            metric: Some("size_bytes".to_owned()),
            ..MeasurementFilter::default()
        };
        for (model, revision, expected) in [
            (None, None, 1),
            (Some(source.model_id), None, 1),
            (None, Some(source.id), 0),
        ] {
            let filter = MeasurementFilter {
                model_id: model,
                revision_id: revision,
                ..sizes.clone()
            };
            for reach in [Reach::All, Reach::Project(world.project)] {
                let page = world.store.measurements(reach, &filter, request(10, None));
                assert_eq!(page.await.unwrap().items.len(), expected, "{filter:?}");
            }
        }
    });
}

#[test]
fn filters_narrow_revisions() {
    on_every_database(async |world| {
        let source = world.source().await.revision;
        one_done_one_waiting(&world, source.id).await;
        let other = world.model("other").await.model;
        let any = RevisionFilter::default;
        for (filter, expected) in [
            (any(), 2),
            (
                RevisionFilter {
                    digest: Some(digest(9)),
                    ..any()
                },
                1,
            ),
            (
                RevisionFilter {
                    parent_id: Some(source.id),
                    ..any()
                },
                1,
            ),
            (
                RevisionFilter {
                    model_id: Some(other.id),
                    ..any()
                },
                0,
            ),
        ] {
            let page = world
                .store
                .revisions(Reach::All, &filter, request(10, None))
                .await;
            assert_eq!(page.unwrap().items.len(), expected, "{filter:?}");
        }
    });
}
