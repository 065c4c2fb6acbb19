//! Uploads: what becomes a revision, and what leaves nothing.

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::server::{Server, json, large_zip, model_path, refused, zip};
use crate::store::world::on_every_database;

/// SHA-256 in the form of `Content-Digest`.
fn digest_of(body: &[u8]) -> String {
    use sha2::Digest as _;
    client::content_digest(&sha2::Sha256::digest(body).into())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_small_package_becomes_a_revision_with_its_golden_digest() {
    let server = Server::start().await;
    server.model("m").await;
    let golden: Value =
        serde_json::from_str(&std::fs::read_to_string(model_path("models.json")).unwrap()).unwrap();
    for (name, row) in golden.as_object().unwrap() {
        let revision = json(server.upload("m", zip(name)), StatusCode::CREATED).await;
        assert_eq!(
            (&revision["digest"], &revision["size_bytes"]),
            (&row["digest"], &row["size_bytes"]),
            "{name}"
        );
        let path = format!("/revisions/{}/inspection", revision["id"].as_str().unwrap());
        let inspection = server.get(&path).await;
        assert_eq!(inspection["digest"], row["digest"], "{name}");
    }
}

#[test]
fn the_same_package_again_is_the_same_revision() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        server.model("m").await;
        let body = zip("mnist_cnn.mlpackage");
        let send = |tag: &str| {
            let path = format!("/models/m/revisions?tag={tag}");
            server
                .writer(Method::POST, &path)
                .header("content-digest", digest_of(&body))
                .body(body.clone())
        };
        let first = json(send("commit:abc"), StatusCode::CREATED).await;
        let kept = server.kept();
        let again = json(send("branch=main"), StatusCode::OK).await;
        assert_eq!(first["id"], again["id"]);
        assert_eq!(
            again["tags"],
            serde_json::json!({"commit": "abc", "branch": "main"})
        );
        assert_eq!(server.kept(), kept);
        assert!(
            kept.iter().all(|name| name.len() == 64),
            "only objects remain: {kept:?}"
        );
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_leaves_nothing() {
    let server = Server::start_with(|settings| settings.upload_bytes = 1_000_000).await;
    server.model("m").await;
    let good = zip("mnist_cnn.mlpackage");
    let mut cut = good.clone();
    cut.truncate(good.len() / 2);
    let mut flipped = good.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let rows: Vec<(&str, Vec<u8>, u16, &str)> = vec![
        ("nothing", Vec::new(), 415, "unsupported_media_type"),
        (
            "a text",
            b"hello, this is no package".to_vec(),
            415,
            "unsupported_media_type",
        ),
        ("half a zip", cut, 422, "bad_package"),
        ("a flipped bit", flipped, 422, "bad_package"),
        (
            "an empty zip",
            [b"PK\x05\x06".as_slice(), &[0; 18]].concat(),
            422,
            "bad_package",
        ),
        (
            "a model that is none",
            b"\x08\x07\x12\xff\xff\xff\xff\x0f".to_vec(),
            422,
            "bad_package",
        ),
        (
            "too much",
            [b"PK\x03\x04".as_slice(), &[0; 1_000_000]].concat(),
            413,
            "too_large",
        ),
    ];
    for (what, body, status, code) in rows {
        let problem = refused(server.upload("m", body), status).await;
        assert_eq!(problem["code"], code, "{what}: {problem}");
        assert!(
            !problem["detail"].as_str().unwrap().contains("scratch"),
            "{what}: {problem}"
        );
        assert_eq!(server.kept(), Vec::<String>::new(), "{what}");
    }
    assert_eq!(
        server.get("/models/m/revisions").await["items"],
        serde_json::json!([])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_is_checked() {
    let server = Server::start().await;
    server.model("m").await;
    let body = zip("mnist_cnn.mlpackage");
    let send = |digest: &str| {
        server
            .upload("m", body.clone())
            .header("content-digest", digest.to_owned())
    };
    assert_eq!(
        refused(send(&digest_of(b"other")), 400).await["code"],
        "digest_mismatch"
    );
    assert_eq!(
        refused(send("sha-256=nonsense"), 400).await["code"],
        "bad_request"
    );
    assert_eq!(server.kept(), Vec::<String>::new());
    json(send("sha-512=:AAAA:"), StatusCode::CREATED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_length_is_counted_too() {
    let server = Server::start_with(|settings| settings.upload_bytes = 10_000).await;
    server.model("m").await;
    let chunks =
        futures::stream::iter((0..20).map(|_| Ok::<_, std::io::Error>(b"PK\x03\x04".repeat(250))));
    let request = server
        .writer(Method::POST, "/models/m/revisions")
        .body(reqwest::Body::wrap_stream(chunks));
    assert_eq!(refused(request, 413).await["code"], "too_large");
    assert_eq!(server.kept(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_stored_entry_is_the_same_however_it_is_received() {
    // Larger than what is set aside while it arrives, and one that is deflated, which is not.
    let server = Server::start().await;
    server.model("m").await;
    server.model("n").await;
    let stored = large_zip(false);
    let deflated = large_zip(true);
    assert!(deflated.len() < stored.len());
    let one = json(server.upload("m", stored.clone()), StatusCode::CREATED).await;
    let other = json(server.upload("n", deflated), StatusCode::CREATED).await;
    assert_eq!(one["digest"], other["digest"]);
    let mut flipped = stored;
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let problem = refused(server.upload("m", flipped), 422).await;
    assert!(
        problem["detail"].as_str().unwrap().contains("CRC-32"),
        "{problem}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_tag_is_refused_before_the_body_is_read() {
    let server = Server::start().await;
    server.model("m").await;
    for query in ["tag=novalue", "tag=a:b&tag=a:c", "tga=a:b"] {
        let path = format!("/models/m/revisions?{query}");
        refused(
            server
                .writer(Method::POST, &path)
                .body(zip("mnist_cnn.mlpackage")),
            400,
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_leaves_nothing() {
    use tokio::io::AsyncWriteExt as _;
    let server = Server::start().await;
    server.model("m").await;
    let mut socket = tokio::net::TcpStream::connect(server.address())
        .await
        .unwrap();
    let head = format!(
        "POST /api/v1/models/m/revisions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 9000000\r\n\r\n",
        server.token(super::server::Who::Writer).unwrap()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket
        .write_all(&large_zip(false)[..2_000_000])
        .await
        .unwrap();
    while server.kept().len() < 2 {
        tokio::task::yield_now().await;
    }
    drop(socket);
    while !server.kept().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(
        server.get("/models/m/revisions").await["items"],
        serde_json::json!([])
    );
}
