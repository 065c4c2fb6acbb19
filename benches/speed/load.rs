//! Two hundred clients at once, from a process of their own.
//!
//! Each client has a connection of its own and does what its kind does, with a pause between two calls: browsers read lists,
//! jobs and inspections; pollers submit a job now and then, wait for it with `?wait=` and look at it again and again;
//! streamers do the same over server-sent events; uploaders send a small package that the server has not seen; downloaders
//! fetch packages, mostly with an `ETag` they know. Time runs from the first byte sent to the last one received. Each second
//! the resident memory of the processes named by `--pid` is noted. It prints one line of JSON, and fails when an answer was
//! 5xx, a call had no answer, or an accepted job did not end; it judges no time.

use std::collections::BTreeMap;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use clap::Args;
use coreanvil::clock::{Clock as _, SystemClock};
use futures::StreamExt as _;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use zip::write::SimpleFileOptions;

use super::{Done, figures};

/// Two hundred clients at once
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Where the service is
    #[arg(long)]
    url: String,
    /// An administrator's token
    #[arg(long)]
    token: String,
    /// How long
    #[arg(long, default_value_t = 20)]
    pub(super) seconds: u64,
    /// How many
    #[arg(long, default_value_t = 200)]
    pub(super) clients: usize,
    /// Mean pause of a client between two calls, in milliseconds
    #[arg(long, default_value_t = 500)]
    pause_ms: u64,
    /// Processes whose memory is watched
    #[arg(long)]
    pid: Vec<u32>,
    /// The package that uploads are variants of
    #[arg(long, default_value = "tests/models/mnist_cnn.mlpackage")]
    package: PathBuf,
}

/// Models that the uploads go to.
const MODELS: usize = 8;
/// Of so many steps of a client that submits, one is a new job.
const STEPS_PER_JOB: u64 = 20;
/// Mean pauses of an uploader between two uploads.
const UPLOAD_PAUSES: u64 = 10;
/// How long the last jobs may take to end.
const REST_MS: u64 = 120_000;

/// What was measured of one kind of call.
#[derive(Default)]
pub(super) struct Class {
    pub(super) took_us: Vec<u64>,
    pub(super) statuses: BTreeMap<String, u64>,
}

/// What all clients share.
pub(super) struct Run {
    pub(super) options: Options,
    clock: SystemClock,
    pub(super) classes: Mutex<BTreeMap<&'static str, Class>>,
    /// Revisions that were uploaded, and their models.
    pub(super) revisions: Mutex<Vec<(String, String)>>,
    pub(super) jobs: Mutex<Vec<String>>,
    files: Vec<(String, Vec<u8>)>,
    variants: AtomicU64,
    pub(super) events: AtomicU64,
    over: CancellationToken,
}

/// One client.
struct Client {
    run: Arc<Run>,
    http: reqwest::Client,
    random: u64,
    job: Option<String>,
    etags: BTreeMap<String, String>,
}

pub(super) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The files of a package, by their place in it.
fn read_package(folder: &Path, top: &Path, files: &mut Vec<(String, Vec<u8>)>) -> Done<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read_package(&path, top, files)?;
        } else {
            let name = path.strip_prefix(top)?.to_string_lossy().into_owned();
            files.push((name, std::fs::read(&path)?));
        }
    }
    Ok(())
}

impl Run {
    /// A package of other weights than any before: the lowest bits of some of the last values differ.
    fn variant(&self) -> Done<Vec<u8>> {
        // Another run on the same service has others.
        let number = self.variants.fetch_add(1, Ordering::Relaxed);
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in &self.files {
            zip.start_file(
                format!("load.mlpackage/{name}"),
                SimpleFileOptions::default(),
            )?;
            let mut bytes = bytes.clone();
            if name.ends_with("weight.bin") {
                for (at, digit) in number.to_le_bytes().into_iter().enumerate() {
                    let place = bytes.len().saturating_sub(256 + 2 * at);
                    if let Some(byte) = bytes.get_mut(place) {
                        *byte = digit;
                    }
                }
            }
            zip.write_all(&bytes)?;
        }
        Ok(zip.finish()?.into_inner())
    }

    fn note(&self, class: &'static str, status: &str, took_us: u64) {
        let mut classes = held(&self.classes);
        let class = classes.entry(class).or_default();
        class.took_us.push(took_us);
        *class.statuses.entry(status.to_owned()).or_default() += 1;
    }
}

