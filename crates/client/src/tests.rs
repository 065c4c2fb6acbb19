//! Against a server of a few lines that answers what it is told, over real sockets.

use std::sync::{Arc, Mutex};

use api::ids::{JobId, RevisionId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::{Client, Error, Patience, content_digest};

/// Requests in a row, as they came.
type Requests = Arc<Mutex<Vec<String>>>;

/// Impatient enough for tests.
const QUICK: Patience = Patience {
    attempts: 3,
    first_delay_ms: 1,
    longest_delay_ms: 5,
};

/// Answers each connection with the next text, then closes it. Returns the address and what was asked.
async fn server(answers: Vec<String>) -> (String, Requests, tokio::task::JoinSet<()>) {
    drop(rustls::crypto::ring::default_provider().install_default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let requests = Requests::default();
    let seen = requests.clone();
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move {
        for answer in answers {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(socket.read_u8().await.unwrap());
            }
            seen.lock().unwrap().push(String::from_utf8(head).unwrap());
            socket.write_all(answer.as_bytes()).await.unwrap();
            socket.shutdown().await.unwrap();
        }
    });
    (address, requests, tasks)
}

/// An answer with a body.
fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A problem document.
fn problem(status: u16, code: &str) -> String {
    let body = format!(
        r#"{{"type":"about:blank","title":"Refused","status":{status},"detail":"so\nit is","code":"{code}","request_id":"r1"}}"#
    );
    answer(
        &format!("{status} X"),
        "content-type: application/problem+json\r\n",
        &body,
    )
}

fn job_id() -> JobId {
    "01890000-0000-7000-8000-000000000001".parse().unwrap()
}

fn revision_id() -> RevisionId {
    "01890000-0000-7000-8000-000000000002".parse().unwrap()
}

/// The error of asking for a job when the server answers this.
async fn error_of(answers: Vec<String>) -> (Error, usize) {
    let (address, requests, _tasks) = server(answers).await;
    let client = Client::new(&address, Some("ca_x"), QUICK).unwrap();
    let error = client.job(job_id()).await.unwrap_err();
    let count = requests.lock().unwrap().len();
    (error, count)
}

#[tokio::test]
async fn statuses_become_errors_and_503_is_repeated() {
    let (error, calls) = error_of(vec![problem(404, "not_found")]).await;
    assert!(
        matches!(&error, Error::Refused { problem, .. } if problem.status == 404),
        "{error}"
    );
    assert!(error.to_string().ends_with("so it is"), "{error}");
    assert_eq!(calls, 1);

    let (error, calls) = error_of(vec![problem(503, "unavailable"); 3]).await;
    assert!(
        matches!(error, Error::Failed { status: 503, .. }),
        "{error}"
    );
    assert_eq!(calls, 3);

    let (error, calls) = error_of(vec![answer("500 X", "", "oops")]).await;
    assert!(
        matches!(error, Error::Failed { status: 500, .. }),
        "{error}"
    );
    assert_eq!(calls, 1);

    let (error, _) = error_of(vec![answer("404 X", "", "<html>")]).await;
    assert!(matches!(error, Error::Unexpected { .. }), "{error}");

    let (error, _) = error_of(vec![answer("200 OK", "", "{}")]).await;
    assert!(matches!(error, Error::Unexpected { .. }), "{error}");
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let client = Client::new(&format!("http://{free}"), None, QUICK).unwrap();
    let error = client.job(job_id()).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn addresses_are_judged() {
    drop(rustls::crypto::ring::default_provider().install_default());
    for wrong in ["", "localhost:8080", "ftp://host", "http://"] {
        let error = Client::new(wrong, None, QUICK).unwrap_err();
        assert!(matches!(error, Error::Address { .. }), "{wrong}: {error}");
    }
    let client = Client::new("https://host/under", None, QUICK).unwrap();
    let url = client.url(&["models", "a/../b"]).unwrap();
    assert_eq!(url.as_str(), "https://host/under/api/v1/models/a%2F..%2Fb");
}

#[tokio::test]
async fn a_broken_download_continues_where_it_stopped_and_is_verified() {
    use sha2::Digest as _;
    let digest = content_digest(&sha2::Sha256::digest(b"hello world").into());
    let headers =
        format!("content-digest: {digest}\r\netag: \"e\"\r\ncontent-type: application/zip\r\n");
    let first = answer("200 OK", &headers, "hello world").replace("hello world", "hello");
    let second = answer("206 Partial Content", "", " world");
    let (address, requests, _tasks) = server(vec![first, second]).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zip");
    let client = Client::new(&address, None, QUICK).unwrap();
    let done = client
        .download(revision_id(), &path, |_, _| ())
        .await
        .unwrap();
    assert_eq!(
        (done.size_bytes, done.breaks, done.media_type.as_str()),
        (11, 1, "application/zip")
    );
    assert_eq!(std::fs::read(&path).unwrap(), b"hello world");
    let requests = requests.lock().unwrap();
    assert!(
        requests[1].contains("range: bytes=5-") && requests[1].contains("if-range: \"e\""),
        "{requests:?}"
    );
}

#[tokio::test]
async fn a_damaged_download_is_told() {
    let digest = content_digest(&[7; 32]);
    let body = answer("200 OK", &format!("content-digest: {digest}\r\n"), "hello");
    let (address, _requests, _tasks) = server(vec![body]).await;
    let folder = tempfile::tempdir().unwrap();
    let client = Client::new(&address, None, QUICK).unwrap();
    let error = client
        .download(revision_id(), &folder.path().join("x"), |_, _| ())
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}
