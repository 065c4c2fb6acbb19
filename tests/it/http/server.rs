//! A server for one test, and the requests that tests make.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use api::digest::Digest;
use api::ids::{ProjectId, TokenId};
use api::time::Time;
use api::tokens::Scope;
use coreanvil::app::{App, Settings, tokens};
use coreanvil::clock::{Clock, Ids, ManualClock, SequentialIds};
use coreanvil::http;
use coreanvil::objects::Objects;
use coreanvil::queue::{Policy, Queue};
use coreanvil::store::{NewTokenRecord, Store};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;
use tempfile::TempDir;

use crate::store::world::World;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Nobody,
    Stranger,
    Reader,
    Writer,
    Admin,
}

impl Who {
    pub(super) const ALL: [Self; 5] = [
        Self::Nobody,
        Self::Stranger,
        Self::Reader,
        Self::Writer,
        Self::Admin,
    ];
}

/// A server.
pub(super) struct Server {
    pub(super) app: Arc<App>,
    pub(super) clock: Arc<ManualClock>,
    pub(super) folder: TempDir,
    base: String,
    client: reqwest::Client,
    tokens: [String; 4],
}

impl Server {
    /// On an empty SQLite database and an empty object store.
    pub(super) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// As [`Self::start`], with other settings.
    pub(super) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("db.sqlite").display());
        Self::start_on(folder, &url, 1, |settings, _| change(settings)).await
    }

    /// As [`Self::start`], with another policy of the queue.
    pub(super) async fn start_with_policy(change: impl FnOnce(&mut Policy)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("db.sqlite").display());
        Self::start_on(folder, &url, 1, |_, policy| change(policy)).await
    }

    /// On the database of a [`World`], which has drawn a few ids already.
    pub(super) async fn start_in(world: &World) -> Self {
        Self::start_on(tempfile::tempdir().unwrap(), &world.url, 1000, |_, _| {}).await
    }

    /// One of several servers on the database of a [`World`] and a shared object store.
    pub(super) async fn start_with_objects(world: &World, objects: &str) -> Self {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1_000_000);
        let first_id = NEXT.fetch_add(100_000, std::sync::atomic::Ordering::Relaxed);
        let folder = tempfile::tempdir().unwrap();
        Self::start_at(folder, &world.url, objects, first_id, |_, _| {}).await
    }

    async fn start_on(
        folder: TempDir,
        url: &str,
        first_id: u64,
        change: impl FnOnce(&mut Settings, &mut Policy),
    ) -> Self {
        let objects = format!("file://{}", folder.path().join("objects").display());
        Self::start_at(folder, url, &objects, first_id, change).await
    }

    async fn start_at(
        folder: TempDir,
        url: &str,
        objects: &str,
        first_id: u64,
        change: impl FnOnce(&mut Settings, &mut Policy),
    ) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        let clock = Arc::new(ManualClock::new(
            "2026-11-24T12:00:00Z".parse::<Time>().unwrap(),
        ));
        let ids: Arc<dyn Ids> = Arc::new(SequentialIds::new(first_id));
        let store = Store::open(url).await.unwrap();
        store.migrate().await.unwrap();
        let variables = if objects.starts_with("s3:") {
            crate::s3::variables(&crate::s3::endpoint().unwrap())
        } else {
            Vec::new()
        };
        let objects = Objects::open(objects, variables).unwrap();
        let now: Arc<dyn Clock> = Arc::clone(&clock) as Arc<dyn Clock>;
        let mut policy = Policy::default();
        let mut settings = settings(folder.path().join("scratch"));
        change(&mut settings, &mut policy);
        let queue = Queue::new(store.clone(), Arc::clone(&now), Arc::clone(&ids), policy);
        let app = App::new(store, objects, queue, now, ids, settings).unwrap();
        let tokens = tokens_of(&app).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        app.tasks.spawn(http::serve(listener, Arc::clone(&app)));
        let client = reqwest::Client::builder()
            .timeout(Duration::from_mins(2))
            .build()
            .unwrap();
        Self {
            app,
            clock,
            folder,
            base,
            client,
            tokens,
        }
    }

    /// Host and port.
    pub(super) fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// The token of somebody.
    pub(super) fn token(&self, who: Who) -> Option<&str> {
        match who {
            Who::Nobody => None,
            Who::Stranger => Some(&self.tokens[0]),
            Who::Reader => Some(&self.tokens[1]),
            Who::Writer => Some(&self.tokens[2]),
            Who::Admin => Some(&self.tokens[3]),
        }
    }

    /// A request to a path, `/api/v1` before it unless it is another root.
    pub(super) fn request(&self, who: Who, method: Method, path: &str) -> RequestBuilder {
        let prefix = if path.starts_with("/healthz")
            || path.starts_with("/readyz")
            || path.starts_with("/metrics")
        {
            ""
        } else {
            http::BASE
        };
        let request = self
            .client
            .request(method, format!("{}{prefix}{path}", self.base))
            .header("x-request-id", "r-1");
        match self.token(who) {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// A request by the writer.
    pub(super) fn writer(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(Who::Writer, method, path)
    }

    /// A GET by the reader that must succeed.
    pub(super) async fn get(&self, path: &str) -> Value {
        json(self.request(Who::Reader, Method::GET, path), StatusCode::OK).await
    }

    /// Makes a model.
    pub(super) async fn model(&self, name: &str) -> Value {
        let request = self
            .writer(Method::POST, "/models")
            .json(&serde_json::json!({"name": name}));
        json(request, StatusCode::CREATED).await
    }

    /// Uploads a body to a model.
    pub(super) fn upload(&self, model: &str, body: Vec<u8>) -> RequestBuilder {
        self.writer(Method::POST, &format!("/models/{model}/revisions"))
            .body(body)
    }

    /// A model `m` with one revision; the revision.
    pub(super) async fn revision(&self) -> Value {
        self.model("m").await;
        json(
            self.upload("m", zip("mnist_cnn.mlpackage")),
            StatusCode::CREATED,
        )
        .await
    }

    /// What is kept: files of the object store and of the scratch folder, relative.
    pub(super) fn kept(&self) -> Vec<String> {
        let mut found = Vec::new();
        for room in ["objects", "scratch"] {
            walk(&self.folder.path().join(room), &mut found);
        }
        found.sort();
        found
    }

    /// Stops and waits until everything has ended.
    pub(super) async fn stop(self) {
        self.app.stopping.cancel();
        drop(self.client);
        self.app.tasks.close();
        self.app.tasks.wait().await;
    }
}

async fn tokens_of(app: &App) -> [String; 4] {
    let project = |name: &str| name.parse().unwrap();
    let here = app
        .store
        .ensure_project(
            app.clock.now(),
            ProjectId(app.ids.uuid()),
            &project("default"),
        )
        .await
        .unwrap();
    let there = app
        .store
        .ensure_project(
            app.clock.now(),
            ProjectId(app.ids.uuid()),
            &project("other"),
        )
        .await
        .unwrap();
    let rows = [
        ("stranger", Scope::Admin, Some(there.id)),
        ("reader", Scope::Reader, Some(here.id)),
        ("writer", Scope::Writer, Some(here.id)),
        ("admin", Scope::Admin, None),
    ];
    rows_to_tokens(app, rows).await
}

async fn rows_to_tokens(app: &App, rows: [(&str, Scope, Option<ProjectId>); 4]) -> [String; 4] {
    let mut secrets = Vec::new();
    for (name, scope, project_id) in rows {
        let secret = tokens::mint(app.ids.as_ref());
        let hash = Digest(secret.sha256());
        let record = NewTokenRecord {
            id: TokenId(app.ids.uuid()),
            hash,
            name: name.to_owned(),
            scope,
            project_id,
        };
        app.store
            .insert_token(app.clock.now(), &record)
            .await
            .unwrap();
        secrets.push(secret.reveal().to_owned());
    }
    secrets.try_into().unwrap()
}

fn walk(folder: &Path, found: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
}

/// Sends, and expects a status; the body as JSON.
pub(super) async fn json(request: RequestBuilder, status: StatusCode) -> Value {
    let response = request.send().await.unwrap();
    let found = response.status();
    let body = response.text().await.unwrap();
    assert_eq!(found, status, "{body}");
    serde_json::from_str(&body).unwrap_or(Value::Null)
}

/// Sends, and expects a problem document; its code.
pub(super) async fn refused(request: RequestBuilder, status: u16) -> Value {
    let response = request.send().await.unwrap();
    let found = response.status().as_u16();
    let media_type = response
        .headers()
        .get("content-type")
        .map(|value| value.to_str().unwrap().to_owned());
    let body = response.text().await.unwrap();
    assert_eq!(
        (found, media_type.as_deref()),
        (status, Some("application/problem+json")),
        "{body}"
    );
    let problem: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(problem["status"], status);
    assert_eq!(problem["request_id"], "r-1");
    problem
}

/// Where a small package of the repository lies.
pub(super) fn model_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/models")
        .join(name)
}

