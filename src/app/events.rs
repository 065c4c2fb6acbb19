//! A job's events: as a list, and as they happen.
//!
//! Numbers come from the job's row in the transaction that writes the event, so that "after 7" misses none and repeats
//! none, whoever wrote them and whichever process answers. It does not know how events travel.

use std::sync::Arc;

use api::ids::JobId;
use api::jobs::JobEvent;
use api::page::{Cursor, Page, PageRequest};
use futures::Stream;

use super::access::Caller;
use super::allowance::Ticket;
use super::error::{Chain, Error, Result};
use super::service::App;
use crate::store::{EventStanding, Reach};

/// Events fetched at once.
const BATCH: u32 = 100;
/// How often a silent stream says that it lives: proxies cut what is silent for a minute.
const COMMENT_MS: u64 = 15_000;
/// A stream ends after so long and the client comes back: by then its token may be worthless.
const STREAM_MS: u64 = 900_000;

/// What a stream of events says.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// Something happened.
    Event(JobEvent),
    /// Nothing did, for a while.
    Nothing,
}

/// Events of a job after number `after` of the page's cursor, first to last.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(
    app: &App,
    caller: &Caller,
    id: JobId,
    after: u64,
    page: PageRequest,
) -> Result<Page<JobEvent>> {
    stand(app, caller.reach, id).await?;
    let after = match page.after {
        Some(cursor) => cursor
            .as_number()
            .ok_or_else(|| Error::bad_field("cursor", "is not one of this list"))?,
        None => after,
    };
    let items = app.store.job_events(id, after, page.limit + 1).await?;
    Ok(Page::cut(items, page.limit, |last| {
        Cursor::number(last.seq).to_string()
    }))
}

/// What happens to a job after number `after`, from now on; `None` when it is finished and nothing more will come.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::RateLimited`] and [`Error::Unavailable`] when too many streams are open.
pub async fn follow(
    app: &Arc<App>,
    caller: &Caller,
    id: JobId,
    after: u64,
) -> Result<Option<impl Stream<Item = Said> + Send + use<>>> {
    let standing = stand(app, caller.reach, id).await?;
    if after > standing.newest {
        return Err(Error::bad_request(format!(
            "the job has {} events; {after} is not one of them",
            standing.newest
        )));
    }
    if standing.state.is_final() && after == standing.newest {
        return Ok(None);
    }
    let ticket = app.allowance.stream(caller.token_id)?;
    Ok(Some(stream(Arc::clone(app), id, after, ticket)))
}

fn stream(
    app: Arc<App>,
    id: JobId,
    mut seen: u64,
    ticket: Ticket,
) -> impl Stream<Item = Said> + Send {
    async_stream::stream! {
        let _ticket = ticket;
        let mut follower = app.queue.follow(id);
        let end = app.clock.sleep(STREAM_MS);
        tokio::pin!(end);
        loop {
            // The standing goes first: what it counts is there when the events are read.
            let Some((standing, events)) = look(&app, id, seen).await else { return };
            let none = events.is_empty();
            for event in events {
                seen = event.seq;
                yield Said::Event(event);
            }
            if seen < standing.newest && !none {
                continue;
            }
            if standing.state.is_final() {
                return;
            }
            let comment = app.clock.sleep(COMMENT_MS);
            tokio::pin!(comment);
            loop {
                tokio::select! {
                    biased;
                    () = app.stopping.cancelled() => return,
                    () = &mut end => return,
                    () = &mut comment => { yield Said::Nothing; break; }
                    () = follower.changed() => {
                        match app.store.event_standing(Reach::All, id).await {
                            Ok(standing) if standing.newest <= seen && !standing.state.is_final() => {}
                            Ok(_) | Err(_) => break,
                        }
                    }
                }
            }
        }
    }
}

/// Where the job stands, and the next events. A database that is away ends the stream: the client comes back with the
/// number that it has.
async fn look(app: &App, id: JobId, seen: u64) -> Option<(EventStanding, Vec<JobEvent>)> {
    let looked = async {
        let standing = app.store.event_standing(Reach::All, id).await?;
        let events = app.store.job_events(id, seen, BATCH).await?;
        Ok::<_, crate::store::Error>((standing, events))
    };
    let looked = looked.await.inspect_err(|error| {
        tracing::warn!(job_id = %id, error = %Chain(error), "a stream of events ends");
    });
    looked.ok()
}

async fn stand(app: &App, reach: Reach, id: JobId) -> Result<EventStanding> {
    app.store
        .event_standing(reach, id)
        .await
        .map_err(|error| Error::about(error, &id.to_string()))
}
