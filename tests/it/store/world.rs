//! A database of its own for a test, with time and ids in the test's hands.
//!
//! SQLite always; Postgres too when `COREANVIL_TEST_POSTGRES_URL` names a server (`tests/run` starts one), else a line says
//! that it was left out.

use std::sync::Arc;

use api::digest::Digest;
use api::ids::{JobId, ModelId, ProjectId, RevisionId, WorkerId};
use api::inspection::{Inspection, Requirements};
use api::jobs::{Fault, JobError, JobKind};
use api::measurements::NewMeasurement;
use api::problem::Code;
use api::report::{RecipeEcho, Report, TargetChange, WeightCounts};
use api::time::Time;
use coreanvil::clock::{Ids, ManualClock, SequentialIds};
use coreanvil::queue::{Claimed, Lease, Outcome, Policy, Queue, StopReason};
use coreanvil::store::{
    ModelRecord, NewJobRecord, NewRevision, Reach, RevisionFile, RevisionRecord, Store,
};
use sqlx::Connection;

/// Names the server for the Postgres half.
const POSTGRES: &str = "COREANVIL_TEST_POSTGRES_URL";

/// When tests begin.
pub(crate) const START_MS: i64 = 1_800_000_000_000;

/// What a test works with.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) queue: Arc<Queue>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Arc<SequentialIds>,
    pub(crate) project: ProjectId,
    /// The database's address, for a look behind the store's back.
    pub(crate) url: String,
}

/// Runs the test on each database.
pub(crate) fn on_every_database(test: impl AsyncFn(World)) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let url = format!(
            "sqlite:{}",
            folder.path().join("data/coreanvil.db").display()
        );
        with_database(url, &test).await;
        if let Ok(server) = std::env::var(POSTGRES) {
            return on_postgres(&server, &test).await;
        }
        assert!(
            std::env::var_os("COREANVIL_TEST_ALL").is_none(),
            "COREANVIL_TEST_ALL is set, but {POSTGRES} is not: Postgres would be left out"
        );
        say("postgres: left out, since COREANVIL_TEST_POSTGRES_URL is not set (tests/run sets it)");
    });
}

async fn on_postgres(server: &str, test: &impl AsyncFn(World)) {
    let name = format!(
        "t_{}",
        uuid::Builder::from_random_bytes(rand::random())
            .into_uuid()
            .simple()
    );
    let mut admin = sqlx::PgConnection::connect(server).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("create database {name}"));
    sqlx::raw_sql(create).execute(&mut admin).await.unwrap();
    let (front, _) = server.rsplit_once('/').unwrap();
    with_database(format!("{front}/{name}"), test).await;
    let drop = sqlx::AssertSqlSafe(format!("drop database {name} with (force)"));
    sqlx::raw_sql(drop).execute(&mut admin).await.unwrap();
}

async fn with_database(url: String, test: &impl AsyncFn(World)) {
    let dialect = url.split(':').next().unwrap_or_default().to_owned();
    let store = Store::open(&url).await.unwrap();
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    store.ping().await.unwrap();
    let clock = Arc::new(ManualClock::new(Time::from_unix_ms(START_MS).unwrap()));
    let ids = Arc::new(SequentialIds::new(1));
    let queue = Arc::new(Queue::new(
        store.clone(),
        clock.clone(),
        ids.clone(),
        Policy::default(),
    ));
    let name = "default".parse().unwrap();
    let project = store
        .ensure_project(
            coreanvil::clock::Clock::now(&*clock),
            ProjectId(ids.uuid()),
            &name,
        )
        .await
        .unwrap();
    say(&format!("on {dialect}"));
    test(World {
        store: store.clone(),
        queue,
        clock,
        ids,
        project: project.id,
        url,
    })
    .await;
    store.close().await;
}

/// Shown by the test harness when the test fails, or with `--nocapture`.
#[expect(
    clippy::print_stderr,
    reason = "what a test ran on belongs into its output"
)]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

/// A digest that the number makes.
pub(crate) fn digest(number: u64) -> Digest {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    bytes[31] = 1;
    Digest(bytes)
}

pub(crate) fn inspection() -> Inspection {
    Inspection {
        kind: "mlpackage".to_owned(),
        model_type: "mlProgram".to_owned(),
        specification_version: 8,
        digest: digest(1).to_string(),
        content_digest: digest(1).to_string(),
        size_bytes: 1,
        requires: Requirements {
            ios: "iOS17".to_owned(),
            macos: "macOS14".to_owned(),
            opset: Some("CoreML7".to_owned()),
        },
        metadata: [(
            "author".to_owned(),
            "zero \u{0} and snow \u{2603}".to_owned(),
        )]
        .into(),
        functions: Vec::new(),
        pipeline: Vec::new(),
        parameters: 0,
    }
}

pub(crate) fn recipe() -> RecipeEcho {
    RecipeEcho {
        name: "int8".to_owned(),
        digest: digest(8).to_string(),
        config: serde_json::json!({"steps": [1.0, 1e300]}),
    }
}

