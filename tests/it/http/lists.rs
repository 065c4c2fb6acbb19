//! Lists: pages, cursors, filters.

use reqwest::Method;

use super::server::{Server, Who, refused};
use crate::store::world::on_every_database;

#[test]
fn pages_have_everything_once() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        for index in 0..7 {
            server.model(&format!("m{index}")).await;
        }
        let (mut names, mut path) = (Vec::new(), "/models?limit=3".to_owned());
        loop {
            let page = server.get(&path).await;
            let items = page["items"].as_array().unwrap();
            assert!(!items.is_empty() && items.len() <= 3);
            names.extend(
                items
                    .iter()
                    .map(|item| item["name"].as_str().unwrap().to_owned()),
            );
            let Some(cursor) = page["next_cursor"].as_str() else {
                break;
            };
            path = format!("/models?limit=3&cursor={cursor}");
        }
        assert_eq!(names, ["m6", "m5", "m4", "m3", "m2", "m1", "m0"]);
        assert_eq!(
            server.get("/models?name=m3").await["items"]
                .as_array()
                .unwrap()
                .len(),
            1
        );
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn strange_parameters_are_refused() {
    let server = Server::start().await;
    for query in [
        "limit=0",
        "limit=201",
        "limit=x",
        "cursor=x",
        "limit=1&limit=2",
        "nmae=x",
        "name=a%20b",
    ] {
        let problem = refused(
            server.request(Who::Reader, Method::GET, &format!("/models?{query}")),
            400,
        )
        .await;
        let name = query.split('=').next().unwrap();
        assert_eq!(problem["errors"][0]["pointer"], name, "{query}");
    }
    refused(
        server.request(Who::Reader, Method::GET, "/jobs?state=done"),
        400,
    )
    .await;
    refused(
        server.request(Who::Reader, Method::GET, "/measurements?from=yesterday"),
        400,
    )
    .await;
}

#[test]
fn revisions_are_found_by_tag_and_digest() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        let revision = server.revision().await;
        let id = revision["id"].as_str().unwrap();
        let patch = server.writer(Method::PATCH, &format!("/revisions/{id}"));
        let patch = patch.json(&serde_json::json!({"tags": {"commit": "abc"}, "notes": "good"}));
        super::server::json(patch, reqwest::StatusCode::OK).await;
        let count = async |query: &str| {
            server.get(&format!("/models/m/revisions?{query}")).await["items"]
                .as_array()
                .unwrap()
                .len()
        };
        assert_eq!(count("tag=commit:abc").await, 1);
        assert_eq!(count("tag=commit:abd").await, 0);
        assert_eq!(
            count(&format!("digest={}", revision["digest"].as_str().unwrap())).await,
            1
        );
    });
}

/// `?dry_run=1` must not do the real thing: calls without parameters refuse any.
#[tokio::test(flavor = "multi_thread")]
async fn calls_without_parameters_refuse_any() {
    let server = Server::start().await;
    server.model("kept").await;
    for (method, path) in [
        (Method::DELETE, "/models/kept?force=1"),
        (Method::GET, "/models/kept?x=1"),
        (Method::POST, "/models?x=1"),
        (Method::POST, "/jobs?x=1"),
        (Method::GET, "/tokens/0?x=1"),
    ] {
        let request = server
            .request(Who::Admin, method.clone(), path)
            .header("content-type", "application/json")
            .body("{\"name\":\"made\"}");
        let problem = refused(request, 400).await;
        assert_eq!(problem["code"], "bad_request", "{method} {path}");
    }
    let array = server
        .request(Who::Admin, Method::POST, "/models")
        .header("content-type", "application/json")
        .body("[\"made\",\"default\",null]");
    let problem = refused(array, 400).await;
    assert!(
        problem["detail"].as_str().unwrap().contains("object"),
        "{problem}"
    );
    let names = server.get("/models").await;
    assert_eq!(names["items"].as_array().unwrap().len(), 1);
}

/// Lineage: a revision names its parent, and the list finds its children.
#[test]
fn revisions_are_found_by_their_parent() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        let source = server.revision().await;
        let model = source["model_id"].as_str().unwrap().parse().unwrap();
        let parent = source["id"].as_str().unwrap();
        let mut child = world.package(model, 5);
        child.parent_id = Some(parent.parse().unwrap());
        let made = server
            .app
            .store
            .insert_revision(world.now(), &child)
            .await
            .unwrap();
        let list = server
            .get(&format!("/models/m/revisions?parent={parent}"))
            .await;
        let ids: Vec<&str> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids, [made.record.revision.id.to_string()]);
        let path = format!("/models/m/revisions?parent={}", ids[0]);
        assert_eq!(server.get(&path).await["items"], serde_json::json!([]));
    });
}
