//! Models: making, changing, conditions.

use reqwest::header::{ETAG, LOCATION};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::server::{Server, Who, json as expect, refused};
use crate::store::world::on_every_database;

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_made_found_changed_and_deleted() {
    let server = Server::start().await;
    let made = server
        .writer(Method::POST, "/models")
        .json(&json!({"name": "mobile", "description": "small"}));
    let made = made.send().await.unwrap();
    assert_eq!(made.status(), StatusCode::CREATED);
    let location = made.headers()[LOCATION].to_str().unwrap().to_owned();
    let model: serde_json::Value = made.json().await.unwrap();
    assert_eq!(
        location,
        format!("/api/v1/models/{}", model["id"].as_str().unwrap())
    );
    assert_eq!(server.get("/models/mobile").await, model);
    assert_eq!(
        server.get(location.trim_start_matches("/api/v1")).await,
        model
    );
    insta::assert_json_snapshot!(model);

    let changed = server
        .writer(Method::PATCH, "/models/mobile")
        .json(&json!({"name": "tiny"}));
    assert_eq!(
        expect(changed, StatusCode::OK).await["description"],
        "small"
    );
    refused(
        server.request(Who::Reader, Method::GET, "/models/mobile"),
        404,
    )
    .await;
    expect(
        server.writer(Method::DELETE, "/models/tiny"),
        StatusCode::NO_CONTENT,
    )
    .await;
    refused(
        server.request(Who::Reader, Method::GET, "/models/tiny"),
        404,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_unique_and_well_formed() {
    let server = Server::start().await;
    server.model("m").await;
    let post = |body: serde_json::Value| server.writer(Method::POST, "/models").json(&body);
    assert_eq!(
        refused(post(json!({"name": "m"})), 409).await["code"],
        "name_taken"
    );
    let problem = refused(post(json!({"name": "a b"})), 400).await;
    assert_eq!(problem["errors"][0]["pointer"], "/name");
    let problem = refused(post(json!({"name": "n", "descripton": ""})), 400).await;
    assert!(
        problem["detail"].as_str().unwrap().contains("descripton"),
        "{problem}"
    );
    assert_eq!(
        refused(post(json!({"name": "n", "project": "nowhere"})), 404).await["code"],
        "not_found"
    );
}

#[test]
fn conditions_hold() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        server.model("m").await;
        let get = server
            .request(Who::Reader, Method::GET, "/models/m")
            .send()
            .await
            .unwrap();
        let tag = get.headers()[ETAG].to_str().unwrap().to_owned();
        let again = server
            .request(Who::Reader, Method::GET, "/models/m")
            .header("if-none-match", &tag);
        let again = again.send().await.unwrap();
        assert_eq!(
            (again.status(), again.headers()[ETAG].to_str().unwrap()),
            (StatusCode::NOT_MODIFIED, tag.as_str())
        );

        let patch = |tag: &str, text: &str| {
            server
                .writer(Method::PATCH, "/models/m")
                .header("if-match", tag)
                .json(&json!({"description": text}))
        };
        server.clock.advance(5);
        let changed = patch(&tag, "one").send().await.unwrap();
        assert_eq!(changed.status(), StatusCode::OK);
        let new_tag = changed.headers()[ETAG].to_str().unwrap().to_owned();
        assert_ne!(new_tag, tag);
        assert_eq!(
            refused(patch(&tag, "two"), 412).await["code"],
            "precondition_failed"
        );
        refused(
            server
                .writer(Method::DELETE, "/models/m")
                .header("if-match", &tag),
            412,
        )
        .await;
        expect(
            server
                .writer(Method::DELETE, "/models/m")
                .header("if-match", &new_tag),
            StatusCode::NO_CONTENT,
        )
        .await;
    });
}

#[test]
fn aliases_move_and_hold_what_they_point_to() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        let revision = server.revision().await["id"].as_str().unwrap().to_owned();
        let put = || {
            server
                .writer(Method::PUT, "/models/m/aliases/prod")
                .json(&json!({"revision": revision}))
        };
        // There is nothing that could have this tag.
        refused(put().header("if-match", "\"x\""), 412).await;
        let alias = expect(put(), StatusCode::OK).await;
        assert_eq!(alias["revision_id"], revision.as_str());
        assert_eq!(server.get("/models/m/aliases").await["items"][0], alias);
        let delete = || server.writer(Method::DELETE, &format!("/revisions/{revision}"));
        assert_eq!(refused(delete(), 409).await["code"], "in_use");
        expect(
            server.writer(Method::DELETE, "/models/m/aliases/prod"),
            StatusCode::NO_CONTENT,
        )
        .await;
        expect(delete(), StatusCode::NO_CONTENT).await;
        refused(
            server.request(
                Who::Reader,
                Method::GET,
                &format!("/revisions/{revision}/package"),
            ),
            404,
        )
        .await;
    });
}
