//! Jobs and their attempts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{AttemptId, DataSetId, Fence, JobId, ModelId, RevisionId, WorkerId};
use crate::names::ModelName;
use crate::problem::Code;
use crate::report::{RecipeEcho, Report, WeightCounts};
use crate::time::Time;
use crate::words::words;

words! {
    /// What a job does.
    JobKind, "job kind" {
        /// Compresses a revision by a recipe into a new revision.
        Compress = "compress",
        /// Measures accuracy on a data set.
        Evaluate = "evaluate",
        /// Measures time and memory on a device.
        Benchmark = "benchmark",
        /// Collects ranges of activations.
        Calibrate = "calibrate",
        /// Looks for the best recipe.
        Search = "search",
    }
}

words! {
    /// Where a job stands. The last three are final.
    JobState, "job state" {
        /// Accepted, waiting for a worker (or for its next attempt).
        Queued = "queued",
        /// A worker holds its lease.
        Running = "running",
        /// Done.
        Succeeded = "succeeded",
        /// Given up; `error` says why.
        Failed = "failed",
        /// Stopped at somebody's wish.
        Cancelled = "cancelled",
    }
}

impl JobState {
    /// Whether it never changes again.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Running => false,
            Self::Succeeded | Self::Failed | Self::Cancelled => true,
        }
    }
}

words! {
    /// What a running job is at.
    Phase, "phase" {
        /// Fetching and reading the package.
        Loading = "loading",
        /// Computing.
        Compressing = "compressing",
        /// Writing the new package.
        Writing = "writing",
        /// Storing the new package.
        Storing = "storing",
        /// A device holds it.
        Leased = "leased",
        /// The device prepares.
        Preparing = "preparing",
        /// The device cools down.
        Cooling = "cooling",
        /// The device warms up.
        Warming = "warming",
        /// The device measures.
        Measuring = "measuring",
        /// The device sends results.
        Uploading = "uploading",
    }
}

words! {
    /// How one execution ended, or that it has not.
    AttemptState, "attempt state" {
        /// A worker holds the lease.
        Leased = "leased",
        /// It did the work.
        Succeeded = "succeeded",
        /// It said why it could not.
        Failed = "failed",
        /// It was told to stop, or gave the job back.
        Cancelled = "cancelled",
        /// Its lease ran out.
        Lost = "lost",
    }
}

words! {
    /// Whose fault a failure is.
    Fault, "fault" {
        /// The request's: the same request fails again.
        User = "user",
        /// The device's.
        Device = "device",
        /// The service's.
        Service = "service",
    }
}

/// Why a job or an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobError {
    /// The kind of failure for programs.
    pub code: Code,
    /// What and where, in one line.
    pub message: String,
    /// Whose fault it is.
    pub fault: Fault,
    /// Whether the same job may succeed when tried again.
    pub retryable: bool,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// Where it stands.
    pub state: JobState,
    /// What it is at while running.
    pub phase: Option<Phase>,
    /// 0 to 1; does not go back within an attempt.
    pub progress: f64,
    /// Name of the model.
    pub model: ModelName,
    /// Id of the model.
    pub model_id: ModelId,
    /// The revision it works on.
    pub revision_id: RevisionId,
    /// The recipe, for `compress`.
    pub recipe: Option<RecipeEcho>,
    /// The data set, where the kind needs one.
    pub data_set_id: Option<DataSetId>,
    /// Higher runs first; 0 unless given.
    pub priority: i32,
    /// What came out, once it succeeded.
    pub result: Option<JobResult>,
    /// Why it failed.
    pub error: Option<JobError>,
    /// How many attempts were begun.
    pub attempts: u32,
    /// Whether somebody asked to stop it.
    pub cancel_requested: bool,
    /// Why it is not running yet; null unless it is queued.
    #[serde(default)]
    #[schema(required = true)]
    pub waiting: Option<Waiting>,
    /// The job on whose result this one runs, when it was enqueued by that one's `then`.
    #[serde(default)]
    #[schema(required = true)]
    pub follows: Option<JobId>,
    /// What runs on the result, and what became of each.
    #[serde(default)]
    #[schema(required = true)]
    pub then: Vec<Follower>,
    /// When it was accepted.
    pub created_at: Time,
    /// When the first attempt began.
    pub started_at: Option<Time>,
    /// When it reached a final state.
    pub finished_at: Option<Time>,
}

words! {
    /// Why a queued job is not running.
    WaitReason, "reason to wait" {
        /// It is next in turn when a worker is free.
        Ready = "ready",
        /// It is tried again later: see `run_after`.
        Backoff = "backoff",
        /// As many jobs of its kind run in its project as may (`queue.running_per_project`).
        ProjectLimit = "project_limit",
        /// No worker was heard of lately.
        NoWorker = "no_worker",
        /// Workers were heard of, but none that does jobs of this kind.
        UnsupportedKind = "unsupported_kind",
    }
}

