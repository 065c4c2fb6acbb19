//! Resumable uploads: wrong offsets, two writers, checksums, killed servers, expiry; on both databases and both stores.

#![expect(
    clippy::disallowed_methods,
    reason = "clients of the test's own, awaited in it"
)]

use api::digest::Digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use coreanvil::app::sweeper::{self, Mode};
use coreanvil::store::UploadLock;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::server::{Server, Who, json as answered, large_zip, refused, zip};
use crate::s3;
use crate::store::world::{World, on_every_database};

fn encoded(text: &str) -> String {
    STANDARD.encode(text)
}

/// What names the model, and nothing else.
pub(super) fn metadata(model: &str) -> String {
    format!("model {}", encoded(model))
}

fn sha256(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

fn tus(request: RequestBuilder) -> RequestBuilder {
    request.header("tus-resumable", "1.0.0")
}

fn begin(server: &Server, body: &[u8]) -> RequestBuilder {
    let metadata = format!(
        "model {},filename {},tags {},digest {}",
        encoded("m"),
        encoded("a.zip"),
        encoded("commit:abc\nbranch:main"),
        encoded(&sha256(body).to_string()),
    );
    tus(server.writer(Method::POST, "/uploads"))
        .header("upload-length", body.len())
        .header("upload-metadata", metadata)
}

async fn begun(server: &Server, body: &[u8]) -> String {
    let response = begin(server, body).send().await.unwrap();
    assert_eq!(response.status(), 201, "{:?}", response.text().await);
    header(&response, "location")
        .trim_start_matches("/api/v1")
        .to_owned()
}

fn header(response: &Response, name: &str) -> String {
    response.headers()[name].to_str().unwrap().to_owned()
}

fn patch(server: &Server, path: &str, offset: usize, bytes: &[u8]) -> RequestBuilder {
    tus(server.writer(Method::PATCH, path))
        .header("content-type", "application/offset+octet-stream")
        .header("upload-offset", offset)
        .body(bytes.to_vec())
}

async fn appended(server: &Server, path: &str, offset: usize, bytes: &[u8]) -> Response {
    let response = patch(server, path, offset, bytes).send().await.unwrap();
    assert_eq!(response.status(), 204, "{:?}", response.text().await);
    assert_eq!(
        header(&response, "upload-offset"),
        (offset + bytes.len()).to_string()
    );
    assert_eq!(header(&response, "tus-resumable"), "1.0.0");
    response
}

async fn stands(server: &Server, path: &str) -> usize {
    let response = tus(server.writer(Method::HEAD, path)).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "cache-control"), "no-store");
    header(&response, "upload-offset").parse().unwrap()
}

/// Waits until somebody has the upload's lock.
async fn until_locked(server: &Server, path: &str) {
    let upload_id = path.rsplit('/').next().unwrap().parse().unwrap();
    let now = server.app.clock.now();
    let lock = UploadLock {
        upload_id,
        lock_id: server.app.ids.uuid(),
    };
    // A lock that is over at once keeps nobody out.
    while server.app.store.lock_upload(now, now, lock).await.is_ok() {}
}

async fn shown(server: &Server, path: &str) -> Value {
    answered(server.writer(Method::GET, path), StatusCode::OK).await
}

/// Runs the test on each database, with local files and with S3.
#[expect(clippy::needless_pass_by_value, reason = "a closure is handed over")]
fn on_every_back_end(test: impl AsyncFn(&World, &str)) {
    on_every_database(async |world| {
        let folder = tempfile::tempdir().unwrap();
        test(
            &world,
            &format!("file://{}", folder.path().join("objects").display()),
        )
        .await;
        if s3::endpoint().is_some() {
            test(&world, &s3::place()).await;
        }
    });
}

