//! Tokens: found by hash until they are revoked.

use api::ids::{ProjectId, TokenId};
use api::page::PageRequest;
use api::tokens::Scope;
use coreanvil::clock::Ids;
use coreanvil::store::{Error, NewTokenRecord, Reach};

use super::world::{World, digest, on_every_database};

fn token(world: &World, number: u64, project_id: Option<ProjectId>) -> NewTokenRecord {
    NewTokenRecord {
        id: TokenId(world.ids.uuid()),
        hash: digest(number),
        name: "ci".to_owned(),
        scope: Scope::Writer,
        project_id,
    }
}

#[test]
fn tokens_are_found_by_hash_until_they_are_revoked() {
    on_every_database(async |world| {
        assert!(
            world
                .store
                .insert_first_token(world.now(), &token(&world, 1, None))
                .await
                .unwrap()
        );
        assert!(
            !world
                .store
                .insert_first_token(world.now(), &token(&world, 2, None))
                .await
                .unwrap()
        );
        let bound = world
            .store
            .insert_token(world.now(), &token(&world, 3, Some(world.project)))
            .await
            .unwrap();
        assert_eq!(bound.reach(), Reach::Project(world.project));
        assert_eq!(
            bound
                .token
                .project
                .as_ref()
                .map(api::names::ProjectName::as_str),
            Some("default")
        );
        let found = async |number| world.store.token_by_hash(digest(number)).await.unwrap();
        assert_eq!(found(3).await, Some(bound.clone()));
        assert_eq!(found(2).await, None);

        world.clock.advance(10);
        world.store.touch_token(world.now(), &bound).await.unwrap();
        let used = found(3).await.unwrap();
        assert_eq!(used.token.last_used_at, Some(world.now()));
        world.clock.advance(59_999);
        world.store.touch_token(world.now(), &used).await.unwrap();
        world.store.touch_token(world.now(), &bound).await.unwrap();
        assert_eq!(
            found(3).await,
            Some(used.clone()),
            "within the minute it is not written again"
        );
    });
}

#[test]
fn a_revoked_token_stays_revoked() {
    on_every_database(async |world| {
        let new = token(&world, 3, Some(world.project));
        let bound = world.store.insert_token(world.now(), &new).await.unwrap();
        let revoked = world
            .store
            .revoke_token(world.now(), Reach::All, bound.token.id, |_| true)
            .await
            .unwrap();
        assert_eq!(revoked.token.revoked_at, Some(world.now()));
        world.clock.advance(10);
        let again = world
            .store
            .revoke_token(world.now(), Reach::All, bound.token.id, |_| true)
            .await
            .unwrap();
        assert_eq!(again, revoked);
        let page = world
            .store
            .tokens(Reach::Project(world.project), PageRequest::default())
            .await
            .unwrap();
        assert_eq!(page.items, [again.token]);
        let outside = world
            .store
            .revoke_token(
                world.now(),
                Reach::Project(ProjectId(world.ids.uuid())),
                bound.token.id,
                |_| true,
            )
            .await;
        assert!(
            matches!(outside, Err(Error::NotFound { .. })),
            "{outside:?}"
        );
    });
}
