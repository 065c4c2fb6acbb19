//! Every metric: name, form, labels, meaning. `docs/metrics.md` is made from it, and a test compares what `/metrics` shows.

/// How a metric counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Only grows, until the process ends.
    Counter,
    /// A number as it is now.
    Gauge,
    /// Counts by size; seconds.
    Histogram,
}

/// A metric.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// How it counts.
    pub form: Form,
    /// Its labels; each has few values.
    pub labels: &'static [&'static str],
    /// What it says.
    pub meaning: &'static str,
}

/// Requests answered.
pub const REQUESTS: &str = "coreanvil_http_requests_total";
/// Seconds from a request's head to the head of its answer.
pub const REQUEST_SECONDS: &str = "coreanvil_http_request_duration_seconds";
/// Bytes received in package uploads.
pub const UPLOAD_BYTES: &str = "coreanvil_upload_bytes_total";
/// Streams of job events that are open at this process.
pub const EVENT_STREAMS: &str = "coreanvil_event_streams";
/// Resumable uploads that are open. From the database.
pub const OPEN_UPLOADS: &str = "coreanvil_open_uploads";
/// Objects that the sweeper removed.
pub const SWEPT_OBJECTS: &str = "coreanvil_swept_objects_total";
/// Bytes of objects that the sweeper removed.
pub const SWEPT_BYTES: &str = "coreanvil_swept_bytes_total";
/// Jobs in the database that are queued or running; the same from every process, at most five seconds old.
pub const JOBS: &str = "coreanvil_jobs";
/// Seconds that the oldest queued job has waited; 0 when none waits. From the database.
pub const QUEUE_AGE: &str = "coreanvil_job_queue_age_seconds";
/// Workers heard of in the last two minutes. From the database.
pub const WORKERS: &str = "coreanvil_workers";
/// Seconds from queued to claimed, of the jobs that this process claimed.
pub const JOB_WAIT: &str = "coreanvil_job_wait_seconds";
/// Seconds of an attempt of this process; `outcome` is the job's state after it (`queued`: it is tried again).
pub const JOB_SECONDS: &str = "coreanvil_job_duration_seconds";
/// Jobs that a worker of this process brought to their end.
pub const JOBS_FINISHED: &str = "coreanvil_jobs_finished_total";
/// Leases of silent workers that this process took back; each is counted once, by whoever took it.
pub const LEASES_LOST: &str = "coreanvil_leases_lost_total";
/// Connections of this process's pool: `used` or `idle` (SQLite: the readers).
pub const DB_CONNECTIONS: &str = "coreanvil_db_connections";
/// Always 1.
pub const BUILD_INFO: &str = "coreanvil_build_info";
/// Resident memory, mapped packages included.
pub const PROCESS_MEMORY: &str = "process_resident_memory_bytes";
/// Open file descriptors.
pub const PROCESS_FDS: &str = "process_open_fds";
/// Most file descriptors that may be open.
pub const PROCESS_MAX_FDS: &str = "process_max_fds";
/// Seconds of processor time, user and system, in whole seconds.
pub const PROCESS_CPU: &str = "process_cpu_seconds_total";

