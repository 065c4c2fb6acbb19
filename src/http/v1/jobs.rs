//! `/jobs`: submit, look, wait, cancel.

use std::sync::Arc;

use api::ids::{Fence, JobId, RevisionId};
use api::jobs::{Attempt, Job, JobKind, JobState, LogLine, NewJob};
use api::page::Page;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use crate::app::{App, Caller, jobs};
use crate::http::answer::{self, Answer};
use crate::http::documented::{Listing, Reading, Writing};
use crate::http::extract::{At, At2, JsonBytes, NoParams, Params};
use crate::http::router::BASE;
use crate::http::{submit, waiting};

/// Accepts a job.
#[utoipa::path(post, path = "/jobs", tag = "jobs", operation_id = "create_job", request_body = NewJob,
    params(("idempotency-key" = Option<String>, Header,
        description = "the same key and body give the same answer for 24 hours")),
    responses((status = 202, body = Job, headers(("location" = String), ("etag" = String))), Writing))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    body: JsonBytes,
) -> Answer {
    let (new, key) = submit::order(&body.parts, &body.bytes)?;
    let jobs::Accepted { job, room } = jobs::create(&app, &caller, new, key).await?;
    let place = format!("{BASE}/jobs/{}", job.id);
    let mut response = answer::located(StatusCode::ACCEPTED, &place, &job)?;
    room.map(|room| response.extensions_mut().insert(room));
    Ok(response)
}

/// Lists jobs, newest first.
#[utoipa::path(get, path = "/jobs", tag = "jobs", operation_id = "list_jobs",
    params(Listing, ("state" = Option<JobState>, Query), ("kind" = Option<JobKind>, Query),
        ("model" = Option<String>, Query, description = "id or name"), ("revision" = Option<RevisionId>, Query)),
    responses((status = 200, body = Page<Job>), Reading))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    mut params: Params,
) -> Answer {
    let filter = jobs::Filter {
        state: params.take("state")?,
        kind: params.take("kind")?,
        model: params.take("model")?,
        revision: params.take("revision")?,
    };
    let page = params.take_page()?;
    params.finish()?;
    answer::plain(&jobs::list(&app, &caller, filter, page).await?)
}

/// One job; with `wait`, when its state changes or the seconds are over.
#[utoipa::path(get, path = "/jobs/{id}", tag = "jobs", operation_id = "get_job",
    params(("id" = JobId, Path), ("wait" = Option<u32>, Query, maximum = 60, description = "seconds, at most 60"),
        ("prefer" = Option<String>, Header, description = "`wait=30` is the same (RFC 7240)")),
    responses((status = 200, body = Job, headers(("etag" = String))), (status = 304), Reading))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    At(id): At<JobId>,
    params: Params,
    headers: HeaderMap,
) -> Answer {
    let wait = waiting::asked(params, &headers)?;
    answer::one(&headers, &jobs::get(&app, &caller, id, wait).await?)
}

/// Asks a job to stop; one that is final stays as it is.
#[utoipa::path(post, path = "/jobs/{id}/cancel", tag = "jobs", operation_id = "cancel_job", params(("id" = JobId, Path)),
    responses((status = 200, body = Job, headers(("etag" = String))), Writing))]
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At(id): At<JobId>,
) -> Answer {
    answer::changed(&jobs::cancel(&app, &caller, id).await?)
}

/// Lists the executions of a job, first to last.
#[utoipa::path(get, path = "/jobs/{id}/attempts", tag = "jobs", operation_id = "list_attempts",
    params(("id" = JobId, Path), Listing), responses((status = 200, body = Page<Attempt>), Reading))]
pub(crate) async fn attempts(
    State(app): State<Arc<App>>,
    caller: Caller,
    At(id): At<JobId>,
    mut params: Params,
) -> Answer {
    let page = params.take_page()?;
    params.finish()?;
    answer::plain(&jobs::attempts(&app, &caller, id, page).await?)
}

/// What the worker noted during one execution, in order.
#[utoipa::path(get, path = "/jobs/{id}/attempts/{fence}/log", tag = "jobs", operation_id = "get_attempt_log",
    params(("id" = JobId, Path), ("fence" = Fence, Path)), responses((status = 200, body = Page<LogLine>), Reading))]
pub(crate) async fn log(
    State(app): State<Arc<App>>,
    caller: Caller,
    At2(id, fence): At2<JobId, Fence>,
    params: Params,
) -> Answer {
    params.finish()?;
    answer::plain(&jobs::log(&app, &caller, id, fence).await?)
}
