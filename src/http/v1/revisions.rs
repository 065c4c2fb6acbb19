//! `/models/{model}/revisions` and `/revisions/{id}`: upload, look, tag, delete.

use std::sync::Arc;

use api::digest::Digest;
use api::ids::RevisionId;
use api::page::Page;
use api::revisions::{Revision, RevisionPatch};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use crate::app::models::ModelRef;
use crate::app::{App, Caller, revisions, upload};
use crate::http::answer::{self, Answer};
use crate::http::documented::{Listing, Reading, Uploading, Writing};
use crate::http::extract::{At, Json, NoParams, Params};
use crate::http::receive;
use crate::http::router::BASE;

/// Uploads a package: a zip of a `.mlpackage`, or the bytes of a `.mlmodel`.
#[utoipa::path(post, path = "/models/{model}/revisions", tag = "revisions", operation_id = "create_revision",
    params(("model" = String, Path, description = "id or name"),
        ("tag" = Vec<String>, Query, description = "`key:value`; may be given several times"),
        ("content-digest" = Option<String>, Header, description = "RFC 9530, `sha-256`; verified when sent")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = Revision, headers(("location" = String), ("etag" = String))),
        (status = 200, body = Revision, description = "the model has a revision with this digest"), Uploading))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    At(model): At<ModelRef>,
    params: Params,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let order = receive::order(&headers, params)?;
    let (revision, made) =
        upload::receive(&app, &caller, &model, order, receive::chunks(body)).await?;
    let status = if made {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    answer::located(
        status,
        &format!("{BASE}/revisions/{}", revision.id),
        &revision,
    )
}

/// Lists the revisions of a model, newest first.
#[utoipa::path(get, path = "/models/{model}/revisions", tag = "revisions", operation_id = "list_revisions",
    params(("model" = String, Path, description = "id or name"), Listing,
        ("tag" = Option<String>, Query, description = "`key:value`"), ("digest" = Option<Digest>, Query), ("parent" = Option<RevisionId>, Query, description = "made from this one")),
    responses((status = 200, body = Page<Revision>), Reading))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    At(model): At<ModelRef>,
    mut params: Params,
) -> Answer {
    let filter = revisions::Filter {
        tag: params.take("tag")?,
        digest: params.take("digest")?,
        parent: params.take("parent")?,
    };
    let page = params.take_page()?;
    params.finish()?;
    answer::plain(&revisions::list(&app, &caller, &model, filter, page).await?)
}

/// One revision.
#[utoipa::path(get, path = "/revisions/{id}", tag = "revisions", operation_id = "get_revision",
    params(("id" = RevisionId, Path)),
    responses((status = 200, body = Revision, headers(("etag" = String))), (status = 304), Reading))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At(id): At<RevisionId>,
    headers: HeaderMap,
) -> Answer {
    answer::one(&headers, &revisions::get(&app, &caller, id).await?)
}

/// Changes tags and notes.
#[utoipa::path(patch, path = "/revisions/{id}", tag = "revisions", operation_id = "update_revision",
    params(("id" = RevisionId, Path), ("if-match" = Option<String>, Header)), request_body = RevisionPatch,
    responses((status = 200, body = Revision, headers(("etag" = String))), Writing))]
pub(crate) async fn update(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At(id): At<RevisionId>,
    headers: HeaderMap,
    Json(patch): Json<RevisionPatch>,
) -> Answer {
    answer::changed(&revisions::update(&app, &caller, id, patch, &answer::guard(&headers)).await?)
}

/// Deletes a revision that no alias and no unfinished job holds.
#[utoipa::path(delete, path = "/revisions/{id}", tag = "revisions", operation_id = "delete_revision",
    params(("id" = RevisionId, Path), ("if-match" = Option<String>, Header)),
    responses((status = 204), Writing))]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At(id): At<RevisionId>,
    headers: HeaderMap,
) -> Answer {
    revisions::delete(&app, &caller, id, &answer::guard(&headers)).await?;
    Ok(answer::gone())
}