#[test]
fn pieces_to_any_server_become_the_same_revision_as_one_body() {
    on_every_back_end(async |world, objects| {
        let first = Server::start_with_objects(world, objects).await;
        if first
            .writer(Method::GET, "/models/m")
            .send()
            .await
            .unwrap()
            .status()
            == 404
        {
            first.model("m").await;
        }
        let body = large_zip(false);
        let path = begun(&first, &body).await;
        appended(&first, &path, 0, &body[..1_000_000]).await;
        // The first server is gone for good; another goes on where the bytes are.
        let second = Server::start_with_objects(world, objects).await;
        first.stop().await;
        assert_eq!(stands(&second, &path).await, 1_000_000);
        appended(&second, &path, 1_000_000, &body[1_000_000..1_000_001]).await;
        let done = appended(&second, &path, 1_000_001, &body[1_000_001..]).await;
        let upload = shown(&second, &path).await;
        assert_eq!(upload["state"], "done");
        let id = upload["revision_id"].as_str().unwrap();
        assert_eq!(header(&done, "location"), format!("/api/v1/revisions/{id}"));
        let revision = second.get(&format!("/revisions/{id}")).await;
        assert_eq!(revision["tags"], json!({"commit": "abc", "branch": "main"}));
        let again = answered(second.upload("m", body.clone()), StatusCode::OK).await;
        assert_eq!(again["id"], revision["id"]);
        // An answer that was lost is asked for again.
        appended(&second, &path, body.len(), &[]).await;
        let package = second.writer(Method::GET, &format!("/revisions/{id}/package"));
        let package = package.send().await.unwrap();
        assert_eq!(package.status(), 200);
        package.bytes().await.unwrap();
        let parts: Vec<_> = futures::TryStreamExt::try_collect(second.app.objects.list_parts())
            .await
            .unwrap();
        assert_eq!(parts, [], "pieces are left");
        second.stop().await;
    });
}

#[test]
fn what_is_wrong_is_refused_and_changes_nothing() {
    on_every_back_end(async |world, objects| {
        let server = Server::start_with_objects(world, objects).await;
        if server
            .writer(Method::GET, "/models/m")
            .send()
            .await
            .unwrap()
            .status()
            == 404
        {
            server.model("m").await;
        }
        let body = zip("mnist_cnn.mlpackage");
        let path = begun(&server, &body).await;
        appended(&server, &path, 0, &body[..100]).await;
        let code = async |request: RequestBuilder, status: u16| {
            refused(request, status).await["code"].clone()
        };
        assert_eq!(
            code(patch(&server, &path, 99, b"x"), 409).await,
            "wrong_offset"
        );
        assert_eq!(
            code(patch(&server, &path, 101, b"x"), 409).await,
            "wrong_offset"
        );
        let sum = |algorithm: &str, sum: &[u8]| format!("{algorithm} {}", STANDARD.encode(sum));
        let wrong = patch(&server, &path, 100, &body[100..200])
            .header("upload-checksum", sum("sha256", &sha256(b"y").0));
        assert_eq!(code(wrong, 460).await, "checksum_mismatch");
        for strange in ["md5 AAAA", "sha256", "sha256 AAAA", "sha1 ~"] {
            let request = patch(&server, &path, 100, b"x").header("upload-checksum", strange);
            assert_eq!(code(request, 400).await, "bad_request", "{strange}");
        }
        let too_much = [&body[100..], b"x"].concat();
        assert_eq!(
            code(patch(&server, &path, 100, &too_much), 413).await,
            "too_large"
        );
        let old = server
            .writer(Method::PATCH, &path)
            .header("tus-resumable", "0.2.2");
        assert_eq!(code(old, 412).await, "precondition_failed");
        let plain = server
            .writer(Method::PATCH, &path)
            .header("tus-resumable", "1.0.0")
            .header("upload-offset", 100);
        assert_eq!(code(plain.body("x"), 415).await, "unsupported_media_type");
        assert_eq!(stands(&server, &path).await, 100, "something counted");
        let right = patch(&server, &path, 100, &body[100..200])
            .header("upload-checksum", sum("sha256", &sha256(&body[100..200]).0));
        assert_eq!(right.send().await.unwrap().status(), 204);
        let sha1 = <[u8; 20]>::from(sha1::Sha1::digest(&body[200..300]));
        let right = patch(&server, &path, 200, &body[200..300])
            .header("upload-checksum", sum("sha1", &sha1));
        assert_eq!(right.send().await.unwrap().status(), 204);
        assert_eq!(
            server
                .request(Who::Stranger, Method::GET, &path)
                .send()
                .await
                .unwrap()
                .status(),
            404
        );
        let gone = tus(server.writer(Method::DELETE, &path))
            .send()
            .await
            .unwrap();
        assert_eq!(gone.status(), 204);
        assert_eq!(
            code(tus(server.writer(Method::GET, &path)), 404).await,
            "not_found"
        );
        let parts: Vec<_> = futures::TryStreamExt::try_collect(server.app.objects.list_parts())
            .await
            .unwrap();
        assert_eq!(parts, []);
        server.stop().await;
    });
}

