//! `/measurements`: numbers and what they were measured on.

use std::sync::Arc;

use api::ids::{JobId, RevisionId};
use api::measurements::Measurement;
use api::page::Page;
use api::time::Time;
use axum::extract::State;

use crate::app::{App, Caller, measurements};
use crate::http::answer::{self, Answer};
use crate::http::documented::{Listing, Reading};
use crate::http::extract::Params;

/// Lists measurements, newest first.
#[utoipa::path(get, path = "/measurements", tag = "measurements", operation_id = "list_measurements",
    params(Listing, ("revision" = Option<RevisionId>, Query), ("model" = Option<String>, Query, description = "id or name"),
        ("job" = Option<JobId>, Query), ("metric" = Option<String>, Query), ("device" = Option<String>, Query),
        ("compute_unit" = Option<String>, Query), ("from" = Option<Time>, Query, description = "RFC 3339"),
        ("to" = Option<Time>, Query, description = "RFC 3339")),
    responses((status = 200, body = Page<Measurement>), Reading))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    mut params: Params,
) -> Answer {
    let filter = measurements::Filter {
        revision: params.take("revision")?,
        model: params.take("model")?,
        job: params.take("job")?,
        metric: params.take("metric")?,
        device: params.take("device")?,
        compute_unit: params.take("compute_unit")?,
        from: params.take("from")?,
        to: params.take("to")?,
    };
    let page = params.take_page()?;
    params.finish()?;
    answer::plain(&measurements::list(&app, &caller, filter, page).await?)
}
