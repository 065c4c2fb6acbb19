//! `/revisions/{id}/weights`: the weights of a revision, and one of them looked at closely.

use std::sync::Arc;

use api::ids::RevisionId;
use api::page::Page;
use api::weights::{WeightDetail, WeightRow};
use axum::extract::State;
use axum::http::HeaderMap;

use crate::app::weights::{self, Filter, WeightName};
use crate::app::{App, Caller};
use crate::http::answer::{self, Answer};
use crate::http::documented::{Listing, Reading};
use crate::http::extract::{At, At2, Params};

/// Lists the weights of a revision, in program order unless `sort` says otherwise.
#[utoipa::path(get, path = "/revisions/{id}/weights", tag = "revisions", operation_id = "list_weights",
    params(("id" = RevisionId, Path), Listing,
        ("search" = Option<String>, Query, description = "words in the name, the representation or the operations that read it"),
        ("function" = Option<String>, Query), ("state" = Option<String>, Query, description = "`compressed` or `left`"),
        ("sort" = Option<String>, Query, description = "`name`, `bytes`, `bytes_before`, `snr_db` or `max_abs`; with a minus in descending order")),
    responses((status = 200, body = Page<WeightRow>, headers(("etag" = String))), (status = 304), Reading))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    At(id): At<RevisionId>,
    mut params: Params,
    headers: HeaderMap,
) -> Answer {
    let filter = Filter {
        search: params.take("search")?,
        function: params.take("function")?,
        fate: params.take("state")?,
        sort: params.take("sort")?,
    };
    let page = params.take_page()?;
    params.finish()?;
    let rows = weights::list(&app, &caller, id, &filter, page).await?;
    answer::immutable(&headers, &rows)
}

/// One weight: what it is, how it is stored, its values counted, and the same of what it was in the parent.
#[utoipa::path(get, path = "/revisions/{id}/weights/{name}", tag = "revisions", operation_id = "get_weight",
    params(("id" = RevisionId, Path), ("name" = String, Path, description = "percent-encoded"),
        ("function" = Option<String>, Query, description = "the first that has a weight of this name unless given")),
    responses((status = 200, body = WeightDetail, headers(("etag" = String))), (status = 304), Reading))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    At2(id, name): At2<RevisionId, WeightName>,
    mut params: Params,
    headers: HeaderMap,
) -> Answer {
    let function = params.take("function")?;
    params.finish()?;
    answer::immutable(
        &headers,
        &*weights::get(&app, &caller, id, name, function).await?,
    )
}