#[test]
fn a_malformed_package_is_refused_for_good_and_leaves_nothing() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        server.model("m").await;
        let mut body = zip("mnist_cnn.mlpackage");
        let middle = body.len() / 2;
        body[middle] ^= 1;
        for body in [body, b"no package at all".to_vec()] {
            let path = begun(&server, &body).await;
            let response = patch(&server, &path, 0, &body).send().await.unwrap();
            let status = response.status().as_u16();
            let problem: Value = response.json().await.unwrap();
            assert!([415, 422].contains(&status), "{problem}");
            let upload = shown(&server, &path).await;
            assert_eq!(
                (&upload["state"], &upload["error"]["code"]),
                (&json!("failed"), &problem["code"])
            );
            let again = refused(patch(&server, &path, body.len(), b""), status).await;
            assert_eq!(again["code"], problem["code"]);
            assert_eq!(server.kept(), Vec::<String>::new());
        }
        // A promise about the whole that does not hold.
        let (one, other) = (zip("mnist_cnn.mlpackage"), vec![0; 10]);
        let metadata = format!(
            "model {},digest {}",
            encoded("m"),
            encoded(&sha256(&other).to_string())
        );
        let made = tus(server.writer(Method::POST, "/uploads"))
            .header("upload-length", one.len())
            .header("upload-metadata", metadata);
        let made = made.send().await.unwrap();
        let path = header(&made, "location")
            .trim_start_matches("/api/v1")
            .to_owned();
        assert_eq!(
            refused(patch(&server, &path, 0, &one), 400).await["code"],
            "digest_mismatch"
        );
        server.stop().await;
    });
}

#[test]
fn one_writes_at_a_time_and_a_dead_one_lets_go() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        server.model("m").await;
        let body = zip("mnist_cnn.mlpackage");
        let path = begun(&server, &body).await;
        // A connection that sends ten bytes and then nothing more.
        let (sender, receiver) =
            futures::channel::mpsc::unbounded::<Result<Vec<u8>, std::io::Error>>();
        sender.unbounded_send(Ok(body[..10].to_vec())).unwrap();
        let dead = patch(&server, &path, 0, b"").body(reqwest::Body::wrap_stream(receiver));
        let dead =
            tokio::spawn(async move { dead.send().await.map(|answer| answer.status().as_u16()) });
        until_locked(&server, &path).await;
        let probe = patch(&server, &path, 0, b"").send().await.unwrap();
        assert_eq!(probe.status(), 423);
        assert_eq!(header(&probe, "retry-after"), "3");
        let held = refused(tus(server.writer(Method::DELETE, &path)), 423).await;
        assert_eq!(held["code"], "locked");
        server.clock.advance(11_000);
        appended(&server, &path, 0, &body[..200]).await;
        // The first one wakes up: what it has does not count any more.
        sender.unbounded_send(Ok(body[10..20].to_vec())).unwrap();
        drop(sender);
        assert_eq!(dead.await.unwrap().unwrap(), 423);
        assert_eq!(stands(&server, &path).await, 200);
        appended(&server, &path, 200, &body[200..]).await;
        assert_eq!(shown(&server, &path).await["state"], "done");
        server.stop().await;
    });
}

