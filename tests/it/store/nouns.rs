//! Models, revisions, aliases, tokens: what can be done with them and what cannot.

use api::digest::Digest;
use api::ids::{ModelId, ProjectId, RevisionId};
use api::models::ModelPatch;
use api::page::PageRequest;
use api::revisions::RevisionPatch;
use coreanvil::clock::Ids;
use coreanvil::store::{Error, ModelRef, Reach};

use super::world::{World, digest, inspection, on_every_database, recipe};

#[test]
fn a_models_name_is_its_own_in_its_project() {
    on_every_database(async |world| {
        let first = world.model("net").await.model;
        assert_eq!((first.revision_count, first.latest_revision_id), (0, None));
        let name = "net".parse().unwrap();
        let again = world
            .store
            .create_model(
                world.now(),
                ModelId(world.ids.uuid()),
                world.project,
                &name,
                "",
            )
            .await;
        assert!(matches!(again, Err(Error::NameTaken { .. })), "{again:?}");
        let other = world
            .store
            .ensure_project(
                world.now(),
                ProjectId(world.ids.uuid()),
                &"other".parse().unwrap(),
            )
            .await
            .unwrap();
        world
            .store
            .create_model(world.now(), ModelId(world.ids.uuid()), other.id, &name, "")
            .await
            .unwrap();

        let by_name = ModelRef::Name(world.project, name.clone());
        assert_eq!(
            world.store.model(Reach::All, &by_name).await.unwrap().model,
            first
        );
        let outside = world
            .store
            .model(Reach::Project(other.id), &ModelRef::Id(first.id))
            .await;
        assert!(
            matches!(outside, Err(Error::NotFound { what: "model" })),
            "{outside:?}"
        );

        let second = world.model("other-net").await.model;
        let rename = ModelPatch {
            name: Some(name),
            ..ModelPatch::default()
        };
        let taken = world
            .store
            .update_model(world.now(), Reach::All, second.id, &rename, |_| true)
            .await;
        assert!(matches!(taken, Err(Error::NameTaken { .. })), "{taken:?}");
        world.clock.advance(5);
        let patch = ModelPatch {
            name: Some("renamed".parse().unwrap()),
            description: Some("new".to_owned()),
        };
        let refused = world
            .store
            .update_model(world.now(), Reach::All, second.id, &patch, |_| false)
            .await;
        assert!(
            matches!(refused, Err(Error::Precondition { .. })),
            "{refused:?}"
        );
        let patched = world
            .store
            .update_model(world.now(), Reach::All, second.id, &patch, |m| *m == second)
            .await
            .unwrap();
        assert_eq!(
            (
                patched.model.name.as_str(),
                patched.model.description.as_str()
            ),
            ("renamed", "new")
        );
        assert_eq!(patched.model.updated_at, world.now());
        assert_eq!(patched.model.created_at, second.created_at);
    });
}