/// Why a queued job is not running yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Waiting {
    /// In one word.
    pub reason: WaitReason,
    /// How many queued jobs of all projects are before it by priority and age, and one; null in lists and far behind.
    pub position: Option<u32>,
    /// Not before, when it is tried again later.
    pub run_after: Option<Time>,
}

words! {
    /// What became of a follower.
    FollowerState, "follower state" {
        /// The job before it has not ended.
        Pending = "pending",
        /// It is a job now.
        Enqueued = "enqueued",
        /// The job before it failed or was cancelled: it never runs.
        Dropped = "dropped",
    }
}

/// A job to run on the result of another, as understood.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Follower {
    /// What it does.
    pub kind: JobKind,
    /// The recipe, for `compress`.
    pub recipe: Option<RecipeEcho>,
    /// Higher runs first.
    pub priority: i32,
    /// What became of it.
    pub state: FollowerState,
    /// The job that it has become.
    pub job_id: Option<JobId>,
    /// What runs on its result in turn.
    #[schema(no_recursion)]
    pub then: Vec<Follower>,
}

/// What came out of a job, by kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum JobResult {
    /// Of `compress`.
    Compress(Box<CompressResult>),
}

/// What came out of a `compress` job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CompressResult {
    /// The revision made, or the one of the model that had these bytes already.
    pub revision_id: RevisionId,
    /// Bytes of all files before.
    pub size_bytes_before: u64,
    /// Bytes of all files after.
    pub size_bytes_after: u64,
    /// How many constants went which way.
    pub weights: WeightCounts,
    /// Constant by constant; null in lists of jobs.
    pub report: Option<Report>,
}

/// One execution of a job by one worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// The job.
    pub job_id: JobId,
    /// Fencing number: 1 for the first attempt of a job.
    pub fence: Fence,
    /// The worker process.
    pub worker_id: WorkerId,
    /// How it ended, or that it has not.
    pub state: AttemptState,
    /// What it was last at.
    pub phase: Option<Phase>,
    /// How far it came.
    pub progress: f64,
    /// When its lease runs out unless renewed.
    pub lease_expires_at: Time,
    /// When the worker was last heard of.
    pub heartbeat_at: Time,
    /// Why it failed, or what happened to it.
    pub error: Option<JobError>,
    /// When it began.
    pub started_at: Time,
    /// When it ended.
    pub ended_at: Option<Time>,
}

/// Something that happened to a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobEvent {
    /// The job.
    pub job_id: JobId,
    /// 1, 2, 3, … within the job, without gaps.
    pub seq: u64,
    /// `queued`, `running`, `phase`, `cancel_requested`, `stale_write`, `succeeded`, `failed`, `cancelled`, …: an open set.
    pub kind: String,
    /// Details, by kind.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
    /// When.
    pub created_at: Time,
}

/// `POST /jobs`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewJob {
    /// What to do.
    pub kind: JobKind,
    /// On which revision.
    pub revision: RevisionId,
    /// By which recipe, for `compress`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<RecipeRequest>,
    /// Further instructions, by kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub spec: Option<serde_json::Value>,
    /// On which data set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_set: Option<DataSetId>,
    /// Higher runs first; −100 to 100.
    #[serde(default)]
    #[schema(minimum = -100, maximum = 100)]
    pub priority: i32,
    /// Jobs to run on the result: at most 16 in all, at most 4 one after the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<NewFollower>,
}

/// A job in `then`: as `NewJob`, but its revision is the result of the job before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFollower {
    /// What to do.
    pub kind: JobKind,
    /// By which recipe, for `compress`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<RecipeRequest>,
    /// Further instructions, by kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub spec: Option<serde_json::Value>,
    /// On which data set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_set: Option<DataSetId>,
    /// Higher runs first; −100 to 100.
    #[serde(default)]
    #[schema(minimum = -100, maximum = 100)]
    pub priority: i32,
    /// Jobs to run on its result in turn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub then: Vec<NewFollower>,
}

words! {
    /// How much a line of an attempt's log matters.
    LogLevel, "log level" {
        /// A step that went as it should.
        Info = "info",
        /// Something that went wrong and did not stop it.
        Warn = "warn",
        /// Why it ended.
        Error = "error",
    }
}

/// A line of an attempt's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogLine {
    /// When.
    pub at: Time,
    /// How much it matters.
    pub level: LogLevel,
    /// What.
    pub message: String,
}

/// A recipe in a request: a name, or the recipe itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum RecipeRequest {
    /// One of the named recipes, for example `int8`.
    Name(String),
    /// A recipe file's content as JSON.
    #[schema(value_type = Object)]
    Config(serde_json::Value),
}
