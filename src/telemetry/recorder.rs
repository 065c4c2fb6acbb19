//! The process's one recorder of metrics.

use std::sync::OnceLock;

use metrics::{describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::catalogue::{ALL, BUILD_INFO, Form};
use super::process;

/// Bounds of the duration histograms: a fast read to an upload of many gigabytes.
const SECONDS: [f64; 12] = [
    0.001, 0.005, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0, 30.0, 60.0, 300.0, 1800.0,
];

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
        metrics::gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        Self { handle }
    }

    /// The Prometheus text exposition.
    pub fn render(&self) -> String {
        process::measure();
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
    for metric in ALL {
        match metric.form {
            Form::Counter => describe_counter!(metric.name, metric.meaning),
            Form::Gauge => describe_gauge!(metric.name, metric.meaning),
            Form::Histogram => describe_histogram!(metric.name, metric.meaning),
        }
    }
}
