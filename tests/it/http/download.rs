//! Downloads: the same bytes every time, whole or in parts.

use reqwest::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG};
use reqwest::{Method, StatusCode};

use super::server::{Server, Who, json, large_zip, refused, zip};

struct Whole {
    server: Server,
    path: String,
    tag: String,
    bytes: Vec<u8>,
}

async fn whole(body: Vec<u8>) -> Whole {
    let server = Server::start().await;
    server.model("m").await;
    let revision = json(server.upload("m", body), StatusCode::CREATED).await;
    let path = format!("/revisions/{}/package", revision["id"].as_str().unwrap());
    let answer = server
        .request(Who::Reader, Method::GET, &path)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let head = answer.headers().clone();
    let bytes = answer.bytes().await.unwrap().to_vec();
    assert_eq!(head[CONTENT_LENGTH], bytes.len().to_string().as_str());
    assert_eq!(head[ACCEPT_RANGES], "bytes");
    let digest = {
        use sha2::Digest as _;
        client::content_digest(&sha2::Sha256::digest(&bytes).into())
    };
    assert_eq!(head["content-digest"], digest.as_str());
    Whole {
        server,
        path,
        tag: head[ETAG].to_str().unwrap().to_owned(),
        bytes,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_out_is_what_went_in() {
    for name in [
        "mnist_cnn.mlpackage",
        "stateful.mlpackage",
        "legacy_glm.mlmodel",
    ] {
        let sent = zip(name);
        let got = whole(sent.clone()).await;
        let folder = tempfile::tempdir().unwrap();
        let open = |bytes: &[u8], file: &str| {
            let path = folder.path().join(file);
            std::fs::write(&path, bytes).unwrap();
            coreml::package::Package::open(&path, folder.path(), &coreml::Limits::default())
                .unwrap()
        };
        let (before, after) = (open(&sent, "a"), open(&got.bytes, "b"));
        assert_eq!(before.digest(), after.digest(), "{name}");
        assert_eq!(before.empty_folders(), after.empty_folders(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_are_parts_of_the_whole() {
    let whole = whole(large_zip(false)).await;
    let length = whole.bytes.len();
    let rows = [
        ("bytes=0-0".to_owned(), 0..1),
        ("bytes=10-99".to_owned(), 10..100),
        (format!("bytes={}-", length - 5), length - 5..length),
        ("bytes=-7".to_owned(), length - 7..length),
        ("bytes=1000-2500000".to_owned(), 1000..2_500_001),
        (format!("bytes=30-{}", length + 10), 30..length),
    ];
    for (range, want) in rows {
        let answer = whole
            .server
            .request(Who::Reader, Method::GET, &whole.path)
            .header("range", &range);
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT, "{range}");
        let content_range = format!("bytes {}-{}/{length}", want.start, want.end - 1);
        assert_eq!(answer.headers()[CONTENT_RANGE], content_range.as_str());
        assert!(
            answer.bytes().await.unwrap()[..] == whole.bytes[want],
            "{range}"
        );
    }
    let beyond = whole
        .server
        .request(Who::Reader, Method::GET, &whole.path)
        .header("range", format!("bytes={length}-"));
    let answer = beyond.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(
        answer.headers()[CONTENT_RANGE],
        format!("bytes */{length}").as_str()
    );
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/problem+json");
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_tell_old_from_new() {
    let whole = whole(zip("mnist_cnn.mlpackage")).await;
    let get = || whole.server.request(Who::Reader, Method::GET, &whole.path);
    let same = get()
        .header("if-none-match", &whole.tag)
        .send()
        .await
        .unwrap();
    assert_eq!(same.status(), StatusCode::NOT_MODIFIED);
    for (if_range, status) in [
        (whole.tag.as_str(), StatusCode::PARTIAL_CONTENT),
        ("\"other\"", StatusCode::OK),
    ] {
        let answer = get()
            .header("range", "bytes=5-")
            .header("if-range", if_range)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), status, "{if_range}");
    }
    let head = whole
        .server
        .request(Who::Reader, Method::HEAD, &whole.path)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (head.status(), head.headers()[ETAG].to_str().unwrap()),
        (StatusCode::OK, whole.tag.as_str())
    );
    assert_eq!(
        head.headers()[CONTENT_LENGTH],
        whole.bytes.len().to_string().as_str()
    );
    assert!(head.bytes().await.unwrap().is_empty());
    let nobody = whole.server.request(Who::Nobody, Method::GET, &whole.path);
    refused(nobody, 401).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn renaming_a_model_changes_no_download() {
    let whole = whole(zip("mnist_cnn.mlpackage")).await;
    let rename = whole
        .server
        .writer(Method::PATCH, "/models/m")
        .json(&serde_json::json!({"name": "n"}));
    json(rename, StatusCode::OK).await;
    let again = whole
        .server
        .request(Who::Reader, Method::GET, &whole.path)
        .send()
        .await
        .unwrap();
    assert_eq!(again.headers()[ETAG].to_str().unwrap(), whole.tag);
    assert!(again.bytes().await.unwrap()[..] == whole.bytes[..]);
}
