//! What the framework refuses is a problem document too; every answer has its id and safe headers.

use reqwest::{Method, StatusCode};

use super::server::{Server, Who, refused};

#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_methods_and_bodies() {
    let server = Server::start().await;
    let post = |body: &'static str| {
        server
            .writer(Method::POST, "/models")
            .header("content-type", "application/json")
            .body(body)
    };
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(70_000));
    let rows = [
        (
            server.request(Who::Reader, Method::GET, "/nothing"),
            404,
            "not_found",
        ),
        (
            server.request(Who::Nobody, Method::GET, "/nothing"),
            404,
            "not_found",
        ),
        (
            server.request(Who::Reader, Method::PUT, "/models"),
            405,
            "method_not_allowed",
        ),
        (post("{"), 400, "bad_request"),
        (post("{} {}"), 400, "bad_request"),
        (post(r#"{"name":1}"#), 400, "bad_request"),
        (post("\u{0}"), 400, "bad_request"),
        (
            server.writer(Method::POST, "/models").body("{}"),
            415,
            "unsupported_media_type",
        ),
        (
            server
                .writer(Method::POST, "/models")
                .header("content-type", "application/json")
                .body(large),
            413,
            "too_large",
        ),
        (
            server.request(Who::Reader, Method::GET, "/models/%ff"),
            400,
            "bad_request",
        ),
        (
            server.request(Who::Reader, Method::GET, "/models/a%2fb"),
            404,
            "not_found",
        ),
        (
            server.request(Who::Reader, Method::GET, "/revisions/x"),
            404,
            "not_found",
        ),
        (
            server.request(
                Who::Reader,
                Method::GET,
                "/revisions/01890a5d-ac96-774b-bcce-b302099a8057",
            ),
            404,
            "not_found",
        ),
    ];
    let mut lines = Vec::new();
    for (request, status, code) in rows {
        let problem = refused(request, status).await;
        assert_eq!(problem["code"], code);
        lines.push(format!(
            "{status} {code} {} {}",
            problem["detail"], problem["errors"]
        ));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_valid_token_the_answer_says_what_is_needed() {
    let server = Server::start().await;
    let good = server.token(Who::Reader).unwrap().to_owned();
    let mut changed = good.clone();
    changed.replace_range(5..6, if &good[5..6] == "x" { "y" } else { "x" });
    let unknown = "ca_000000000000000000000000000000".to_owned();
    for header in [
        format!("Bearer {changed}"),
        format!("Basic {good}"),
        good,
        "Bearer".to_owned(),
        unknown,
    ] {
        let request = server
            .request(Who::Nobody, Method::GET, "/models")
            .header("authorization", &header);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{header}");
        assert!(
            answer.headers()["www-authenticate"]
                .to_str()
                .unwrap()
                .starts_with("Bearer")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_an_id_and_safe_headers() {
    let server = Server::start().await;
    for path in ["/models", "/nothing", "/healthz"] {
        let answer = server
            .request(Who::Reader, Method::GET, path)
            .send()
            .await
            .unwrap();
        let headers = answer.headers();
        assert_eq!(headers["x-request-id"], "r-1", "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert!(
            headers["content-security-policy"]
                .to_str()
                .unwrap()
                .contains("default-src 'none'"),
            "{path}"
        );
    }
    let strange = server
        .request(Who::Reader, Method::GET, "/models")
        .header("x-request-id", "a b\tc");
    // The harness has sent one already: two are strange as well.
    let id = strange.send().await.unwrap().headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(id == "r-1" || id.len() == 36, "{id}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_counted() {
    let server = Server::start().await;
    server.get("/models").await;
    let answer = server
        .request(Who::Nobody, Method::GET, "/metrics")
        .send()
        .await
        .unwrap();
    let text = answer.text().await.unwrap();
    let line = r#"coreanvil_http_requests_total{method="GET",route="/api/v1/models",status="200"}"#;
    assert!(text.contains(line), "{text}");
    assert!(
        text.contains("# HELP coreanvil_http_requests_total"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_is_not_ready() {
    let server = Server::start().await;
    super::server::json(
        server.request(Who::Nobody, Method::GET, "/readyz"),
        StatusCode::OK,
    )
    .await;
    // Asked within the process, since a stopping server takes no new connections.
    server.app.stopping.cancel();
    let error = coreanvil::app::readiness::check(&server.app)
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "shutting down");
}
