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
