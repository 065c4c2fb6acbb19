//! Weights and programs: lists, close looks beside the parent, layers, and what is not there.

use std::sync::Arc;

use reqwest::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::server::{Server, Who, json as ok, refused, zip};

/// A server with a revision of this package, and what a job made of it.
pub(super) async fn compressed(server: &Server, package: &str, recipe: &str) -> (String, String) {
    let settings = coreanvil::worker::Settings {
        concurrency: 1,
        threads: 2,
        grace_ms: 1000,
    };
    server.model("m").await;
    let revision = ok(server.upload("m", zip(package)), StatusCode::CREATED).await;
    let id = revision["id"].as_str().unwrap().to_owned();
    let new = json!({"kind": "compress", "revision": id, "recipe": recipe});
    let job = ok(
        server.writer(Method::POST, "/jobs").json(&new),
        StatusCode::ACCEPTED,
    )
    .await;
    let app = Arc::clone(&server.app);
    server
        .app
        .tasks
        .spawn(coreanvil::worker::run(app, settings));
    let path = format!("/jobs/{}?wait=60", job["id"].as_str().unwrap());
    loop {
        let job = server.get(&path).await;
        match job["state"].as_str().unwrap() {
            "queued" | "running" => {}
            "succeeded" => {
                let made = job["result"]["revision_id"].as_str().unwrap().to_owned();
                return (id, made);
            }
            other => panic!("{other}: {job}"),
        }
    }
}

fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|row| row["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_are_listed_found_and_ordered() {
    let server = Server::start().await;
    let (parent, made) = compressed(&server, "mnist_cnn.mlpackage", "palettize-4").await;
    let path = format!("/revisions/{made}/weights");
    let all = server.get(&path).await;
    let rows = all["items"].as_array().unwrap();
    let sum: f64 = rows.iter().map(|row| row["share"].as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    let of_parent = server.get(&format!("/revisions/{parent}/weights")).await;
    assert_eq!(names(&all), names(&of_parent));
    assert!(of_parent["items"][0]["bytes_before"].is_null());

    let worst = server
        .get(&format!("{path}?sort=snr_db&state=compressed"))
        .await;
    let snr = |row: &Value| row["snr_db"].as_f64().unwrap();
    let worst = worst["items"].as_array().unwrap();
    assert!(worst.len() > 2 && worst.is_sorted_by_key(snr), "{worst:?}");
    let left = server.get(&format!("{path}?state=left&sort=-bytes")).await;
    assert_eq!(
        left["items"].as_array().unwrap().len() + worst.len(),
        rows.len()
    );
    assert!(left["items"][0]["left_because"].is_string(), "{left}");
    // What has no number comes last, up and down.
    for sort in ["snr_db", "-snr_db"] {
        let sorted = server.get(&format!("{path}?sort={sort}")).await;
        let sorted = sorted["items"].as_array().unwrap();
        assert!(sorted[0]["snr_db"].is_number() && sorted[rows.len() - 1]["snr_db"].is_null());
    }
    let found = names(&server.get(&format!("{path}?search=CONV1")).await);
    assert!(
        !found.is_empty() && found.iter().all(|n| n.contains("conv1")),
        "{found:?}"
    );

    let (mut pages, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server
            .get(&format!("{path}?limit=3&sort=name{cursor}"))
            .await;
        pages.extend(names(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(
        pages,
        names(&server.get(&format!("{path}?sort=name")).await)
    );
    let get = |query: &str| server.writer(Method::GET, &format!("{path}?{query}"));
    refused(get("sort=colour"), 400).await;
    refused(get("state=lost"), 400).await;
    refused(get("q=x"), 400).await;
    assert!(
        names(&ok(get(&format!("cursor=c{}", "f".repeat(32))), StatusCode::OK).await).is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weight_is_seen_beside_what_it_was() {
    let server = Server::start().await;
    let (parent, made) = compressed(&server, "mnist_cnn.mlpackage", "palettize-4").await;
    let rows = server
        .get(&format!(
            "/revisions/{made}/weights?sort=-bytes&state=compressed"
        ))
        .await;
    let row = &rows["items"][0];
    let name = row["name"].as_str().unwrap();
    let path = format!("/revisions/{made}/weights/{name}");
    let answer = server
        .request(Who::Reader, Method::GET, &path)
        .send()
        .await
        .unwrap();
    let (tag, kept) = (
        answer.headers()[ETAG].clone(),
        answer.headers()[CACHE_CONTROL].clone(),
    );
    assert!(
        kept.to_str().unwrap().contains("private") && kept.to_str().unwrap().contains("immutable")
    );
    let detail: Value = answer.json().await.unwrap();
    assert_eq!(detail["before"]["revision_id"], parent.as_str());
    let snr = |value: &Value| value.as_f64().unwrap();
    assert!((snr(&detail["before"]["snr_db"]) - snr(&row["snr_db"])).abs() < 1e-6);
    assert_eq!(detail["palette"]["entries"].as_array().unwrap().len(), 16);
    let again = server
        .request(Who::Reader, Method::GET, &path)
        .header(IF_NONE_MATCH, tag)
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);

    let first = server
        .get(&format!("/revisions/{parent}/weights/{name}?function=main"))
        .await;
    assert!(first["before"].is_null() && first["palette"].is_null());
    assert_eq!(first["statistics"], detail["before"]["statistics"]);
    for none in [
        "no",
        "%2e%2e%2fetc",
        "a%2Fb",
        "%F0%9F%94%A8",
        "%00",
        "%3Cscript%3E",
        &"x".repeat(5000),
    ] {
        let path = format!("/revisions/{made}/weights/{none}");
        refused(server.writer(Method::GET, &path), 404).await;
    }
    refused(
        server.writer(Method::GET, &format!("{path}?function=other")),
        404,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_answered_layer_by_layer() {
    let server = Server::start().await;
    let (_, made) = compressed(&server, "mnist_cnn.mlpackage", "int8").await;
    let program = server
        .get(&format!("/revisions/{made}/program?search=conv"))
        .await;
    assert_eq!(program["function"], "main");
    assert!(program["found"].as_array().unwrap().len() >= 3);
    let nodes = program["nodes"].as_array().unwrap();
    let mut weights = nodes.iter().flat_map(|n| n["weights"].as_array().unwrap());
    assert!(weights.any(|w| w["snr_db"].is_number()));
    for query in ["layer=999", "layer=x", "function=nobody"] {
        let path = format!("/revisions/{made}/program?{query}");
        refused(server.writer(Method::GET, &path), 404).await;
    }
    let long = "x".repeat(201);
    refused(
        server.writer(
            Method::GET,
            &format!("/revisions/{made}/program?search={long}"),
        ),
        400,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_program_has_neither() {
    let server = Server::start().await;
    for package in ["legacy_glm.mlmodel", "pipeline.mlpackage"] {
        let model = package.split('.').next().unwrap();
        server.model(model).await;
        let revision = ok(server.upload(model, zip(package)), StatusCode::CREATED).await;
        let id = revision["id"].as_str().unwrap();
        let page = server.get(&format!("/revisions/{id}/weights")).await;
        assert_eq!(page["items"], json!([]), "{package}");
        refused(
            server.writer(Method::GET, &format!("/revisions/{id}/program")),
            404,
        )
        .await;
        refused(
            server.writer(Method::GET, &format!("/revisions/{id}/weights/w")),
            404,
        )
        .await;
    }
}
