//! Jobs: accepting, refusing, waiting, cancelling. What runs them is tested with the worker.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::server::{Server, Who, json as expect, refused};

async fn job(server: &Server) -> Value {
    let body =
        json!({"kind": "compress", "revision": server.revision().await["id"], "recipe": "int8"});
    expect(
        server.writer(Method::POST, "/jobs").json(&body),
        StatusCode::ACCEPTED,
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_job_waits() {
    let server = Server::start().await;
    let job = job(&server).await;
    assert_eq!(
        (&job["state"], &job["recipe"]["name"]),
        (&json!("queued"), &json!("int8"))
    );
    let path = format!("/jobs/{}", job["id"].as_str().unwrap());
    let mut seen = server.get(&path).await;
    assert_eq!(
        seen["waiting"],
        json!({"reason": "no_worker", "position": 1, "run_after": null})
    );
    seen["waiting"]["position"] = Value::Null;
    assert_eq!(seen, job, "its place is not counted when it is accepted");
    assert_eq!(
        server.get(&format!("{path}/attempts")).await["items"],
        json!([])
    );
    assert_eq!(
        server.get("/jobs?state=queued&kind=compress&model=m").await["items"][0]["id"],
        job["id"]
    );
    assert_eq!(server.get("/jobs?state=running").await["items"], json!([]));
    let mut keys: Vec<&str> = job
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    insta::assert_snapshot!(keys.join(" "));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_refused_at_once() {
    let server = Server::start().await;
    let revision = server.revision().await["id"].clone();
    let rows = [
        (
            json!({"kind": "compress", "revision": revision, "recipe": "int9"}),
            422,
            "bad_recipe",
        ),
        (
            json!({"kind": "compress", "revision": revision, "recipe": {"config_type": "Op"}}),
            422,
            "bad_recipe",
        ),
        (
            json!({"kind": "compress", "revision": revision, "recipe": "float16"}),
            422,
            "unsupported",
        ),
        (
            json!({"kind": "compress", "revision": revision}),
            400,
            "bad_request",
        ),
        (
            json!({"kind": "compress", "revision": revision, "recipe": "int8", "priority": 101}),
            400,
            "bad_request",
        ),
        (
            json!({"kind": "compress", "revision": revision, "recipe": "int8", "then": [{}]}),
            400,
            "bad_request",
        ),
        (
            json!({"kind": "benchmark", "revision": revision}),
            422,
            "unsupported",
        ),
        (
            json!({"kind": "dance", "revision": revision}),
            400,
            "bad_request",
        ),
        (
            json!({"kind": "compress", "revision": "x", "recipe": "int8"}),
            400,
            "bad_request",
        ),
        (
            json!({"kind": "compress", "revision": "01890a5d-ac96-774b-bcce-b302099a8057", "recipe": "int8"}),
            404,
            "not_found",
        ),
    ];
    for (body, status, code) in rows {
        let problem = refused(server.writer(Method::POST, "/jobs").json(&body), status).await;
        assert_eq!(problem["code"], code, "{body}: {problem}");
    }
    assert_eq!(server.get("/jobs").await["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_follows_is_checked_before_anything_is_accepted() {
    let server = Server::start().await;
    let revision = server.revision().await["id"].clone();
    let deep = (0..5).fold(
        json!([]),
        |then, _| json!([{"kind": "compress", "recipe": "int8", "then": then}]),
    );
    let wide = vec![json!({"kind": "compress", "recipe": "int8"}); 17];
    let rows = [
        (
            json!([{"kind": "compress", "recipe": "int9"}]),
            422,
            "bad_recipe",
            "/then/0/recipe",
        ),
        (
            json!([{"kind": "compress", "recipe": "int8", "then": [{"kind": "compress"}]}]),
            400,
            "bad_request",
            "/then/0/then/0/recipe",
        ),
        (
            json!([{"kind": "benchmark"}]),
            422,
            "unsupported",
            "/then/0/kind",
        ),
        (
            json!([{"kind": "compress", "recipe": "int8", "priority": -101}]),
            400,
            "bad_request",
            "/then/0/priority",
        ),
        (
            deep,
            400,
            "bad_request",
            "/then/0/then/0/then/0/then/0/then",
        ),
        (json!(wide), 400, "bad_request", "/then"),
    ];
    for (then, status, code, pointer) in rows {
        let body =
            json!({"kind": "compress", "revision": revision, "recipe": "int8", "then": then});
        let problem = refused(server.writer(Method::POST, "/jobs").json(&body), status).await;
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{problem}");
    }
    let known = json!([{"kind": "compress", "revision": revision, "recipe": "int8"}]);
    let body = json!({"kind": "compress", "revision": revision, "recipe": "int8", "then": known});
    refused(server.writer(Method::POST, "/jobs").json(&body), 400).await;
    assert_eq!(server.get("/jobs").await["items"], json!([]));
    let then = json!([{"kind": "compress", "recipe": "prune-50"}]);
    let body = json!({"kind": "compress", "revision": revision, "recipe": "int8", "then": then});
    let job = expect(
        server.writer(Method::POST, "/jobs").json(&body),
        StatusCode::ACCEPTED,
    )
    .await;
    let follower = &job["then"][0];
    assert_eq!(
        (
            &follower["state"],
            &follower["recipe"]["name"],
            &follower["job_id"]
        ),
        (&json!("pending"), &json!("prune-50"), &Value::Null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_call_answers_when_the_state_changes() {
    let server = Server::start().await;
    let job = job(&server).await;
    let path = format!("/jobs/{}", job["id"].as_str().unwrap());
    let sleeping = server.clock.sleepers();
    let waiting = spawn(server.request(Who::Reader, Method::GET, &format!("{path}?wait=60")));
    until(|| server.clock.sleepers() > sleeping).await;
    let cancelled = expect(
        server.writer(Method::POST, &format!("{path}/cancel")),
        StatusCode::OK,
    )
    .await;
    assert_eq!(cancelled["state"], "cancelled");
    let answer = waiting.join_all().await.remove(0);
    assert_eq!(answer["state"], "cancelled");
    // A finished job answers at once, and stays as it is.
    assert_eq!(
        server.get(&format!("{path}?wait=60")).await["state"],
        "cancelled"
    );
    let again = expect(
        server.writer(Method::POST, &format!("{path}/cancel")),
        StatusCode::OK,
    )
    .await;
    assert_eq!(again, answer);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_call_answers_when_the_time_is_over_or_the_server_stops() {
    let server = Server::start().await;
    let job = job(&server).await;
    let path = format!("/jobs/{}", job["id"].as_str().unwrap());
    let wait = |server: &Server| {
        let request = server
            .request(Who::Reader, Method::GET, &path)
            .header("prefer", "respond-async, wait=30");
        spawn(request)
    };
    let sleeping = server.clock.sleepers();
    let first = wait(&server);
    until(|| server.clock.sleepers() > sleeping).await;
    server.clock.advance(30_000);
    let answer = first.join_all().await.remove(0);
    assert_eq!(answer["state"], "queued");

    let sleeping = server.clock.sleepers();
    let second = wait(&server);
    until(|| server.clock.sleepers() > sleeping).await;
    server.stop().await;
    let answer = second.join_all().await.remove(0);
    assert_eq!(answer["state"], "queued");
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_are_bounded() {
    let server = Server::start().await;
    let path = format!("/jobs/{}", job(&server).await["id"].as_str().unwrap());
    for query in ["wait=61", "wait=-1", "wait=x", "wiat=1"] {
        refused(
            server.request(Who::Reader, Method::GET, &format!("{path}?{query}")),
            400,
        )
        .await;
    }
}

/// Sends beside the test; the answer's body.
fn spawn(request: reqwest::RequestBuilder) -> tokio::task::JoinSet<Value> {
    let mut set = tokio::task::JoinSet::new();
    set.spawn(async move { request.send().await.unwrap().json().await.unwrap() });
    set
}

/// Lets others run until something is so.
async fn until(so: impl Fn() -> bool) {
    while !so() {
        tokio::task::yield_now().await;
    }
}
