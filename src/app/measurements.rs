//! Measurements: finding them. Jobs make them.

use api::ids::{JobId, RevisionId};
use api::measurements::Measurement;
use api::page::{Page, PageRequest};
use api::time::Time;

use super::access::Caller;
use super::error::Result;
use super::models::{self, ModelRef};
use super::service::App;
use crate::store::MeasurementFilter;

/// Which measurements a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this revision.
    pub revision: Option<RevisionId>,
    /// Of this model's revisions.
    pub model: Option<ModelRef>,
    /// Of this job.
    pub job: Option<JobId>,
    /// Of this metric.
    pub metric: Option<String>,
    /// On this device.
    pub device: Option<String>,
    /// On this compute unit.
    pub compute_unit: Option<String>,
    /// Not before.
    pub from: Option<Time>,
    /// Not after.
    pub to: Option<Time>,
}

/// Measurements in reach, newest first.
///
/// # Errors
/// [`super::Error::NotFound`] for a model that is out of reach.
pub async fn list(
    app: &App,
    caller: &Caller,
    filter: Filter,
    page: PageRequest,
) -> Result<Page<Measurement>> {
    let model_id = match &filter.model {
        Some(model) => Some(models::find(app, caller, model).await?.model.id),
        None => None,
    };
    let filter = MeasurementFilter {
        revision_id: filter.revision,
        model_id,
        job_id: filter.job,
        metric: filter.metric,
        device: filter.device,
        compute_unit: filter.compute_unit,
        from: filter.from,
        to: filter.to,
    };
    Ok(app.store.measurements(caller.reach, &filter, page).await?)
}
