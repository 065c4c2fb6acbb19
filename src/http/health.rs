//! The calls for machines that look after the service: alive, ready, counted, described. None needs a token.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};

use super::answer::Answer;
use super::router::Described;
use crate::app::{self, App};
use crate::telemetry;

/// The process runs. It says nothing about what it depends on.
#[utoipa::path(get, path = "/healthz", tag = "operations", operation_id = "get_health", security(()),
    responses((status = 200, content_type = "text/plain", body = String)))]
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// The service can answer: the database and the object store do, and it is not shutting down.
#[utoipa::path(get, path = "/readyz", tag = "operations", operation_id = "get_readiness", security(()),
    responses((status = 200, content_type = "text/plain", body = String),
        (status = 503, content_type = "application/problem+json", body = api::problem::Problem)))]
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Answer {
    app::readiness::check(&app).await?;
    Ok("ready\n".into_response())
}

/// Counters and gauges in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", tag = "operations", operation_id = "get_metrics", security(()),
    responses((status = 200, content_type = "text/plain", body = String)))]
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Response {
    app::gauges::refresh(&app).await;
    let content_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    (
        [(header::CONTENT_TYPE, content_type)],
        telemetry::metrics().render(),
    )
        .into_response()
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "operations", operation_id = "get_openapi", security(()),
    responses((status = 200, content_type = "application/json", body = Object)))]
pub(crate) async fn openapi(State(Described(document)): State<Described>) -> Response {
    (
        [(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        )],
        document,
    )
        .into_response()
}
