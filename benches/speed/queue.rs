//! How many jobs a second go through the queue, and how soon one begins.
//!
//! The real store, queue and worker loops with work that returns at once, so that the rows of the queue are all there is to
//! do. On SQLite as the embedded default runs them, in one process; on Postgres each worker is a process of its own, with
//! its own connections, beside one that accepts. The database must be empty. Durability is whatever the database's
//! defaults are. It prints one line of JSON; it judges nothing.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use api::digest::Digest;
use api::ids::{JobId, ModelId, ProjectId, RevisionId, TokenId};
use api::inspection::{Inspection, Requirements};
use api::jobs::{JobKind, JobState, NewJob, RecipeRequest};
use api::page::PageRequest;
use api::report::{RecipeEcho, Report, TargetChange, WeightCounts};
use api::tokens::Scope;
use clap::Args;
use coreanvil::app::{Allowed, App, Caller, Settings, jobs};
use coreanvil::clock::{SystemClock, SystemIds};
use coreanvil::objects::Objects;
use coreanvil::queue::{Claimed, Outcome, Policy, Queue};
use coreanvil::store::{JobFilter, NewRevision, Reach, Store};
use coreanvil::worker::{self, Board, Executor, Failure};
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio_util::task::TaskTracker;

use super::Done;

/// Jobs a second through the queue, and how soon one begins
#[derive(Debug, Clone, Args)]
pub(super) struct Options {
    /// Empty database: sqlite:PATH or postgres://…
    #[arg(long)]
    database: String,
    /// Jobs of the run that measures the rate
    #[arg(long, default_value_t = 6_000)]
    jobs: u64,
    /// Workers: loops in this process on SQLite, processes on Postgres
    #[arg(long, default_value_t = 4)]
    workers: usize,
    /// Clients that submit at once
    #[arg(long, default_value_t = 16)]
    clients: usize,
    /// Jobs one at a time, each when the one before has ended
    #[arg(long, default_value_t = 200)]
    single: u64,
    /// Jobs of the run at a given rate
    #[arg(long, default_value_t = 500)]
    paced: u64,
    /// That rate, a second
    #[arg(long, default_value_t = 50)]
    rate: u64,
    /// Be a worker process: ends when standard input does, then prints when its jobs began
    #[arg(long, hide = true)]
    worker: bool,
}

/// How long jobs had waited when their work began, in milliseconds.
type Waits = Arc<Mutex<Vec<i64>>>;

/// Work that returns at once, with a package that is there already.
struct AtOnce(Waits);

impl Executor for AtOnce {
    fn perform(
        &self,
        app: Arc<App>,
        claimed: Claimed,
        _: Arc<Board>,
        _: worker::Settings,
    ) -> BoxFuture<'static, Result<Outcome, Failure>> {
        let job = &claimed.record.job;
        let waited = app.clock.now().unix_ms() - job.created_at.unix_ms();
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(waited);
        let outcome = Outcome::Compress {
            revision: Box::new(package(job.model_id, &app)),
            report: Box::new(report()),
            measurements: Vec::new(),
        };
        Box::pin(std::future::ready(Ok(outcome)))
    }
}

/// The one package of the run.
fn package(model_id: ModelId, app: &App) -> NewRevision {
    NewRevision {
        id: RevisionId(app.ids.uuid()),
        model_id,
        digest: Digest([7; 32]),
        content_digest: Digest([7; 32]),
        kind: "mlpackage".to_owned(),
        size_bytes: 1_000,
        parent_id: None,
        recipe: None,
        job_id: None,
        tags: api::revisions::Tags::new(),
        notes: String::new(),
        inspection: Inspection {
            kind: "mlpackage".to_owned(),
            model_type: "mlProgram".to_owned(),
            specification_version: 8,
            digest: Digest([7; 32]).to_string(),
            content_digest: Digest([7; 32]).to_string(),
            size_bytes: 1_000,
            requires: Requirements {
                ios: "iOS17".to_owned(),
                macos: "macOS14".to_owned(),
                opset: None,
            },
            metadata: std::collections::BTreeMap::default(),
            functions: Vec::new(),
            pipeline: Vec::new(),
            parameters: 0,
        },
        files: Vec::new(),
        wanted_at: app.clock.now(),
    }
}

fn report() -> Report {
    Report {
        recipe: RecipeEcho {
            name: "int8".to_owned(),
            digest: String::new(),
            config: Value::Null,
        },
        size_bytes_before: 1_000,
        size_bytes_after: 1_000,
        deployment_target: TargetChange {
            before: "iOS17".to_owned(),
            after: "iOS17".to_owned(),
        },
        weights: WeightCounts::default(),
        rows: Vec::new(),
        unmatched_overrides: Vec::new(),
        warnings: Vec::new(),
    }
}

