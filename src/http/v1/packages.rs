//! `/revisions/{id}/package`: the bytes, whole or a range of them.

use std::sync::Arc;

use api::ids::RevisionId;
use axum::extract::State;
use axum::http::HeaderMap;

use crate::app::{App, Caller, downloads};
use crate::http::answer::Answer;
use crate::http::documented::Reading;
use crate::http::download;
use crate::http::extract::{At, NoParams};

/// The zip of the package, or the `.mlmodel` itself; the same bytes every time.
#[utoipa::path(get, path = "/revisions/{id}/package", tag = "revisions", operation_id = "download_package",
    params(("id" = RevisionId, Path), ("range" = Option<String>, Header), ("if-range" = Option<String>, Header),
        ("if-none-match" = Option<String>, Header)),
    responses((status = 200, content_type = "application/zip", body = Vec<u8>,
            headers(("etag" = String), ("content-digest" = String), ("content-length" = u64))),
        (status = 206, content_type = "application/zip", body = Vec<u8>, headers(("content-range" = String))),
        (status = 304), (status = 416, headers(("content-range" = String))), Reading))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At(id): At<RevisionId>,
    headers: HeaderMap,
) -> Answer {
    download::answer(&app, &headers, downloads::get(&app, &caller, id).await?).await
}
