//! `/models/{model}/aliases`: movable names for revisions.

use std::sync::Arc;

use api::aliases::{Alias, AliasTarget};
use api::names::AliasName;
use api::page::Page;
use axum::extract::State;
use axum::http::HeaderMap;

use crate::app::models::ModelRef;
use crate::app::{App, Caller, aliases};
use crate::http::answer::{self, Answer};
use crate::http::documented::{Reading, Writing};
use crate::http::extract::{At, At2, Json, NoParams, Params};

/// Lists the aliases of a model, by name.
#[utoipa::path(get, path = "/models/{model}/aliases", tag = "aliases", operation_id = "list_aliases",
    params(("model" = String, Path, description = "id or name"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "most items of the page; 50 unless given"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = Page<Alias>), Reading))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    At(model): At<ModelRef>,
    mut params: Params,
) -> Answer {
    let (after, limit) = (params.take("cursor")?, params.take_limit()?);
    params.finish()?;
    answer::plain(&aliases::list(&app, &caller, &model, after, limit).await?)
}

/// Points an alias to a revision of its model.
#[utoipa::path(put, path = "/models/{model}/aliases/{alias}", tag = "aliases", operation_id = "set_alias",
    params(("model" = String, Path, description = "id or name"), ("alias" = String, Path),
        ("if-match" = Option<String>, Header)),
    request_body = AliasTarget,
    responses((status = 200, body = Alias, headers(("etag" = String))), Writing))]
pub(crate) async fn set(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At2(model, alias): At2<ModelRef, AliasName>,
    headers: HeaderMap,
    Json(target): Json<AliasTarget>,
) -> Answer {
    let guard = answer::guard_maybe(&headers);
    answer::changed(&aliases::set(&app, &caller, &model, &alias, target, &guard).await?)
}

/// Where an alias points.
#[utoipa::path(get, path = "/models/{model}/aliases/{alias}", tag = "aliases", operation_id = "get_alias",
    params(("model" = String, Path, description = "id or name"), ("alias" = String, Path)),
    responses((status = 200, body = Alias, headers(("etag" = String))), (status = 304), Reading))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At2(model, alias): At2<ModelRef, AliasName>,
    headers: HeaderMap,
) -> Answer {
    answer::one(
        &headers,
        &aliases::get(&app, &caller, &model, &alias).await?,
    )
}

/// Removes an alias; the revision stays.
#[utoipa::path(delete, path = "/models/{model}/aliases/{alias}", tag = "aliases", operation_id = "delete_alias",
    params(("model" = String, Path, description = "id or name"), ("alias" = String, Path),
        ("if-match" = Option<String>, Header)),
    responses((status = 204), Writing))]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At2(model, alias): At2<ModelRef, AliasName>,
    headers: HeaderMap,
) -> Answer {
    aliases::delete(
        &app,
        &caller,
        &model,
        &alias,
        &answer::guard_maybe(&headers),
    )
    .await?;
    Ok(answer::gone())
}