impl Client {
    fn new(run: &Arc<Run>, number: usize) -> Done<Self> {
        Ok(Self {
            run: Arc::clone(run),
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(90))
                .build()?,
            random: number as u64,
            job: None,
            etags: BTreeMap::new(),
        })
    }

    /// A number below `end`.
    fn draw(&mut self, end: u64) -> u64 {
        // splitmix64
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end.max(1)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/api/v1{path}", self.run.options.url);
        self.http
            .request(method, url)
            .bearer_auth(&self.run.options.token)
    }

    /// Sends and notes how long it took; the answer, or nothing when there was none.
    async fn call(
        &self,
        class: &'static str,
        request: RequestBuilder,
    ) -> Option<(StatusCode, String, Vec<u8>)> {
        let begun = self.run.clock.monotonic_ns();
        let answered = async {
            let answer = request.send().await?;
            let status = answer.status();
            let etag = answer
                .headers()
                .get("etag")
                .and_then(|etag| etag.to_str().ok());
            let etag = etag.unwrap_or_default().to_owned();
            Ok::<_, reqwest::Error>((status, etag, answer.bytes().await?.to_vec()))
        };
        let answered = answered.await;
        let took_us = (self.run.clock.monotonic_ns() - begun) / 1_000;
        match answered {
            Ok(answer) => {
                self.run.note(class, answer.0.as_str(), took_us);
                if answer.0.is_server_error() {
                    eprint_answer(class, &answer.2);
                }
                Some(answer)
            }
            Err(error) => {
                self.run.note(class, "no answer", took_us);
                eprint_answer(class, format!("{error:?}").as_bytes());
                None
            }
        }
    }

    async fn get(&self, class: &'static str, path: &str) -> Option<Value> {
        let answer = self.call(class, self.request(Method::GET, path)).await?;
        serde_json::from_slice(&answer.2).ok()
    }

    /// A revision that was uploaded, of the newest ones, and its model.
    fn revision(&mut self) -> (String, String) {
        let back = self.draw(50);
        let revisions = held(&self.run.revisions);
        let at = revisions
            .len()
            .saturating_sub(1 + usize::try_from(back).unwrap_or(0));
        revisions.get(at).cloned().unwrap_or_default()
    }

    async fn browse(&mut self) {
        let (revision, model) = self.revision();
        let job = held(&self.run.jobs).last().cloned();
        let job = job.unwrap_or_default();
        match self.draw(9) {
            0 => self.get("list", "/jobs").await,
            1 => self.get("list", "/jobs?state=succeeded&limit=20").await,
            2 => self.get("list", "/models").await,
            3 => {
                self.get("list", &format!("/models/{model}/revisions"))
                    .await
            }
            4 => {
                self.get(
                    "list",
                    &format!("/measurements?model={model}&metric=size_bytes"),
                )
                .await
            }
            5 => {
                self.get("one", &format!("/revisions/{revision}/inspection"))
                    .await
            }
            6 => self.get("one", &format!("/revisions/{revision}")).await,
            7 if !job.is_empty() => self.get("one", &format!("/jobs/{job}")).await,
            _ => self.get("one", &format!("/models/{model}")).await,
        };
    }

    async fn upload(&self, model: &str) -> Done<()> {
        let body = self.run.variant()?;
        let request = self.request(
            Method::POST,
            &format!("/models/{model}/revisions?tag=branch:main"),
        );
        let request = request.header("content-type", "application/zip").body(body);
        if let Some((status, _, body)) = self.call("upload", request).await
            && status == StatusCode::CREATED
        {
            let revision: Value = serde_json::from_slice(&body)?;
            let id = revision["id"].as_str().unwrap_or_default().to_owned();
            held(&self.run.revisions).push((id, model.to_owned()));
        }
        Ok(())
    }

    /// Submits a job; its id when it was accepted.
    async fn submit(&mut self) -> Option<String> {
        let body = json!({"kind": "compress", "revision": self.revision().0, "recipe": "int8"});
        let request = self.request(Method::POST, "/jobs").json(&body);
        let (status, _, body) = self.call("submit", request).await?;
        let job: Value = serde_json::from_slice(&body).ok()?;
        let id = job["id"]
            .as_str()
            .filter(|_| status == StatusCode::ACCEPTED)?
            .to_owned();
        held(&self.run.jobs).push(id.clone());
        self.job = Some(id.clone());
        Some(id)
    }

    async fn poll(&mut self) {
        let begins = self.job.is_none() || self.draw(STEPS_PER_JOB) == 0;
        if begins {
            let Some(id) = self.submit().await else {
                return;
            };
            while let Some(job) = self.get("wait", &format!("/jobs/{id}?wait=30")).await {
                if job["finished_at"].is_string() || self.run.over.is_cancelled() {
                    return;
                }
            }
        } else if let Some(id) = &self.job {
            self.get("one", &format!("/jobs/{id}")).await;
        }
    }

    async fn stream(&mut self) {
        if (self.job.is_none() || self.draw(STEPS_PER_JOB) == 0) && self.submit().await.is_none() {
            return;
        }
        let Some(id) = self.job.clone() else { return };
        let request = self.request(Method::GET, &format!("/jobs/{id}/events"));
        let begun = self.run.clock.monotonic_ns();
        let seen = async {
            let answer = request.send().await?;
            let status = answer.status();
            let mut events = 0;
            let mut body = answer.bytes_stream();
            while let Some(bytes) = body.next().await {
                events += bytes?.windows(6).filter(|at| at == b"\ndata:").count() as u64;
            }
            Ok::<_, reqwest::Error>((status, events))
        };
        let status = match seen.await {
            Ok((status, events)) => {
                self.run.events.fetch_add(events, Ordering::Relaxed);
                status.as_str().to_owned()
            }
            Err(_) => "no answer".to_owned(),
        };
        let took_us = (self.run.clock.monotonic_ns() - begun) / 1_000;
        self.run.note("stream", &status, took_us);
    }

    async fn download(&mut self) {
        let (revision, _) = self.revision();
        let mut request = self.request(Method::GET, &format!("/revisions/{revision}/package"));
        let known = self.etags.get(&revision);
        let class = if known.is_some() {
            "download known"
        } else {
            "download"
        };
        if let Some(etag) = known {
            request = request.header("if-none-match", etag);
        }
        if let Some((_, etag, _)) = self.call(class, request).await {
            if self.etags.len() > 100 {
                self.etags.clear();
            }
            self.etags.insert(revision, etag);
        }
    }

    /// What the client does until time is over.
    async fn live(mut self, kind: usize) {
        let pause_ms = self.run.options.pause_ms;
        let first = self.draw(pause_ms * 2);
        self.run.clock.sleep(first).await;
        while !self.run.over.is_cancelled() {
            let mut pauses = 1;
            match kind {
                0..=3 => self.browse().await,
                4 | 5 => self.poll().await,
                6 | 7 => self.stream().await,
                8 => self.download().await,
                _ => {
                    let model = format!("load-{}", self.draw(MODELS as u64));
                    if self.upload(&model).await.is_err() {
                        self.run.note("upload", "no variant", 0);
                    }
                    pauses = UPLOAD_PAUSES;
                }
            }
            // Between half and one and a half times the mean.
            let pause = pause_ms * pauses / 2 + self.draw(pause_ms * pauses);
            tokio::select! {
                () = self.run.clock.sleep(pause) => {}
                () = self.run.over.cancelled() => {}
            }
        }
    }
}