#[test]
fn a_revision_is_there_once_per_digest() {
    on_every_database(async |world| {
        let model = world.model("net").await.model;
        let mut package = world.package(model.id, 1);
        package.recipe = Some(recipe());
        let first = world
            .store
            .insert_revision(world.now(), &package)
            .await
            .unwrap();
        assert!(!first.existed);
        let revision = &first.record.revision;
        assert_eq!(
            (revision.id, revision.digest, revision.size_bytes),
            (package.id, package.digest, 1000)
        );
        assert_eq!(revision.recipe, Some(recipe()));
        assert_eq!(revision.same_content_as, None);
        assert_eq!(first.record.package_name, "net");
        assert_eq!(
            world.store.revision_files(revision.id).await.unwrap(),
            package.files
        );
        assert_eq!(
            world
                .store
                .inspection(Reach::All, revision.id)
                .await
                .unwrap(),
            inspection()
        );

        let mut again = world.package(model.id, 1);
        again.tags = [
            ("commit".parse().unwrap(), "def".parse().unwrap()),
            ("branch".parse().unwrap(), "b".parse().unwrap()),
        ]
        .into();
        let found = world
            .store
            .insert_revision(world.now(), &again)
            .await
            .unwrap();
        assert!(found.existed);
        assert_eq!(found.record.revision.id, revision.id);
        let tags: Vec<_> = found
            .record
            .revision
            .tags
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        assert_eq!(
            tags,
            [("branch", "b"), ("commit", "abc")],
            "tags it lacked are added, tags it had stay"
        );

        let mut exported_again = world.package(model.id, 2);
        exported_again.content_digest = package.content_digest;
        let twin = world
            .store
            .insert_revision(world.now(), &exported_again)
            .await
            .unwrap()
            .record
            .revision;
        assert_eq!(twin.same_content_as, Some(revision.id));

        let missing = world.package(ModelId(world.ids.uuid()), 3);
        let refused = world.store.insert_revision(world.now(), &missing).await;
        assert!(
            matches!(refused, Err(Error::NotFound { what: "model" })),
            "{refused:?}"
        );
    });
}

#[test]
fn renaming_a_model_does_not_rename_the_download() {
    on_every_database(async |world| {
        let revision = world.source().await.revision;
        let patch = ModelPatch {
            name: Some("new".parse().unwrap()),
            ..ModelPatch::default()
        };
        world
            .store
            .update_model(world.now(), Reach::All, revision.model_id, &patch, |_| true)
            .await
            .unwrap();
        let after = world.store.revision(Reach::All, revision.id).await.unwrap();
        assert_eq!(
            (after.revision.model.as_str(), after.package_name.as_str()),
            ("new", "net")
        );
    });
}

#[test]
fn tags_and_notes_can_be_changed_and_found_by() {
    on_every_database(async |world| {
        let revision = world.source().await.revision;
        let patch = RevisionPatch {
            tags: Some([("x".parse().unwrap(), "1".parse().unwrap())].into()),
            notes: Some("n".to_owned()),
        };
        let refused = world
            .store
            .update_revision(world.now(), Reach::All, revision.id, &patch, |_| false)
            .await;
        assert!(
            matches!(refused, Err(Error::Precondition { .. })),
            "{refused:?}"
        );
        let after = world
            .store
            .update_revision(world.now(), Reach::All, revision.id, &patch, |_| true)
            .await
            .unwrap();
        assert_eq!(
            (after.revision.tags.len(), after.revision.notes.as_str()),
            (1, "n")
        );
        let untouched = RevisionPatch::default();
        let same = world
            .store
            .update_revision(world.now(), Reach::All, revision.id, &untouched, |_| true)
            .await
            .unwrap();
        assert_eq!(same.revision, after.revision);
        for (key, value, found) in [("x", "1", 1), ("x", "2", 0), ("commit", "abc", 0)] {
            let filter = coreanvil::store::RevisionFilter {
                tag: Some((key.parse().unwrap(), value.parse().unwrap())),
                ..Default::default()
            };
            let page = world
                .store
                .revisions(Reach::All, &filter, PageRequest::default())
                .await
                .unwrap();
            assert_eq!(page.items.len(), found, "{key}={value}");
        }
    });
}