/// A small package of the repository, zipped; a `.mlmodel` as it is.
pub(super) fn zip(name: &str) -> Vec<u8> {
    let path = model_path(name);
    if path.is_file() {
        return std::fs::read(path).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let package =
        coreml::package::Package::open(&path, folder.path(), &coreml::Limits::default()).unwrap();
    let target = folder.path().join("x.zip");
    coreml::package::archive::pack(&package, name, &target, coreml::package::Publish::New).unwrap();
    std::fs::read(target).unwrap()
}

/// `mnist_cnn` with a further file of 3 MiB that deflates to about a third.
pub(crate) fn large_zip(deflated: bool) -> Vec<u8> {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    let path = model_path("mnist_cnn.mlpackage");
    let package =
        coreml::package::Package::open(&path, folder.path(), &coreml::Limits::default()).unwrap();
    let method = if deflated {
        zip::CompressionMethod::Deflated
    } else {
        zip::CompressionMethod::Stored
    };
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for file in package.files() {
        writer
            .start_file(format!("m.mlpackage/{}", file.path), options)
            .unwrap();
        writer.write_all(&file.bytes).unwrap();
    }
    writer
        .start_file(
            "m.mlpackage/Data/com.apple.CoreML/extra.bin",
            options.large_file(true),
        )
        .unwrap();
    let mut state = 1_u32;
    for _ in 0..3 << 20 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        writer.write_all(&[(state >> 30) as u8]).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// What a service in a test may use.
pub(crate) fn settings(scratch: PathBuf) -> Settings {
    Settings {
        scratch,
        upload_bytes: 1 << 30,
        request_bytes: 64 << 10,
        threads: 2,
        sweep_after_ms: 24 * 3_600_000,
        upload_ms: 24 * 3_600_000,
        package: coreml::Limits::default(),
        https: false,
        allowed: coreanvil::app::Allowed::default(),
        connections: 1000,
        head_seconds: 30,
    }
}
