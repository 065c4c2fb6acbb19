//! `/models`: names under which revisions are collected.

use std::sync::Arc;

use api::models::{Model, ModelPatch, NewModel};
use api::page::Page;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use crate::app::models::{self, ModelRef};
use crate::app::{App, Caller};
use crate::http::answer::{self, Answer};
use crate::http::documented::{Listing, Reading, Writing};
use crate::http::extract::{At, Json, NoParams, Params};
use crate::http::router::BASE;

/// Makes a model.
#[utoipa::path(post, path = "/models", tag = "models", operation_id = "create_model", request_body = NewModel,
    responses((status = 201, body = Model, headers(("location" = String), ("etag" = String))), Writing))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    Json(new): Json<NewModel>,
) -> Answer {
    let model = models::create(&app, &caller, new).await?;
    answer::located(
        StatusCode::CREATED,
        &format!("{BASE}/models/{}", model.id),
        &model,
    )
}

/// Lists models, newest first.
#[utoipa::path(get, path = "/models", tag = "models", operation_id = "list_models",
    params(Listing, ("project" = Option<String>, Query), ("name" = Option<String>, Query)),
    responses((status = 200, body = Page<Model>), Reading))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    mut params: Params,
) -> Answer {
    let filter = models::Filter {
        project: params.take("project")?,
        name: params.take("name")?,
    };
    let page = params.take_page()?;
    params.finish()?;
    answer::plain(&models::list(&app, &caller, filter, page).await?)
}

/// One model, by id or name.
#[utoipa::path(get, path = "/models/{model}", tag = "models", operation_id = "get_model",
    params(("model" = String, Path, description = "id or name")),
    responses((status = 200, body = Model, headers(("etag" = String))), (status = 304), Reading))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At(model): At<ModelRef>,
    headers: HeaderMap,
) -> Answer {
    answer::one(&headers, &models::get(&app, &caller, &model).await?)
}

/// Renames or describes a model.
#[utoipa::path(patch, path = "/models/{model}", tag = "models", operation_id = "update_model",
    params(("model" = String, Path, description = "id or name"), ("if-match" = Option<String>, Header)),
    request_body = ModelPatch,
    responses((status = 200, body = Model, headers(("etag" = String))), Writing))]
pub(crate) async fn update(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At(model): At<ModelRef>,
    headers: HeaderMap,
    Json(patch): Json<ModelPatch>,
) -> Answer {
    answer::changed(&models::update(&app, &caller, &model, patch, &answer::guard(&headers)).await?)
}

/// Deletes a model with its revisions.
#[utoipa::path(delete, path = "/models/{model}", tag = "models", operation_id = "delete_model",
    params(("model" = String, Path, description = "id or name"), ("if-match" = Option<String>, Header)),
    responses((status = 204), Writing))]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At(model): At<ModelRef>,
    headers: HeaderMap,
) -> Answer {
    models::delete(&app, &caller, &model, &answer::guard(&headers)).await?;
    Ok(answer::gone())
}