/// The service on that database, as `serve` and `worker` put it together.
async fn open(database: &str, folder: &Path) -> Done<Arc<App>> {
    let (clock, ids) = (Arc::new(SystemClock::new()), Arc::new(SystemIds));
    let store = Store::open(database).await?;
    store.migrate().await?;
    let objects = format!("file://{}", folder.join("objects").display());
    let objects = Objects::open(&objects, [])?;
    let queue = Queue::new(store.clone(), clock.clone(), ids.clone(), Policy::default());
    let settings = Settings {
        scratch: folder.join("scratch"),
        upload_bytes: 0,
        request_bytes: 0,
        threads: 1,
        sweep_after_ms: 86_400_000,
        upload_ms: 0,
        package: coreml::Limits::default(),
        https: false,
        allowed: Allowed::default(),
        connections: 0,
        head_seconds: 0,
    };
    std::fs::create_dir_all(&settings.scratch)?;
    Ok(App::new(store, objects, queue, clock, ids, settings)?)
}

/// Claims and works in this process until `app.stopping`.
fn work(app: &Arc<App>, concurrency: usize, tasks: &TaskTracker) -> Waits {
    let waits = Waits::default();
    let settings = worker::Settings {
        concurrency,
        threads: 1,
        grace_ms: 1_000,
    };
    let executor = Arc::new(AtOnce(Arc::clone(&waits)));
    tasks.spawn(worker::run_with(Arc::clone(app), settings, executor));
    tasks.spawn(worker::sweep(Arc::clone(app)));
    if app.store.dialect() == "postgres" {
        tasks.spawn(worker::exchange(Arc::clone(app), false));
    }
    waits
}

/// A worker process, from inside.
async fn be_worker(options: &Options) -> Done<()> {
    let folder = tempfile::tempdir()?;
    let app = open(&options.database, folder.path()).await?;
    let tasks = TaskTracker::new();
    let waits = work(&app, 1, &tasks);
    println!("ready");
    std::io::stdout().flush()?;
    let lines =
        tokio::task::spawn_blocking(|| std::io::stdin().lines().map_while(Result::ok).count());
    // It is asked for what it saw by a line, and to end by the end of the input.
    let _lines: usize = lines.await?;
    app.stopping.cancel();
    tasks.close();
    tasks.wait().await;
    let waits = waits.lock().unwrap_or_else(PoisonError::into_inner).clone();
    println!("{}", json!(waits));
    Ok(())
}

/// A worker process, from outside.
struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(options: &Options) -> Done<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["queue", "--worker", "--database", &options.database])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().ok_or("no input")?;
        let mut output = BufReader::new(child.stdout.take().ok_or("no output")?);
        output.read_line(&mut String::new())?;
        Ok(Self {
            child,
            input,
            output,
        })
    }

    /// Ends it; how long its jobs had waited.
    fn end(mut self) -> Done<Vec<i64>> {
        drop(self.input);
        let mut text = String::new();
        self.output.read_to_string(&mut text)?;
        self.child.wait()?;
        let waits: Vec<Value> = serde_json::from_str(&text)?;
        Ok(waits.iter().filter_map(Value::as_i64).collect())
    }
}

/// The workers of one run.
enum Workers {
    Here(Waits),
    Processes(Vec<Process>),
}

impl Workers {
    fn waits(self) -> Done<Vec<i64>> {
        match self {
            Self::Here(waits) => Ok(std::mem::take(
                &mut *waits.lock().unwrap_or_else(PoisonError::into_inner),
            )),
            Self::Processes(processes) => {
                let waits: Done<Vec<_>> = processes.into_iter().map(Process::end).collect();
                Ok(waits?.concat())
            }
        }
    }
}

/// What submits: the service, as a client with a token reaches it.
struct Bench {
    app: Arc<App>,
    caller: Caller,
    revision: RevisionId,
    options: Options,
    here: Option<Waits>,
}

impl Bench {
    async fn new(options: &Options, folder: &Path, tasks: &TaskTracker) -> Done<Self> {
        let app = open(&options.database, folder).await?;
        let now = app.clock.now();
        let project = ProjectId(app.ids.uuid());
        let project = app
            .store
            .ensure_project(now, project, &"default".parse()?)
            .await?
            .id;
        let model = ModelId(app.ids.uuid());
        app.store
            .create_model(now, model, project, &"bench".parse()?, "")
            .await?;
        let revision = app
            .store
            .insert_revision(now, &package(model, &app))
            .await?;
        let here = if app.store.dialect() == "postgres" {
            tasks.spawn(worker::exchange(Arc::clone(&app), false));
            None
        } else {
            Some(work(&app, options.workers, tasks))
        };
        Ok(Self {
            caller: Caller {
                token_id: TokenId(app.ids.uuid()),
                scope: Scope::Writer,
                reach: Reach::All,
            },
            revision: revision.record.revision.id,
            options: options.clone(),
            here,
            app,
        })
    }

