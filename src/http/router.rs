//! Every route on one page. The OpenAPI document is made from the same lines.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, InfoBuilder, OpenApi, OpenApiBuilder};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::problem::Failure;
use super::v1::{
    aliases, comparisons, events, inspections, jobs, measurements, models, packages, program,
    projects, revisions, tokens, uploads, weights,
};
use super::{dashboard, health, linger, meter, observe, tus};
use crate::app::{self, App};
use crate::telemetry;

/// Where version 1 begins.
pub const BASE: &str = "/api/v1";

/// Longest answer of a call that neither takes nor gives a package; above the longest `?wait=`.
const ANSWER_WITHIN: Duration = Duration::from_secs(75);

/// What handlers may ask for.
#[derive(Debug, Clone, FromRef)]
pub(crate) struct Site {
    app: Arc<App>,
    described: Described,
}

/// The OpenAPI document as it is served.
#[derive(Debug, Clone)]
pub(crate) struct Described(pub(crate) Bytes);

/// The whole API, ready to be served.
pub fn router(app: Arc<App>) -> Router {
    let (router, document) = routes().split_for_parts();
    let document = serde_json::to_vec(&document).unwrap_or_default();
    wrapped(app, router, Described(document.into()))
}

/// The calls for machines that look after a process of workers.
pub(super) fn probes(app: Arc<App>) -> Router {
    let (router, _) = watched().split_for_parts();
    wrapped(app, router, Described(Bytes::new()))
}

/// With what happens around every request.
fn wrapped(app: Arc<App>, router: Router<Site>, described: Described) -> Router {
    // What is counted before somebody looks for the first time counts as well.
    telemetry::metrics();
    let site = Site {
        app: Arc::clone(&app),
        described,
    };
    router
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            linger::around,
        ))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            meter::around,
        ))
        .layer(middleware::from_fn_with_state(app, observe::around))
        .with_state(site)
}

/// The OpenAPI document.
pub fn document() -> OpenApi {
    routes().split_for_parts().1
}

fn routes() -> OpenApiRouter<Site> {
    watched()
        .nest(BASE, v1())
        .merge(pages())
        .layer(DefaultBodyLimit::disable())
}

fn watched() -> OpenApiRouter<Site> {
    OpenApiRouter::with_openapi(described())
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
}

/// Calls with small bodies under a time limit; those that carry packages have limits of their own.
fn v1() -> OpenApiRouter<Site> {
    OpenApiRouter::new()
        .routes(routes!(health::openapi))
        .routes(routes!(models::create, models::list))
        .routes(routes!(models::get, models::update, models::delete))
        .routes(routes!(aliases::list))
        .routes(routes!(aliases::set, aliases::get, aliases::delete))
        .routes(routes!(
            revisions::get,
            revisions::update,
            revisions::delete
        ))
        .routes(routes!(inspections::get))
        .routes(routes!(comparisons::get))
        .routes(routes!(weights::list))
        .routes(routes!(weights::get))
        .routes(routes!(program::get))
        .routes(routes!(jobs::create, jobs::list))
        .routes(routes!(jobs::get))
        .routes(routes!(jobs::cancel))
        .routes(routes!(jobs::attempts))
        .routes(routes!(jobs::log))
        .routes(routes!(events::follow))
        .routes(routes!(measurements::list))
        .routes(routes!(projects::create, projects::list))
        .routes(routes!(projects::get, projects::update))
        .routes(routes!(tokens::create, tokens::list))
        .routes(routes!(tokens::get, tokens::revoke))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            ANSWER_WITHIN,
        ))
        .routes(routes!(revisions::create, revisions::list))
        .routes(routes!(packages::get))
        .merge(resumable())
}

/// Resumable uploads, whose answers all carry the headers of tus.
fn resumable() -> OpenApiRouter<Site> {
    OpenApiRouter::new()
        .routes(routes!(uploads::options, uploads::create, uploads::list))
        .routes(routes!(
            uploads::get,
            uploads::head,
            uploads::append,
            uploads::delete
        ))
        .layer(middleware::from_fn(tus::around))
}

/// The dashboard: the paths of the API without its base; a view is a query.
fn pages() -> OpenApiRouter<Site> {
    use dashboard::{
        assets, comparison, compress, job, jobs, model, models, program as program_page, recipes,
        revision, revision_edit, service, sign_in, tokens, upload, weight,
    };
    OpenApiRouter::new()
        .route("/", get(models::home))
        .route("/sign-in", get(sign_in::page).post(sign_in::submit))
        .route("/sign-in/once", get(sign_in::once))
        .route("/sign-out", post(sign_in::leave))
        .route("/theme", post(sign_in::theme))
        .route("/models", get(models::list))
        .route("/models/{model}", get(model::page))
        .route("/models/{model}/compare", get(model::compare))
        .route("/models/{model}/aliases", post(model::set_alias))
        .route(
            "/models/{model}/aliases/{alias}/remove",
            post(model::remove_alias),
        )
        .route("/models/{model}/upload", get(upload::page_for))
        .route(
            "/revisions/{id}/compress",
            get(compress::page).post(compress::submit),
        )
        .route("/jobs", get(jobs::list))
        .route("/jobs/{id}", get(job::page))
        .route("/jobs/{id}/cancel", post(job::cancel))
        .route("/recipes", get(recipes::list))
        .route("/recipes/{name}", get(recipes::page))
        .route("/tokens", get(tokens::list).post(tokens::create))
        .route("/tokens/{id}/revoke", post(tokens::revoke))
        .route("/service", get(service::page))
        .route(
            "/revisions/{id}",
            get(revision::page).post(revision_edit::save),
        )
        .route("/revisions/{id}/aliases", post(revision_edit::point))
        .route(
            "/revisions/{id}/aliases/remove",
            post(revision_edit::unpoint),
        )
        .route("/revisions/{id}/weights/{name}", get(weight::page))
        .route("/revisions/{id}/program", get(program_page::page))
        .route("/revisions/{id}/comparison", get(revision_edit::compare))
        .route("/revisions/{a}/comparison/{b}", get(comparison::page))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            ANSWER_WITHIN,
        ))
        .route("/upload", get(upload::page).post(upload::submit))
        .route("/assets/{name}", get(assets::get))
}

fn described() -> OpenApi {
    let info = InfoBuilder::new()
        .title("coreanvil")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Makes Core ML models small, fast and still right. Errors are RFC 9457 problem documents."))
        .build();
    let mut components = Components::new();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.add_security_scheme("token", bearer);
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .security(Some([SecurityRequirement::new(
            "token",
            Vec::<String>::new(),
        )]))
        .build()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the form that tower-http wants"
)]
fn panicked(payload: Box<dyn Any + Send + 'static>) -> Response {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned());
    Failure::from(app::Error::internal("answering a request (a panic)", text)).into_response()
}
