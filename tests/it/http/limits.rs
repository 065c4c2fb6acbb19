//! What one client may ask for: announced, counted, refused; and what never becomes a request.

use reqwest::{Method, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::server::{Server, Who, refused};

#[tokio::test(flavor = "multi_thread")]
async fn a_token_s_requests_are_announced_and_refused() {
    let server = Server::start_with(|settings| settings.allowed.token_requests = 3).await;
    let get = || server.request(Who::Reader, Method::GET, "/models");
    for left in ["2", "1", "0"] {
        let answer = get().send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["ratelimit-policy"], r#""token";q=3;w=60"#);
        let now = answer.headers()["ratelimit"].to_str().unwrap();
        assert!(now.starts_with(&format!(r#""token";r={left};t="#)), "{now}");
    }
    let answer = get().send().await.unwrap();
    assert_eq!(answer.headers()["retry-after"], "20");
    assert_eq!(refused(get(), 429).await["code"], "rate_limited");
    // Others are not held up, and a third of the minute later there is one more.
    let writer = server.writer(Method::GET, "/models").send().await.unwrap();
    assert_eq!(writer.status(), StatusCode::OK);
    server.clock.advance(20_000);
    assert_eq!(get().send().await.unwrap().status(), StatusCode::OK);
    refused(get(), 429).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_in_flight_are_announced_and_refused() {
    let server = Server::start_with_policy(|policy| policy.jobs_in_flight = 3).await;
    let revision = server.revision().await["id"].clone();
    let submit = |followers: usize| {
        let follower = serde_json::json!({"kind": "compress", "recipe": "int8"});
        let body = serde_json::json!({"kind": "compress", "revision": revision, "recipe": "int8",
            "then": vec![follower; followers]});
        server.writer(Method::POST, "/jobs").json(&body)
    };
    let rows = [
        (1, StatusCode::ACCEPTED, "1", None),
        (1, StatusCode::TOO_MANY_REQUESTS, "1", Some("5")),
        (0, StatusCode::ACCEPTED, "0", None),
        (0, StatusCode::TOO_MANY_REQUESTS, "0", Some("5")),
    ];
    for (followers, status, left, retry) in rows {
        let answer = submit(followers).send().await.unwrap();
        assert_eq!(answer.status(), status);
        let header = |name: &str| {
            let value = answer.headers().get(name);
            value.map(|value| value.to_str().unwrap().to_owned())
        };
        let policy = header("ratelimit-policy").unwrap();
        assert!(
            policy.starts_with("\"token\";q=") && policy.ends_with(r#", "jobs";q=3;qu="jobs""#),
            "{policy}"
        );
        let now = header("ratelimit").unwrap();
        assert!(now.ends_with(&format!(r#", "jobs";r={left}"#)), "{now}");
        assert_eq!(header("retry-after").as_deref(), retry);
    }
    let problem = refused(submit(0), 429).await;
    assert_eq!(problem["code"], "rate_limited");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("has 3 jobs in flight"), "{detail}");
    // The same request again is the same answer, not another job.
    let jobs = server.get("/jobs").await;
    let first = jobs["items"][1]["id"].as_str().unwrap().to_owned();
    let cancel = server.writer(Method::POST, &format!("/jobs/{first}/cancel"));
    assert_eq!(cancel.send().await.unwrap().status(), StatusCode::OK);
    let key = || submit(0).header("idempotency-key", "once");
    for _ in 0..3 {
        let answer = key().send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
    }
    assert_eq!(
        server.get("/jobs").await["items"].as_array().unwrap().len(),
        3
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_shows_no_token_or_a_worthless_one_is_counted_by_address() {
    let server = Server::start_with(|settings| {
        settings.allowed.address_requests = 2;
        settings.allowed.failures = 2;
    })
    .await;
    let worthless = || {
        server
            .request(Who::Nobody, Method::GET, "/models")
            .bearer_auth("ca_x")
    };
    for _ in 0..2 {
        refused(worthless(), 401).await;
    }
    refused(worthless(), 429).await;
    for _ in 0..2 {
        refused(server.request(Who::Nobody, Method::GET, "/models"), 401).await;
    }
    refused(server.request(Who::Nobody, Method::GET, "/models"), 429).await;
    refused(server.request(Who::Nobody, Method::GET, "/metrics"), 429).await;
    for (who, path) in [(Who::Reader, "/models"), (Who::Nobody, "/healthz")] {
        let answer = server.request(who, Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
}

/// Sends bytes and reads until the connection ends.
async fn raw(server: &Server, bytes: &[u8]) -> String {
    let mut stream = tokio::net::TcpStream::connect(server.address())
        .await
        .unwrap();
    let (mut read, mut write) = stream.split();
    let mut answer = Vec::new();
    // A server that has heard enough closes; what it said before counts.
    let _both = tokio::join!(write.write_all(bytes), read.read_to_end(&mut answer));
    String::from_utf8(answer).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_gets_a_document_too() {
    let server = Server::start().await;
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(10_000));
    let large = format!("GET / HTTP/1.1\r\na: {}\r\n\r\n", "x".repeat(1 << 20));
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(1 << 20));
    let twice = "POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n";
    let rows: [(&[u8], &str, &str); 6] = [
        (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
            "400",
            "bad_request",
        ),
        (b"nonsense\r\n\r\n", "400", "bad_request"),
        (twice.as_bytes(), "400", "bad_request"),
        (many.as_bytes(), "431", "too_large"),
        (large.as_bytes(), "431", "too_large"),
        (long.as_bytes(), "431", "too_large"),
    ];
    for (bytes, status, code) in rows {
        let answer = raw(&server, bytes).await;
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(30)]);
        let (head, body) = answer
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("{shown}: {answer:?}"));
        assert!(
            head.starts_with(&format!("HTTP/1.1 {status} ")),
            "{shown}: {head}"
        );
        assert!(head.contains("application/problem+json"), "{head}");
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["code"], code, "{shown}");
        assert_eq!(body["status"].to_string(), status);
        assert!(
            head.contains(body["request_id"].as_str().unwrap()),
            "{head}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_too_many_is_told_so() {
    let server = Server::start_with(|settings| settings.connections = 1).await;
    let first = tokio::net::TcpStream::connect(server.address())
        .await
        .unwrap();
    let answer = raw(&server, b"").await;
    assert!(
        answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 5"),
        "{answer}"
    );
    drop(first);
    while !raw(&server, b"GET /healthz HTTP/1.0\r\n\r\n")
        .await
        .contains("200 OK")
    {}
    let half = tokio::net::TcpStream::connect(server.address())
        .await
        .unwrap();
    half.try_write(b"GET /heal").unwrap();
    // Half a head does not hold up the end.
    server.clock.advance(1_000);
    let clock = std::sync::Arc::clone(&server.clock);
    let stop = server.stop();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            () = tokio::task::yield_now() => clock.advance(50),
        }
    }
}
