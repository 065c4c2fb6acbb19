//! `/revisions/{id}/inspection`: what a package is.

use std::sync::Arc;

use api::ids::RevisionId;
use api::inspection::Inspection;
use axum::extract::State;
use axum::http::HeaderMap;

use crate::app::{App, Caller, inspections};
use crate::http::answer::{self, Answer};
use crate::http::documented::Reading;
use crate::http::extract::{At, NoParams};

/// Features, functions, operations, weights, and what the package needs to run.
#[utoipa::path(get, path = "/revisions/{id}/inspection", tag = "revisions", operation_id = "get_inspection",
    params(("id" = RevisionId, Path)),
    responses((status = 200, body = Inspection, headers(("etag" = String))), (status = 304), Reading))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At(id): At<RevisionId>,
    headers: HeaderMap,
) -> Answer {
    answer::one(&headers, &inspections::get(&app, &caller, id).await?)
}