#[expect(clippy::print_stderr, reason = "what went wrong, beside the figures")]
fn eprint_answer(class: &str, body: &[u8]) {
    let text: String = String::from_utf8_lossy(body).chars().take(500).collect();
    eprintln!("{class}: {text}");
}

/// Notes all memory once a second until time is over.
async fn watch(run: Arc<Run>) -> Vec<u64> {
    let mut seen = Vec::new();
    while !run.over.is_cancelled() {
        seen.push(
            run.options
                .pid
                .iter()
                .map(|pid| figures::resident_kib(*pid))
                .sum(),
        );
        run.clock.sleep(1_000).await;
    }
    seen
}

/// Accepted jobs that have not succeeded when all had time to end.
async fn unfinished(client: &Client) -> Vec<String> {
    let ids = held(&client.run.jobs).clone();
    let until = client.run.clock.monotonic_ns() + REST_MS * 1_000_000;
    let mut left = Vec::new();
    for id in ids {
        loop {
            let job = client
                .get("rest", &format!("/jobs/{id}?wait=30"))
                .await
                .unwrap_or_default();
            if job["state"] == "succeeded" {
                break;
            }
            if job["finished_at"].is_string() || client.run.clock.monotonic_ns() > until {
                left.push(format!("{id}: {} {}", job["state"], job["error"]));
                break;
            }
        }
    }
    left
}

/// Measures, prints the figures, and fails when something is wrong.
pub(super) async fn run(options: Options) -> Done<()> {
    let mut files = Vec::new();
    read_package(&options.package, &options.package, &mut files)?;
    files.sort();
    let (seconds, clients) = (options.seconds, options.clients);
    let clock = SystemClock::new();
    let started = u64::try_from(clock.now().unix_ms())?;
    let run = Arc::new(Run {
        options,
        clock,
        classes: Mutex::default(),
        revisions: Mutex::default(),
        jobs: Mutex::default(),
        files,
        variants: AtomicU64::new(started << 16),
        events: AtomicU64::new(0),
        over: CancellationToken::new(),
    });
    let setup = Client::new(&run, 0)?;
    for number in 0..MODELS {
        let model = format!("load-{number}");
        let body = json!({"name": &model});
        setup
            .call("setup", setup.request(Method::POST, "/models").json(&body))
            .await;
        setup.upload(&model).await?;
    }
    held(&run.classes).clear();
    let tasks = TaskTracker::new();
    let memory = tasks.spawn(watch(Arc::clone(&run)));
    for number in 0..clients {
        tasks.spawn(Client::new(&run, number + 1)?.live(number % 10));
    }
    tasks.close();
    run.clock.sleep(seconds * 1000).await;
    run.over.cancel();
    tasks.wait().await;
    let memory = memory.await?;
    let left = unfinished(&setup).await;
    let (figures, wrong) = figures::summary(&run, &memory, &left);
    println!("{figures}");
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("; ").into())
    }
}
