//! Gauges that come from the database: looked at when somebody asks for the metrics, and not more often than every few
//! seconds, so that a scraper cannot keep the database busy.

use std::sync::atomic::{AtomicU64, Ordering};

use api::jobs::{JobKind, JobState};

use super::error::Chain;
use super::service::App;
use crate::telemetry::{DB_CONNECTIONS, EVENT_STREAMS, JOBS, OPEN_UPLOADS, QUEUE_AGE, WORKERS};

/// How old what is shown may be.
const FRESH_NS: u64 = 5_000_000_000;
/// A worker that was not heard of for so long does not count.
const WORKER_SILENT_MS: i64 = 120_000;

/// When the database was looked at last; 0 is never.
#[derive(Debug, Default)]
pub(super) struct Looked(AtomicU64);

impl Looked {
    /// Whether it is time again; who gets true is the one who looks.
    fn is_due(&self, now_ns: u64) -> bool {
        let now_ns = now_ns.max(1);
        let due =
            |last: u64| (last == 0 || now_ns.saturating_sub(last) >= FRESH_NS).then_some(now_ns);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, due)
            .is_ok()
    }
}

/// Brings the gauges up to date. A database that does not answer leaves the last numbers.
#[expect(clippy::cast_precision_loss, reason = "numbers for gauges")]
pub async fn refresh(app: &App) {
    let (used, idle) = app.store.connections();
    metrics::gauge!(DB_CONNECTIONS, "state" => "used").set(f64::from(used));
    metrics::gauge!(DB_CONNECTIONS, "state" => "idle").set(f64::from(idle));
    metrics::gauge!(EVENT_STREAMS).set(app.allowance.streams() as f64);
    if !app.looked.is_due(app.clock.monotonic_ns()) {
        return;
    }
    let now = app.clock.now();
    let since = now.plus_ms(-WORKER_SILENT_MS);
    match app.store.gauges(since).await {
        Ok(gauges) => {
            for kind in JobKind::ALL {
                for state in [JobState::Queued, JobState::Running] {
                    let row = gauges
                        .jobs
                        .iter()
                        .find(|(k, s, _)| k == kind && *s == state);
                    let number = row.map_or(0, |(_, _, number)| *number);
                    metrics::gauge!(JOBS, "kind" => kind.as_str(), "state" => state.as_str())
                        .set(number as f64);
                }
            }
            let age_ms = gauges.oldest_queued_at.map_or(0, |oldest| {
                now.unix_ms().saturating_sub(oldest.unix_ms()).max(0)
            });
            metrics::gauge!(QUEUE_AGE).set(age_ms as f64 / 1000.0);
            metrics::gauge!(WORKERS).set(gauges.workers as f64);
            metrics::gauge!(OPEN_UPLOADS).set(gauges.uploads as f64);
        }
        Err(error) => {
            tracing::warn!(error = %Chain(&error), "cannot look at the queue for the metrics");
        }
    }
}