pub(crate) fn report() -> Report {
    Report {
        recipe: recipe(),
        size_bytes_before: 1000,
        size_bytes_after: 300,
        deployment_target: TargetChange {
            before: "iOS15".to_owned(),
            after: "iOS16".to_owned(),
        },
        weights: WeightCounts {
            compressed: 3,
            left: 1,
            already_compressed: 0,
        },
        rows: Vec::new(),
        unmatched_overrides: Vec::new(),
        warnings: vec!["iOS 15 is lost".to_owned()],
    }
}

pub(crate) fn service_error() -> JobError {
    JobError {
        code: Code::Internal,
        message: "out of disk".to_owned(),
        fault: Fault::Service,
        retryable: true,
    }
}

impl World {
    pub(crate) fn now(&self) -> Time {
        coreanvil::clock::Clock::now(&*self.clock)
    }

    pub(crate) fn worker(&self) -> WorkerId {
        WorkerId(self.ids.uuid())
    }

    pub(crate) async fn model(&self, name: &str) -> ModelRecord {
        let id = ModelId(self.ids.uuid());
        self.store
            .create_model(
                self.now(),
                id,
                self.project,
                &name.parse().unwrap(),
                "a model",
            )
            .await
            .unwrap()
    }

    pub(crate) fn package(&self, model_id: ModelId, number: u64) -> NewRevision {
        NewRevision {
            id: RevisionId(self.ids.uuid()),
            model_id,
            digest: digest(number),
            content_digest: digest(1_000_000 + number),
            kind: "mlpackage".to_owned(),
            size_bytes: 1000,
            parent_id: None,
            recipe: None,
            job_id: None,
            tags: [("commit".parse().unwrap(), "abc".parse().unwrap())].into(),
            notes: String::new(),
            inspection: inspection(),
            wanted_at: self.now(),
            files: vec![
                RevisionFile {
                    path: "Data/model.mlmodel".to_owned(),
                    sha256: digest(number),
                    size_bytes: 400,
                    crc32: u32::MAX,
                },
                RevisionFile {
                    path: "Data/weights.bin".to_owned(),
                    sha256: digest(77),
                    size_bytes: 600,
                    crc32: 0,
                },
            ],
        }
    }

    pub(crate) async fn revision(&self, model_id: ModelId, number: u64) -> RevisionRecord {
        self.store
            .insert_revision(self.now(), &self.package(model_id, number))
            .await
            .unwrap()
            .record
    }

    /// A model with one revision.
    pub(crate) async fn source(&self) -> RevisionRecord {
        let model = self.model("net").await.model;
        self.revision(model.id, 1).await
    }

    pub(crate) fn job_on(&self, revision_id: RevisionId) -> NewJobRecord {
        NewJobRecord {
            id: JobId(self.ids.uuid()),
            kind: JobKind::Compress,
            revision_id,
            recipe: Some(recipe()),
            spec: None,
            data_set_id: None,
            priority: 0,
            followers: Vec::new(),
            follows: None,
            traceparent: None,
        }
    }

    pub(crate) async fn submit(&self, revision_id: RevisionId) -> JobId {
        self.queue
            .submit(Reach::All, &self.job_on(revision_id), None)
            .await
            .unwrap()
            .job
            .id
    }

    pub(crate) async fn claim(&self) -> Option<Claimed> {
        self.queue
            .claim(self.worker(), &[JobKind::Compress])
            .await
            .unwrap()
    }

    /// What a worker would have made of the claimed job.
    pub(crate) fn outcome(&self, claimed: &Claimed, number: u64) -> Outcome {
        let job = &claimed.record.job;
        let revision = NewRevision {
            parent_id: Some(job.revision_id),
            recipe: job.recipe.clone(),
            job_id: Some(job.id),
            ..self.package(job.model_id, number)
        };
        Outcome::Compress {
            revision: Box::new(revision),
            report: Box::new(report()),
            measurements: vec![
                NewMeasurement::of("size_bytes", 300.0, "bytes"),
                NewMeasurement::of("weights_snr_worst", 31.5, "dB"),
            ],
        }
    }

    /// Why the attempt has to stop, as its worker sees it at its next look.
    pub(crate) async fn asked_to_stop(&self, lease: &Lease) -> StopReason {
        let sleepers = self.clock.sleepers();
        let (reason, ()) = tokio::join!(self.queue.stop_requested(lease), async {
            while self.clock.sleepers() == sleepers {
                tokio::task::yield_now().await;
            }
            self.clock.advance(u64::from(self.queue.policy().poll_ms));
        });
        reason
    }

    /// Waits until writes whose callers vanished have happened or not: their locks are gone then.
    pub(crate) async fn settle(&self, model_id: ModelId, jobs: &[JobId]) {
        let mut tx = self.store.begin().await.unwrap();
        for id in jobs {
            tx.lock_job(Reach::All, *id).await.unwrap();
        }
        tx.lock_model(model_id).await.unwrap();
    }
}