/// All of them, in the order of `docs/metrics.md`.
pub const ALL: &[Metric] = &[
    Metric {
        name: REQUESTS,
        form: Form::Counter,
        labels: &["method", "route", "status"],
        meaning: "Requests answered.",
    },
    Metric {
        name: REQUEST_SECONDS,
        form: Form::Histogram,
        labels: &["method", "route"],
        meaning: "Seconds from a request's head to the head of its answer.",
    },
    Metric {
        name: UPLOAD_BYTES,
        form: Form::Counter,
        labels: &[],
        meaning: "Bytes received in package uploads.",
    },
    Metric {
        name: EVENT_STREAMS,
        form: Form::Gauge,
        labels: &[],
        meaning: "Streams of job events that are open at this process.",
    },
    Metric {
        name: OPEN_UPLOADS,
        form: Form::Gauge,
        labels: &[],
        meaning: "Resumable uploads that are open. From the database.",
    },
    Metric {
        name: SWEPT_OBJECTS,
        form: Form::Counter,
        labels: &[],
        meaning: "Objects that the sweeper removed.",
    },
    Metric {
        name: SWEPT_BYTES,
        form: Form::Counter,
        labels: &[],
        meaning: "Bytes of objects that the sweeper removed.",
    },
    Metric {
        name: JOBS,
        form: Form::Gauge,
        labels: &["kind", "state"],
        meaning: "Jobs in the database that are queued or running; the same from every process, at most five seconds old.",
    },
    Metric {
        name: QUEUE_AGE,
        form: Form::Gauge,
        labels: &[],
        meaning: "Seconds that the oldest queued job has waited; 0 when none waits. From the database.",
    },
    Metric {
        name: WORKERS,
        form: Form::Gauge,
        labels: &[],
        meaning: "Workers heard of in the last two minutes. From the database.",
    },
    Metric {
        name: JOB_WAIT,
        form: Form::Histogram,
        labels: &["kind"],
        meaning: "Seconds from queued to claimed, of the jobs that this process claimed.",
    },
    Metric {
        name: JOB_SECONDS,
        form: Form::Histogram,
        labels: &["kind", "outcome"],
        meaning: "Seconds of an attempt of this process; `outcome` is the job's state after it (`queued`: it is tried again).",
    },
    Metric {
        name: JOBS_FINISHED,
        form: Form::Counter,
        labels: &["kind", "state"],
        meaning: "Jobs that a worker of this process brought to their end.",
    },
    Metric {
        name: LEASES_LOST,
        form: Form::Counter,
        labels: &[],
        meaning: "Leases of silent workers that this process took back; each is counted once, by whoever took it.",
    },
    Metric {
        name: DB_CONNECTIONS,
        form: Form::Gauge,
        labels: &["state"],
        meaning: "Connections of this process's pool: `used` or `idle` (SQLite: the readers).",
    },
    Metric {
        name: BUILD_INFO,
        form: Form::Gauge,
        labels: &["version"],
        meaning: "Always 1.",
    },
    Metric {
        name: PROCESS_MEMORY,
        form: Form::Gauge,
        labels: &[],
        meaning: "Resident memory, mapped packages included.",
    },
    Metric {
        name: PROCESS_FDS,
        form: Form::Gauge,
        labels: &[],
        meaning: "Open file descriptors.",
    },
    Metric {
        name: PROCESS_MAX_FDS,
        form: Form::Gauge,
        labels: &[],
        meaning: "Most file descriptors that may be open.",
    },
    Metric {
        name: PROCESS_CPU,
        form: Form::Counter,
        labels: &[],
        meaning: "Seconds of processor time, user and system, in whole seconds.",
    },
];

/// Head of `docs/metrics.md`.
const HEAD: &str = "\
# Metrics

`GET /metrics` shows these in the Prometheus text format, without a token. Made from the code (`src/telemetry/catalogue.rs`); a test compares:
`WRITE_METRICS=1 cargo test --test it metrics`. Durations are histograms in seconds. What is said to come from the database is the same from every process: take the
maximum, not the sum. A dashboard and alerts: `docs/grafana/`.

| metric | form | labels | meaning |
|---|---|---|---|
";

/// `docs/metrics.md` as the code would write it.
pub fn committed_page() -> String {
    let mut page = HEAD.to_owned();
    for metric in ALL {
        let form = match metric.form {
            Form::Counter => "counter",
            Form::Gauge => "gauge",
            Form::Histogram => "histogram",
        };
        let labels: Vec<String> = metric
            .labels
            .iter()
            .map(|label| format!("`{label}`"))
            .collect();
        page.extend([
            "| `",
            metric.name,
            "` | ",
            form,
            " | ",
            &labels.join(", "),
            " | ",
            metric.meaning,
            " |\n",
        ]);
    }
    page
}
