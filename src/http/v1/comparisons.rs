//! `/revisions/{a}/comparison/{b}`: two revisions side by side.

use std::sync::Arc;

use api::comparison::Comparison;
use api::ids::RevisionId;
use axum::extract::State;
use axum::http::HeaderMap;

use crate::app::{App, Caller, comparisons};
use crate::http::answer::{self, Answer};
use crate::http::documented::Reading;
use crate::http::extract::{At2, NoParams};

/// Sizes, error per weight, operations changed, and what both were measured on.
#[utoipa::path(get, path = "/revisions/{a}/comparison/{b}", tag = "revisions", operation_id = "compare_revisions",
    params(("a" = RevisionId, Path), ("b" = RevisionId, Path)),
    responses((status = 200, body = Comparison, headers(("etag" = String))), (status = 304), Reading))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At2(a, b): At2<RevisionId, RevisionId>,
    headers: HeaderMap,
) -> Answer {
    answer::one(&headers, &comparisons::get(&app, &caller, a, b).await?)
}
