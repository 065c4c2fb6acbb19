//! `/jobs/{id}/events`: what happens to a job, as it happens or as a list.

use std::sync::Arc;

use api::ids::JobId;
use api::jobs::JobEvent;
use api::page::Page;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;

use crate::app::{App, Caller, events};
use crate::http::answer::{self, Answer};
use crate::http::documented::{Listing, Reading};
use crate::http::extract::{At, Params};
use crate::http::stream;

/// The events of a job: a stream of server-sent events, or a list when `Accept` is `application/json`.
///
/// The stream ends after the last event. Whoever has that one already gets 204, at which an `EventSource` stops.
#[utoipa::path(get, path = "/jobs/{id}/events", tag = "jobs", operation_id = "follow_job_events",
    params(("id" = JobId, Path), Listing,
        ("after" = Option<u64>, Query, description = "only events with higher numbers"),
        ("last-event-id" = Option<String>, Header, description = "`JOB:SEQ`, goes before `after`"),
        ("accept" = Option<String>, Header, description = "`application/json` for a list")),
    responses((status = 200, content((String = "text/event-stream"), (Page<JobEvent> = "application/json"))),
        (status = 204, description = "the job is finished and has no further events"), Reading))]
pub(crate) async fn follow(
    State(app): State<Arc<App>>,
    caller: Caller,
    At(id): At<JobId>,
    mut params: Params,
    headers: HeaderMap,
) -> Answer {
    let after = stream::after(&mut params, &headers, id)?;
    let page = params.take_page()?;
    params.finish()?;
    if stream::wants_list(&headers) {
        return answer::plain(&events::list(&app, &caller, id, after, page).await?);
    }
    let said = events::follow(&app, &caller, id, after).await?;
    Ok(said.map_or_else(|| StatusCode::NO_CONTENT.into_response(), stream::answer))
}