async fn check_held(world: &World, model: ModelId, revision: RevisionId, by: &str) {
    let refusals = [
        world
            .store
            .delete_revision(world.now(), Reach::All, revision, |_| true)
            .await,
        world
            .store
            .delete_model(world.now(), Reach::All, model, |_| true)
            .await,
    ];
    for refused in refusals {
        match refused {
            Err(Error::InUse { by: holder, .. }) => assert!(holder.starts_with(by), "{holder}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_is_held_is_not_deleted() {
    on_every_database(async |world| {
        let revision = world.source().await.revision;
        let (model, id) = (revision.model_id, revision.id);
        let prod = "prod".parse().unwrap();
        world
            .store
            .put_alias(world.now(), model, &prod, id, |_| true)
            .await
            .unwrap();
        check_held(&world, model, id, "alias").await;
        world
            .store
            .delete_alias(model, &prod, |_| true)
            .await
            .unwrap();
        assert!(matches!(
            world.store.delete_alias(model, &prod, |_| true).await,
            Err(Error::NotFound { .. })
        ));
        let job = world.submit(id).await;
        check_held(&world, model, id, "unfinished job").await;
        world.queue.cancel(Reach::All, job).await.unwrap();

        let refused = world
            .store
            .delete_revision(world.now(), Reach::All, id, |_| false)
            .await;
        assert!(
            matches!(refused, Err(Error::Precondition { .. })),
            "{refused:?}"
        );
        world
            .store
            .delete_revision(world.now(), Reach::All, id, |_| true)
            .await
            .unwrap();
        assert!(matches!(
            world.store.revision(Reach::All, id).await,
            Err(Error::NotFound { .. })
        ));
        assert!(world.store.revision_files(id).await.unwrap().is_empty());
        assert_eq!(
            world
                .store
                .job(Reach::All, job)
                .await
                .unwrap()
                .job
                .revision_id,
            id,
            "jobs stay"
        );
        let anew = world.revision(model, 1).await.revision;
        assert_ne!(anew.id, id, "a deleted digest can be uploaded again");
        world
            .store
            .delete_model(world.now(), Reach::All, model, |_| true)
            .await
            .unwrap();
        assert!(matches!(
            world.store.model(Reach::All, &ModelRef::Id(model)).await,
            Err(Error::NotFound { .. })
        ));
        world.model("net").await;
    });
}

#[test]
fn objects_that_nothing_names_can_be_swept() {
    on_every_database(async |world| {
        let model = world.model("net").await.model;
        let first = world.revision(model.id, 1).await.revision;
        world.revision(model.id, 2).await;
        world
            .store
            .delete_revision(world.now(), Reach::All, first.id, |_| true)
            .await
            .unwrap();
        let names = async |world: &World| -> Vec<Digest> {
            world
                .store
                .sweepable(world.now(), world.now(), None, 10)
                .await
                .unwrap()
                .iter()
                .map(|found| found.sha256)
                .collect()
        };
        assert_eq!(names(&world).await, [], "not in the same millisecond");
        world.clock.advance(1);
        assert_eq!(
            names(&world).await,
            [digest(1)],
            "the shared weights are still named"
        );
        assert!(
            !world
                .store
                .begin_deleting(world.now(), world.now(), digest(2))
                .await
                .unwrap()
        );
        assert!(
            world
                .store
                .begin_deleting(world.now(), world.now(), digest(1))
                .await
                .unwrap()
        );
        assert_eq!(names(&world).await, []);
    });
}

#[test]
fn an_alias_points_into_its_own_model() {
    on_every_database(async |world| {
        let first = world.source().await.revision;
        let second = world.revision(first.model_id, 2).await.revision;
        let other = world.model("other").await.model;
        let prod = "prod".parse().unwrap();
        assert_eq!(
            world
                .store
                .put_alias(world.now(), first.model_id, &prod, first.id, |_| true)
                .await
                .unwrap()
                .revision_id,
            first.id
        );
        let moved = world
            .store
            .put_alias(world.now(), first.model_id, &prod, second.id, |_| true)
            .await
            .unwrap();
        assert_eq!(
            (moved.revision_id, moved.model.as_str()),
            (second.id, "net")
        );
        assert_eq!(
            world.store.alias(first.model_id, &prod).await.unwrap(),
            moved
        );
        assert_eq!(
            world.store.aliases(first.model_id, None, 10).await.unwrap(),
            [moved]
        );
        let astray = world
            .store
            .put_alias(world.now(), other.id, &prod, first.id, |_| true)
            .await;
        assert!(
            matches!(astray, Err(Error::NotFound { what: "revision" })),
            "{astray:?}"
        );
    });
}