#[test]
fn what_came_before_a_connection_broke_counts_and_the_upload_expires() {
    on_every_database(async |world| {
        let server = Server::start_in(&world).await;
        server.model("m").await;
        let body = zip("mnist_cnn.mlpackage");
        let path = begun(&server, &body).await;
        let (sender, receiver) =
            futures::channel::mpsc::unbounded::<Result<Vec<u8>, std::io::Error>>();
        sender.unbounded_send(Ok(body[..500].to_vec())).unwrap();
        let cut = patch(&server, &path, 0, b"").body(reqwest::Body::wrap_stream(receiver));
        let cut = tokio::spawn(cut.send());
        until_locked(&server, &path).await;
        sender
            .unbounded_send(Err(std::io::Error::other("cut")))
            .unwrap();
        assert!(cut.await.unwrap().is_err());
        while stands(&server, &path).await == 0 {}
        assert_eq!(stands(&server, &path).await, 500);
        let digest = sha256(&body);
        let found = answered(
            server.writer(Method::GET, &format!("/uploads?digest={digest}")),
            StatusCode::OK,
        )
        .await;
        assert_eq!(found["items"][0]["offset_bytes"], 500);
        assert!(!server.kept().is_empty());
        server.clock.advance(25 * 3_600_000);
        assert_eq!(
            refused(patch(&server, &path, 500, b"x"), 404).await["code"],
            "not_found"
        );
        assert_eq!(
            sweeper::sweep(&server.app, Mode::Count)
                .await
                .unwrap()
                .uploads,
            1
        );
        assert_eq!(
            sweeper::sweep(&server.app, Mode::Remove)
                .await
                .unwrap()
                .uploads,
            1
        );
        assert_eq!(
            sweeper::sweep(&server.app, Mode::Remove)
                .await
                .unwrap()
                .uploads,
            0
        );
        assert_eq!(
            server.kept().iter().filter(|name| name.len() == 64).count(),
            0
        );
        server.stop().await;
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_may_begin_with_bytes_and_says_what_it_can_do() {
    let server = Server::start().await;
    server.model("m").await;
    let body = zip("mnist_cnn.mlpackage");
    let made = begin(&server, &body)
        .header("content-type", "application/offset+octet-stream")
        .body(body[..300].to_vec());
    let made = made.send().await.unwrap();
    assert_eq!(
        (made.status().as_u16(), header(&made, "upload-offset")),
        (201, "300".to_owned())
    );
    let abilities = server
        .request(Who::Nobody, Method::OPTIONS, "/uploads")
        .send()
        .await
        .unwrap();
    assert_eq!(abilities.status(), 204);
    assert_eq!(header(&abilities, "tus-checksum-algorithm"), "sha1,sha256");
    for wrong in [
        tus(server.writer(Method::POST, "/uploads"))
            .header("upload-length", "many")
            .header("upload-metadata", metadata("m")),
        tus(server.writer(Method::POST, "/uploads")).header("upload-length", 5),
        tus(server.writer(Method::POST, "/uploads"))
            .header("upload-length", 5)
            .header("upload-metadata", "model !"),
    ] {
        refused(wrong, 400).await;
    }
    let large = tus(server.writer(Method::POST, "/uploads"))
        .header("upload-length", 1_u64 << 40)
        .header("upload-metadata", format!("model {}", encoded("m")));
    assert_eq!(refused(large, 413).await["code"], "too_large");
    server.stop().await;
}
