//! Log lines: where they go and in what form.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::LogFormat;

/// Sends log lines to standard error, and our own spans to `collector` where one is named. `filter` says which lines, and is
/// a `tracing` directive list such as `info,coreanvil=debug`.
///
/// A second call changes nothing: the first caller owns the process's log.
///
/// # Errors
/// The key of the configuration that is wrong, and why: `filter` is not a directive list, or the collector's address no URL.
pub fn init(
    filter: &str,
    format: LogFormat,
    collector: Option<&str>,
) -> Result<(), (&'static str, String)> {
    let filter = EnvFilter::try_new(filter).map_err(|error| ("log.filter", error.to_string()))?;
    let spans = collector.map(super::traces::install).transpose();
    let spans = spans.map_err(|why| ("telemetry.otlp_endpoint", why))?;
    let spans = spans.map(|tracer| tracing_opentelemetry::layer().with_tracer(tracer));
    let ours = Targets::new().with_target("coreanvil", LevelFilter::INFO);
    let spans = spans.map(|layer| layer.with_filter(ours));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let registry = tracing_subscriber::registry().with(spans);
    let installed = match format {
        LogFormat::Text => registry
            .with(lines.with_target(false).with_filter(filter))
            .try_init(),
        LogFormat::Json => registry
            .with(lines.json().flatten_event(true).with_filter(filter))
            .try_init(),
    };
    if installed.is_err() {
        tracing::debug!("the log was set up before");
    }
    Ok(())
}
