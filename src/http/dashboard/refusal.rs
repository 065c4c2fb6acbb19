//! Error pages: what a problem document says, for people, and what to do next.

use api::problem::{Code, Problem};
use askama::Template;
use axum::extract::Request;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::frame::{Frame, Theme};
use super::show::{self, Rendered};
use super::visitor;
use crate::http::problem;
use crate::http::router::BASE;

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage {
    frame: Frame,
    problem: Problem,
    /// What the problem says, as a sentence begins.
    detail: String,
    advice: &'static str,
    retry: bool,
}

/// Whether a request would rather have a page than a problem document, and in which theme.
pub(crate) fn wanted(request: &Request) -> Option<Theme> {
    let accepts = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let is_api = request.uri().path().starts_with(BASE);
    (accepts && !is_api).then(|| visitor::theme(request.headers()))
}

/// Gives an error response its page; leaves every other response as it is.
pub(crate) fn error_page(response: Response, request: &str, theme: Theme) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || response.extensions().get::<Rendered>().is_some() {
        return response;
    }
    let problem = problem::describe(&response, request);
    let template = RefusalPage {
        frame: Frame::bare(theme, problem.title.clone()),
        advice: advice(problem.code),
        detail: sentence(&problem.detail),
        retry: matches!(problem.code, Code::Unavailable | Code::RateLimited),
        problem,
    };
    let mut page = show::page_with(status, &template).unwrap_or_else(IntoResponse::into_response);
    if let Some(after) = response.headers().get(header::RETRY_AFTER) {
        page.headers_mut()
            .insert(header::RETRY_AFTER, after.clone());
    }
    page
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// What to do next.
fn advice(code: Code) -> &'static str {
    match code {
        Code::NotFound => {
            "It may have been deleted, or your token does not reach it. The list of models shows what you can see."
        }
        Code::Forbidden => {
            "Sign in with a token of a higher scope, or ask whoever runs this service for one."
        }
        Code::Unauthenticated => "Sign in again.",
        Code::Unavailable | Code::RateLimited => {
            "Nothing was lost. Try again in a moment; jobs go on by themselves."
        }
        Code::Internal | Code::Expired | Code::Poison => {
            "This is our fault. Nothing that was accepted is lost; tell whoever runs this service the request id below."
        }
        Code::InUse => "Move the alias or wait for the job, then repeat.",
        Code::NameTaken => "Choose another name.",
        Code::MethodNotAllowed => "Open the page by its link.",
        Code::BadPackage | Code::DigestMismatch | Code::UnsupportedMediaType => {
            "Nothing was stored. Export the package again and upload the new file."
        }
        Code::BadRequest
        | Code::Unsupported
        | Code::BadRecipe
        | Code::StaleLease
        | Code::WrongOffset
        | Code::Locked
        | Code::ChecksumMismatch
        | Code::PreconditionFailed
        | Code::TooLarge
        | Code::IdempotencyKeyReused
        | Code::IdempotencyInFlight => "Nothing was changed. Go back, correct it and repeat.",
    }
}
