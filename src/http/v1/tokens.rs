//! `/tokens`: who may call. For administrators.

use std::sync::Arc;

use api::ids::TokenId;
use api::page::Page;
use api::tokens::{CreatedToken, NewToken, Token};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use crate::app::{App, Caller, tokens};
use crate::http::answer::{self, Answer};
use crate::http::documented::{Listing, Reading, Writing};
use crate::http::extract::{At, Json, NoParams, Params};
use crate::http::router::BASE;

/// Makes a token; its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/tokens", tag = "tokens", operation_id = "create_token", request_body = NewToken,
    responses((status = 201, body = CreatedToken, headers(("location" = String))), Writing))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    Json(new): Json<NewToken>,
) -> Answer {
    let created = tokens::create(&app, &caller, new).await?;
    answer::located(
        StatusCode::CREATED,
        &format!("{BASE}/tokens/{}", created.token.id),
        &created,
    )
}

/// Lists tokens, newest first, without their secrets.
#[utoipa::path(get, path = "/tokens", tag = "tokens", operation_id = "list_tokens", params(Listing),
    responses((status = 200, body = Page<Token>), Reading))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    mut params: Params,
) -> Answer {
    let page = params.take_page()?;
    params.finish()?;
    answer::plain(&tokens::list(&app, &caller, page).await?)
}

/// One token, without its secret.
#[utoipa::path(get, path = "/tokens/{id}", tag = "tokens", operation_id = "get_token", params(("id" = TokenId, Path)),
    responses((status = 200, body = Token, headers(("etag" = String))), (status = 304), Reading))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At(id): At<TokenId>,
    headers: HeaderMap,
) -> Answer {
    answer::one(&headers, &tokens::get(&app, &caller, id).await?)
}

/// Revokes a token at once.
#[utoipa::path(delete, path = "/tokens/{id}", tag = "tokens", operation_id = "revoke_token",
    params(("id" = TokenId, Path), ("if-match" = Option<String>, Header)),
    responses((status = 204), Writing))]
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At(id): At<TokenId>,
    headers: HeaderMap,
) -> Answer {
    tokens::revoke(&app, &caller, id, &answer::guard(&headers)).await?;
    Ok(answer::gone())
}
