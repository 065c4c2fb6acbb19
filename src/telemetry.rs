//! Logs and metrics of the process.
//!
//! One line of log per event, readable alone and with ids as fields; a failure is logged once, where it is handled.
//! Metrics are kept by one recorder per process and rendered in the Prometheus text format.
//! It does not decide what is logged: the rooms do. It never sees tokens (headers that carry them are marked sensitive).

use std::io::IsTerminal as _;
use std::sync::OnceLock;

use metrics::{describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::LogFormat;

/// Requests answered, by route, method and status.
pub const REQUESTS: &str = "coreanvil_http_requests_total";
/// Seconds from the request's head to the answer's head, by route and method.
pub const REQUEST_SECONDS: &str = "coreanvil_http_request_duration_seconds";
/// Bytes received in package uploads.
pub const UPLOAD_BYTES: &str = "coreanvil_upload_bytes_total";
/// Objects that the sweeper removed.
pub const SWEPT_OBJECTS: &str = "coreanvil_swept_objects_total";
/// Their bytes.
pub const SWEPT_BYTES: &str = "coreanvil_swept_bytes_total";
/// Jobs that are waiting or running, by kind and state.
pub const JOBS: &str = "coreanvil_jobs";
/// Jobs that ended, by kind and state.
pub const JOBS_FINISHED: &str = "coreanvil_jobs_finished_total";
/// Seconds a finished attempt took, by kind.
pub const JOB_SECONDS: &str = "coreanvil_job_duration_seconds";

/// Bounds of the duration histograms: a fast read to an upload of many gigabytes.
const SECONDS: [f64; 12] = [
    0.001, 0.005, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0, 30.0, 60.0, 300.0, 1800.0,
];

/// Sends log lines to standard error. `filter` is a `tracing` directive list such as `info,coreanvil=debug`.
///
/// A second call changes nothing: the first caller owns the process's log.
///
/// # Errors
/// When `filter` is not a directive list; the text says where.
pub fn init(filter: &str, format: LogFormat) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| error.to_string())?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let installed = match format {
        LogFormat::Text => builder
            .with_target(false)
            .with_ansi(std::io::stderr().is_terminal())
            .try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    if installed.is_err() {
        tracing::debug!("the log was set up before");
    }
    Ok(())
}

/// The process's metrics, set up at the first call.
pub fn metrics() -> &'static Metrics {
    static METRICS: OnceLock<Metrics> = OnceLock::new();
    METRICS.get_or_init(Metrics::install)
}

/// Renders what was counted.
#[derive(Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    fn install() -> Self {
        let builder = PrometheusBuilder::new();
        // The bounds are a constant and not empty, which is all that `set_buckets` asks.
        let builder = builder
            .set_buckets(&SECONDS)
            .unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another metrics recorder was set up before; /metrics stays empty");
        }
        describe();
        Self { handle }
    }

    /// The Prometheus text exposition.
    pub fn render(&self) -> String {
        self.handle.run_upkeep();
        self.handle.render()
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

fn describe() {
    describe_counter!(REQUESTS, "Requests answered, by route, method and status.");
    describe_histogram!(
        REQUEST_SECONDS,
        "Seconds until the answer's head, by route and method."
    );
    describe_counter!(UPLOAD_BYTES, "Bytes received in package uploads.");
    describe_counter!(SWEPT_OBJECTS, "Objects that the sweeper removed.");
    describe_counter!(SWEPT_BYTES, "Bytes of objects that the sweeper removed.");
    describe_gauge!(JOBS, "Jobs that are waiting or running, by kind and state.");
    describe_counter!(JOBS_FINISHED, "Jobs that ended, by kind and state.");
    describe_histogram!(JOB_SECONDS, "Seconds a finished attempt took, by kind.");
}
