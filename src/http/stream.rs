//! Server-sent events (WHATWG HTML §9.2): how a stream of a job's events looks on the wire, and where a client goes on.
//!
//! An event's id is `JOB:SEQ`, so that a client which comes back says in `Last-Event-ID` what it has.

use std::convert::Infallible;
use std::time::Duration;

use api::ids::JobId;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse as _, Response};
use futures::{Stream, StreamExt as _};

use super::extract::{Params, text};
use super::problem::Failure;
use crate::app;
use crate::app::events::Said;

/// How long a client waits before it comes back.
const RETRY: Duration = Duration::from_secs(2);

/// Whether a list is wanted: JSON is accepted and a stream is not.
pub(crate) fn wants_list(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    let accepted: Vec<String> = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|one| {
            one.split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase()
        })
        .collect();
    let has = |name: &str| accepted.iter().any(|one| one == name);
    has("application/json") && !has("text/event-stream")
}

/// The number after which to go on: `Last-Event-ID` before `?after=`, since a client that comes back repeats its query.
pub(crate) fn after(params: &mut Params, headers: &HeaderMap, id: JobId) -> Result<u64, Failure> {
    let query = params.take::<u64>("after")?;
    let name = HeaderName::from_static("last-event-id");
    let Some(last) = text(headers, &name)?.filter(|last| !last.is_empty()) else {
        return Ok(query.unwrap_or(0));
    };
    let wrong = || app::Error::bad_request("`Last-Event-ID` is not the id of an event of this job");
    let (job, seq) = last.trim().split_once(':').ok_or_else(wrong)?;
    if job.parse() != Ok(id) {
        return Err(wrong().into());
    }
    Ok(seq.parse().map_err(|_why| wrong())?)
}

/// The stream as an answer.
pub(crate) fn answer(said: impl Stream<Item = Said> + Send + 'static) -> Response {
    let first = futures::stream::once(async { Ok(Event::default().retry(RETRY)) });
    let rest = said.map(|said| Ok::<_, Infallible>(event(&said)));
    let mut response = Sse::new(first.chain(rest)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // nginx would keep events back to fill its buffer.
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    headers.insert(
        header::VARY,
        HeaderValue::from_static("authorization, accept"),
    );
    response
}

fn event(said: &Said) -> Event {
    match said {
        Said::Nothing => Event::default().comment(""),
        Said::Event(event) => Event::default()
            .id(format!("{}:{}", event.job_id, event.seq))
            .event(&event.kind)
            .data(serde_json::to_string(event).unwrap_or_default()),
    }
}
