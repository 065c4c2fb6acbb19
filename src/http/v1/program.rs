//! `/revisions/{id}/program`: the operations of a revision as a graph, a layer at a time.

use std::sync::Arc;

use api::ids::RevisionId;
use api::program::Program;
use axum::extract::State;
use axum::http::HeaderMap;

use crate::app::program::{self, Asked};
use crate::app::{App, Caller};
use crate::http::answer::{self, Answer};
use crate::http::documented::Reading;
use crate::http::extract::{At, Params};

/// A layer of the program: its layers or operations, their weights, and what flows between them.
#[utoipa::path(get, path = "/revisions/{id}/program", tag = "revisions", operation_id = "get_program",
    params(("id" = RevisionId, Path), ("function" = Option<String>, Query, description = "the default one unless given"),
        ("layer" = Option<String>, Query, description = "path of a layer; the top unless given"),
        ("search" = Option<String>, Query, description = "also find operations, weights and values by name")),
    responses((status = 200, body = Program, headers(("etag" = String))), (status = 304), Reading))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    At(id): At<RevisionId>,
    mut params: Params,
    headers: HeaderMap,
) -> Answer {
    let asked = Asked {
        function: params.take("function")?,
        layer: params.take("layer")?,
        search: params.take("search")?,
    };
    params.finish()?;
    answer::immutable(&headers, &program::get(&app, &caller, id, &asked).await?)
}
