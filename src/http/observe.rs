//! What happens around every request: its id, its log line, its numbers, its problem document, its safe headers.
//!
//! A client may bring its own `X-Request-Id`; a strange one is replaced. Bodies, queries and tokens are never logged.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use super::{dashboard, problem};
use crate::app::App;
use crate::telemetry::{self, REQUEST_SECONDS, REQUESTS};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUEST_ID_MAX_BYTES: usize = 64;

/// Runs a request.
pub(crate) async fn around(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let id = request_id(&app, &request);
    let method = method_label(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!("request", request_id = %id, method, route, otel.kind = Empty, trace_id = Empty);
    let begun_ns = app.clock.monotonic_ns();
    let page = dashboard::wanted(&request);
    let response = traced(&span, request, next).await;
    let _entered = span.enter();
    let mut response = match page {
        Some(theme) => dashboard::error_page(response, &id, theme),
        None => problem::document(response, &id),
    };
    harden(&mut response, &id);
    let elapsed_ns = app.clock.monotonic_ns().saturating_sub(begun_ns);
    record(method, &route, response.status().as_u16(), elapsed_ns);
    response
}

/// Answers in the span, which continues the trace that the client names.
async fn traced(span: &Span, request: Request, next: Next) -> Response {
    let given = request.headers().get("traceparent");
    let given = given
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    telemetry::continue_from(span, "server", given.as_deref());
    let answering = telemetry::within(given, next.run(request));
    answering.instrument(span.clone()).await
}

/// The client's id where it is harmless, else a new one.
fn request_id(app: &App, request: &Request) -> String {
    let given = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    let harmless = |id: &&str| {
        (1..=REQUEST_ID_MAX_BYTES).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    given
        .filter(harmless)
        .map_or_else(|| app.ids.uuid().to_string(), str::to_owned)
}

/// A label from a closed set: what a client invents must not become a time series.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn harden(response: &mut Response, name: &str) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(name) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers
        .entry(header::REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("no-referrer"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(
            "default-src 'none'; frame-ancestors 'none'",
        ));
    // What a token may see must not be kept by a cache between us and the client.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("private, no-cache"));
    headers
        .entry(header::VARY)
        .or_insert(HeaderValue::from_static("authorization"));
}

#[expect(clippy::cast_precision_loss, reason = "a duration for a histogram")]
fn record(method: &'static str, route: &str, status: u16, elapsed_ns: u64) {
    metrics::counter!(REQUESTS, "method" => method, "route" => route.to_owned(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!(REQUEST_SECONDS, "method" => method, "route" => route.to_owned())
        .record(elapsed_ns as f64 / 1e9);
    let elapsed_ms = elapsed_ns / 1_000_000;
    tracing::info!(status, elapsed_ms, "answered");
}
