//! `/uploads`: resumable upload, tus 1.0.

use std::sync::Arc;

use api::ids::UploadId;
use api::page::Page;
use api::uploads::Upload;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::app::{App, Caller, uploads};
use crate::http::answer::{self, Answer};
use crate::http::documented::{Listing, Reading, Resuming};
use crate::http::extract::{At, NoParams, Params};
use crate::http::{receive, tus};

/// What this server's resumable upload can do.
#[utoipa::path(options, path = "/uploads", tag = "uploads", operation_id = "upload_options", security(()),
    responses((status = 204, headers(("tus-version" = String), ("tus-extension" = String), ("tus-max-size" = u64))),
        (status = 400, body = api::problem::Problem, content_type = "application/problem+json")))]
pub(crate) async fn options(State(app): State<Arc<App>>, _: NoParams) -> Response {
    tus::abilities(app.settings.upload_bytes)
}

/// Begins an upload; with a body of `application/offset+octet-stream`, its first bytes.
#[utoipa::path(post, path = "/uploads", tag = "uploads", operation_id = "create_upload",
    params(("tus-resumable" = String, Header, description = "`1.0.0`"), ("upload-length" = u64, Header),
        ("upload-metadata" = String, Header, description = "`model` (id or name), `filename`, `tags` (lines of `key:value`), `digest` (`sha256:…` of the whole body), each in base64"),
        ("upload-checksum" = Option<String>, Header)),
    responses((status = 201, headers(("location" = String), ("upload-offset" = u64), ("upload-expires" = String))), Resuming))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: tus::Spoken,
    _: NoParams,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let checksum = tus::checksum(&headers)?;
    let mut upload = uploads::begin(&app, &caller, tus::begin(&headers)?)
        .await?
        .upload;
    if tus::is_piece(&headers) {
        let chunks = receive::chunks(body);
        upload = uploads::append(&app, &caller, upload.id, 0, checksum, chunks).await?;
    }
    tus::begun(&upload)
}

/// Uploads that have not expired, newest first.
#[utoipa::path(get, path = "/uploads", tag = "uploads", operation_id = "list_uploads",
    params(Listing, ("digest" = Option<String>, Query, description = "`sha256:…` of the whole body")),
    responses((status = 200, body = Page<Upload>), Reading))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    mut params: Params,
) -> Answer {
    let digest = params.take("digest")?;
    let page = params.take_page()?;
    params.finish()?;
    answer::plain(&uploads::list(&app, &caller, digest, page).await?)
}

/// One upload: how far it is, which revision it became, or why it was refused.
#[utoipa::path(get, path = "/uploads/{id}", tag = "uploads", operation_id = "get_upload",
    params(("id" = UploadId, Path)),
    responses((status = 200, body = Upload, headers(("etag" = String))), (status = 304), Reading))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At(id): At<UploadId>,
    headers: HeaderMap,
) -> Answer {
    answer::one(&headers, &uploads::get(&app, &caller, id).await?.upload)
}

/// Where the upload stands.
#[utoipa::path(head, path = "/uploads/{id}", tag = "uploads", operation_id = "head_upload",
    params(("id" = UploadId, Path), ("tus-resumable" = String, Header, description = "`1.0.0`")),
    responses((status = 200, headers(("upload-offset" = u64), ("upload-length" = u64), ("upload-metadata" = String), ("upload-expires" = String))), Resuming))]
pub(crate) async fn head(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: tus::Spoken,
    _: NoParams,
    At(id): At<UploadId>,
) -> Answer {
    let record = uploads::get(&app, &caller, id).await?;
    tus::head(&record.upload, &record.metadata)
}

/// Appends bytes. With the last of them the upload becomes a revision, which `Location` names.
#[utoipa::path(patch, path = "/uploads/{id}", tag = "uploads", operation_id = "append_to_upload",
    params(("id" = UploadId, Path), ("tus-resumable" = String, Header, description = "`1.0.0`"), ("upload-offset" = u64, Header),
        ("upload-checksum" = Option<String>, Header, description = "`sha256` or `sha1`, a space, base64; of the bytes of this request")),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 204, headers(("upload-offset" = u64), ("upload-expires" = String), ("location" = Option<String>))), Resuming))]
pub(crate) async fn append(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: tus::Spoken,
    _: NoParams,
    At(id): At<UploadId>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    tus::need_piece(&headers)?;
    let (offset, checksum) = (tus::offset(&headers)?, tus::checksum(&headers)?);
    let chunks = receive::chunks(body);
    let upload = uploads::append(&app, &caller, id, offset, checksum, chunks).await?;
    tus::stands(StatusCode::NO_CONTENT, &upload)
}

/// Gives an upload up.
#[utoipa::path(delete, path = "/uploads/{id}", tag = "uploads", operation_id = "delete_upload",
    params(("id" = UploadId, Path), ("tus-resumable" = String, Header, description = "`1.0.0`")),
    responses((status = 204), Resuming))]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: tus::Spoken,
    _: NoParams,
    At(id): At<UploadId>,
) -> Answer {
    uploads::delete(&app, &caller, id).await?;
    Ok(answer::gone())
}