    fn workers(&self) -> Done<Workers> {
        if let Some(waits) = &self.here {
            return Ok(Workers::Here(Arc::clone(waits)));
        }
        let processes = (0..self.options.workers).map(|_| Process::start(&self.options));
        Ok(Workers::Processes(processes.collect::<Done<_>>()?))
    }

    async fn submit(&self) -> Done<JobId> {
        let new = NewJob {
            kind: JobKind::Compress,
            revision: self.revision,
            recipe: Some(RecipeRequest::Name("int8".to_owned())),
            spec: None,
            data_set: None,
            priority: 0,
            then: Vec::new(),
        };
        Ok(jobs::create(&self.app, &self.caller, new, None)
            .await?
            .job
            .id)
    }

    /// Ends when no job waits or runs.
    async fn drained(&self) -> Done<()> {
        for state in [JobState::Queued, JobState::Running] {
            let filter = JobFilter {
                state: Some(state),
                ..JobFilter::default()
            };
            let one = PageRequest {
                limit: 1,
                after: None,
            };
            while !self
                .app
                .store
                .jobs(Reach::All, filter, one)
                .await?
                .items
                .is_empty()
            {
                self.app.clock.sleep(20).await;
            }
        }
        Ok(())
    }

    /// One job at a time.
    async fn single(&self) -> Done<Value> {
        let workers = self.workers()?;
        for number in 0..self.options.single {
            let id = self.submit().await?;
            let mut state = JobState::Queued;
            while !state.is_final() {
                let job = self
                    .app
                    .queue
                    .wait_for_change(Reach::All, id, Some(state), 10_000);
                state = job.await?.state;
            }
            // Not in step with anything.
            self.app.clock.sleep(number * 7 % 40).await;
        }
        Ok(quantiles(workers.waits()?))
    }

    /// As many a second as was asked for, whatever becomes of those before.
    async fn paced(&self) -> Done<Value> {
        let workers = self.workers()?;
        let begun = self.app.clock.monotonic_ns();
        let jobs = (0..self.options.paced).map(async |number| {
            // Between half and one and a half times the step after the one before.
            let at_ms = (number * 1000 + number * 7919 % 1000) / self.options.rate.max(1);
            let gone_ms = (self.app.clock.monotonic_ns() - begun) / 1_000_000;
            self.app.clock.sleep(at_ms.saturating_sub(gone_ms)).await;
            self.submit().await.map(drop)
        });
        futures::future::try_join_all(jobs).await?;
        self.drained().await?;
        Ok(quantiles(workers.waits()?))
    }

    /// As fast as it goes: jobs a second, from the first one sent to the last one finished.
    async fn rate(&self) -> Done<Value> {
        let workers = self.workers()?;
        let begun = self.app.clock.monotonic_ns();
        let taken = AtomicU64::new(0);
        let clients = (0..self.options.clients).map(async |_| {
            while taken.fetch_add(1, Ordering::Relaxed) < self.options.jobs {
                self.submit().await?;
            }
            Done::Ok(())
        });
        futures::future::try_join_all(clients).await?;
        let accepted = seconds(self.app.clock.monotonic_ns() - begun);
        self.drained().await?;
        let finished = seconds(self.app.clock.monotonic_ns() - begun);
        let waits = workers.waits()?;
        if waits.len() as u64 != self.options.jobs {
            return Err(format!("{} of {} jobs ran", waits.len(), self.options.jobs).into());
        }
        #[expect(clippy::cast_precision_loss, reason = "a number of jobs")]
        let jobs = self.options.jobs as f64;
        Ok(json!({
            "jobs": self.options.jobs,
            "accepted_s": accepted,
            "finished_s": finished,
            "jobs_per_s": (jobs / finished * 10.0).round() / 10.0,
        }))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a time of minutes")]
fn seconds(ns: u64) -> f64 {
    ns as f64 / 1e9
}

fn quantiles(mut waits: Vec<i64>) -> Value {
    waits.sort_unstable();
    let at =
        |share: usize| waits.get((waits.len() * share / 100).min(waits.len().saturating_sub(1)));
    json!({"jobs": waits.len(), "p50_ms": at(50), "p90_ms": at(90), "p99_ms": at(99)})
}

/// Measures, and prints the figures.
pub(super) async fn run(options: Options) -> Done<()> {
    if options.worker {
        return be_worker(&options).await;
    }
    let folder = tempfile::tempdir()?;
    let tasks = TaskTracker::new();
    let bench = Bench::new(&options, folder.path(), &tasks).await?;
    let (single, paced, rate) = (
        bench.single().await?,
        bench.paced().await?,
        bench.rate().await?,
    );
    println!(
        "{}",
        json!({
            "database": bench.app.store.dialect(),
            "workers": options.workers,
            "clients": options.clients,
            "start_single": single,
            "start_paced": paced,
            "paced_per_s": options.rate,
            "rate": rate,
        })
    );
    bench.app.stopping.cancel();
    tasks.close();
    tasks.wait().await;
    bench.app.store.close().await;
    Ok(())
}
