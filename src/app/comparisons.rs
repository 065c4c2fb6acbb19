//! Comparisons: two revisions side by side, weight by weight.
//!
//! What the packages say is a function of two revisions that never change, so the last ones are kept; what was
//! measured is asked for every time.

use api::comparison::{Comparison, MetricComparison, Pair};
use api::ids::RevisionId;
use api::measurements::Measurement;
use api::page::{LIMIT_MAX, PageRequest};

use super::access::Caller;
use super::error::Result;
use super::looking;
use super::revisions;
use super::service::App;
use crate::store::MeasurementFilter;

/// Compares two revisions.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Unsupported`].
pub async fn get(app: &App, caller: &Caller, a: RevisionId, b: RevisionId) -> Result<Comparison> {
    let (record_a, record_b) = (
        revisions::find(app, caller, a).await?,
        revisions::find(app, caller, b).await?,
    );
    let packages = if let Some(known) = app.comparisons.get(&(a, b)) {
        known
    } else {
        let made = looking::look(app, "comparing", [&record_a, &record_b], |[a, b], run| {
            engine::compare(a, b, run)
        });
        app.comparisons.put((a, b), made.await?)
    };
    let mut comparison = Comparison::clone(&packages);
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
