//! `Idempotency-Key`: the same request twice is one job.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::server::{Server, Who, json as expect, refused};
use crate::store::world::on_every_database;

fn submit(server: &Server, who: Who, key: &str, body: &Value) -> RequestBuilder {
    server
        .request(who, Method::POST, "/jobs")
        .header("idempotency-key", key)
        .json(body)
}

#[test]
fn the_same_key_and_body_are_one_job() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        let revision = server.revision().await["id"].clone();
        let body = json!({"kind": "compress", "revision": revision, "recipe": "int8"});
        let first = expect(
            submit(&server, Who::Writer, "k", &body),
            StatusCode::ACCEPTED,
        )
        .await;
        let again = expect(
            submit(&server, Who::Writer, "k", &body),
            StatusCode::ACCEPTED,
        )
        .await;
        assert_eq!(first, again);
        assert_eq!(
            server.get("/jobs").await["items"].as_array().unwrap().len(),
            1
        );

        let other = json!({"kind": "compress", "revision": revision, "recipe": "palettize-4"});
        assert_eq!(
            refused(submit(&server, Who::Writer, "k", &other), 422).await["code"],
            "idempotency_key_reused"
        );
        let somebody_else = expect(
            submit(&server, Who::Admin, "k", &body),
            StatusCode::ACCEPTED,
        )
        .await;
        assert_ne!(somebody_else["id"], first["id"]);

        server.clock.advance(24 * 3_600_000 + 1);
        let a_day_later = expect(
            submit(&server, Who::Writer, "k", &other),
            StatusCode::ACCEPTED,
        )
        .await;
        assert_ne!(a_day_later["id"], first["id"]);
    });
}

#[test]
fn twenty_at_once_are_one_job() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        let body = json!({"kind": "compress", "revision": server.revision().await["id"], "recipe": "int8"});
        let sent = (0..20).map(|_| submit(&server, Who::Writer, "k", &body).send());
        let mut ids = Vec::new();
        for answer in futures::future::join_all(sent).await {
            let answer = answer.unwrap();
            assert_eq!(answer.status(), StatusCode::ACCEPTED);
            ids.push(
                answer.json::<Value>().await.unwrap()["id"]
                    .as_str()
                    .unwrap()
                    .to_owned(),
            );
        }
        ids.dedup();
        assert_eq!(ids.len(), 1);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_leaves_its_key_free() {
    let server = Server::start().await;
    let revision = server.revision().await["id"].clone();
    let bad = json!({"kind": "compress", "revision": revision, "recipe": "int9"});
    refused(submit(&server, Who::Writer, "k", &bad), 422).await;
    let good = json!({"kind": "compress", "revision": revision, "recipe": "int8"});
    expect(
        submit(&server, Who::Writer, "k", &good),
        StatusCode::ACCEPTED,
    )
    .await;
    refused(submit(&server, Who::Writer, "", &good), 400).await;
    refused(submit(&server, Who::Writer, &"k".repeat(256), &good), 400).await;
}
