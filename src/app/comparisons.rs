//! Comparisons: two revisions side by side, weight by weight.
//!
//! Computed when asked for and not kept: it is a function of two revisions that never change, and clients keep it by
//! its tag. Few run at once, since each reads two packages.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use api::comparison::{Comparison, MetricComparison, Pair};
use api::ids::RevisionId;
use api::measurements::Measurement;
use api::page::{LIMIT_MAX, PageRequest};
use coreml::package::Package;

use super::access::Caller;
use super::blocking::run_blocking;
use super::error::{Error, Result};
use super::packages::{self, Fetched};
use super::revisions;
use super::service::{App, Settings};
use crate::store::{MeasurementFilter, RevisionRecord};

/// Compares two revisions.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Unsupported`].
pub async fn get(app: &App, caller: &Caller, a: RevisionId, b: RevisionId) -> Result<Comparison> {
    let (record_a, record_b) = (
        revisions::find(app, caller, a).await?,
        revisions::find(app, caller, b).await?,
    );
    let Ok(_place) = app.inspections.acquire().await else {
        return Err(Error::Unavailable {
            detail: "shutting down",
            retry_after_s: 5,
        });
    };
    let mut comparison = compare(app, &record_a, &record_b).await?;
    let measured = Pair {
        a: measured(app, caller, a).await?,
        b: measured(app, caller, b).await?,
    };
    for row in pairs(&measured) {
        if row.metric.contains("latency") {
            comparison.latency.push(row);
        } else if row.on.starts_with(DATA_SET) {
            comparison.accuracy.push(row);
        }
    }
    Ok(comparison)
}

async fn compare(app: &App, a: &RevisionRecord, b: &RevisionRecord) -> Result<Comparison> {
    let (fetched_a, fetched_b) = (
        packages::fetch(app, a).await?,
        packages::fetch(app, b).await?,
    );
    let settings = app.settings.clone();
    // A client that hangs up drops this future, and with it the guard, which stops the work.
    let stop = StopOnDrop(Arc::new(AtomicBool::new(false)));
    let cancelled = Arc::clone(&stop.0);
    run_blocking("comparing", move || {
        work(&fetched_a, &fetched_b, &settings, &cancelled)
    })
    .await
}

fn work(
    a: &Fetched,
    b: &Fetched,
    settings: &Settings,
    cancelled: &AtomicBool,
) -> Result<Comparison> {
    let run = engine::Run {
        threads: settings.threads,
        limits: &settings.package,
        scratch: &settings.scratch,
        progress: &|_, _| {},
        cancelled: &|| cancelled.load(Ordering::Relaxed),
    };
    let open =
        |fetched: &Fetched| Package::open(&fetched.path, &settings.scratch, &settings.package);
    let comparison = open(a).and_then(|a| Ok((a, open(b)?)));
    let (a, b) = comparison.map_err(engine::Error::from)?;
    Ok(engine::compare(&a, &b, &run)?)
}

struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How a measurement says that it was taken on a data set.
const DATA_SET: &str = "data set ";

/// The newest measurements of a revision.
async fn measured(app: &App, caller: &Caller, id: RevisionId) -> Result<Vec<Measurement>> {
    let filter = MeasurementFilter {
        revision_id: Some(id),
        ..MeasurementFilter::default()
    };
    let page = PageRequest {
        limit: LIMIT_MAX,
        after: None,
    };
    Ok(app
        .store
        .measurements(caller.reach, &filter, page)
        .await?
        .items)
}

/// What both were measured on, the newest of each.
fn pairs(measured: &Pair<Vec<Measurement>>) -> Vec<MetricComparison> {
    let mut rows: Vec<MetricComparison> = Vec::new();
    for a in &measured.a {
        let on = on(a);
        let Some(b) = measured
            .b
            .iter()
            .find(|b| b.metric == a.metric && b.unit == a.unit && self::on(b) == on)
        else {
            continue;
        };
        if rows
            .iter()
            .all(|row| row.metric != a.metric || row.on != on)
        {
            let value = Pair {
                a: a.value,
                b: b.value,
            };
            rows.push(MetricComparison {
                metric: a.metric.clone(),
                on,
                value,
                unit: a.unit.clone(),
            });
        }
    }
    rows
}

/// On what something was measured, in words.
fn on(measurement: &Measurement) -> String {
    let data_set = measurement.data_set_id.map(|id| format!("{DATA_SET}{id}"));
    let parts = [
        data_set,
        measurement.device.clone(),
        measurement.compute_unit.clone(),
        measurement.function.clone(),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
