//! Tokens: shown once, kept as hashes, worthless when revoked.

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::server::{Server, Who, json as expect, refused};
use crate::store::world::on_every_database;

#[test]
fn a_token_works_until_it_is_revoked() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        let admin = |method: Method, path: &str| server.request(Who::Admin, method, path);
        let new = json!({"name": "ci", "scope": "writer", "project": "default"});
        let made = expect(
            admin(Method::POST, "/tokens").json(&new),
            StatusCode::CREATED,
        )
        .await;
        let secret = made["secret"].as_str().unwrap().to_owned();
        assert!(secret.starts_with("ca_") && secret.len() == 39);
        let path = format!("/tokens/{}", made["id"].as_str().unwrap());

        let with = || {
            server
                .request(Who::Nobody, Method::GET, "/models")
                .bearer_auth(&secret)
        };
        expect(with(), StatusCode::OK).await;
        let shown = expect(admin(Method::GET, &path), StatusCode::OK).await;
        assert_eq!(shown["last_used_at"], "2026-11-24T12:00:00.000Z");
        let list = expect(admin(Method::GET, "/tokens"), StatusCode::OK).await;
        assert!(!list.to_string().contains(&secret) && shown.get("secret").is_none());

        expect(admin(Method::DELETE, &path), StatusCode::NO_CONTENT).await;
        refused(with(), 401).await;
        let revoked = expect(admin(Method::GET, &path), StatusCode::OK).await;
        assert_eq!(revoked["revoked_at"], "2026-11-24T12:00:00.000Z");
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_of_a_project_makes_tokens_for_it_alone() {
    let server = Server::start().await;
    let stranger = |body: serde_json::Value| {
        server
            .request(Who::Stranger, Method::POST, "/tokens")
            .json(&body)
    };
    refused(
        stranger(json!({"name": "x", "scope": "admin", "project": "default"})),
        404,
    )
    .await;
    let made = expect(
        stranger(json!({"name": "x", "scope": "admin"})),
        StatusCode::CREATED,
    )
    .await;
    assert_eq!(made["project"], "other");
    for name in ["", " ", "a\u{7}b"] {
        refused(stranger(json!({"name": name, "scope": "reader"})), 400).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_token_is_made_once() {
    use coreanvil::app::tokens::create_first;
    let server = Server::start().await;
    // The harness has made tokens, so there is no first one any more.
    assert!(create_first(&server.app, None).await.unwrap().is_none());
}
