//! Jobs: accepting, finding, waiting, cancelling. What runs them is the worker.

use std::time::Duration;

use api::digest::Digest;
use api::ids::{Fence, JobId, RevisionId};
use api::jobs::{
    Attempt, Follower, FollowerState, Job, JobKind, JobState, LogLine, NewFollower, NewJob,
    RecipeRequest,
};
use api::page::{Cursor, Page, PageRequest};
use api::tokens::Scope;
use engine::Recipe;
use tracing::Instrument as _;

use super::access::Caller;
use super::error::{Error, Result};
use super::models::{self, ModelRef};
use super::service::App;
pub use crate::store::Room;
use crate::store::{IdempotencyKey, JobFilter, NewJobRecord};
use crate::telemetry;

/// How far a priority may be from 0.
const PRIORITY_MAX: i32 = 100;
/// How many jobs may run one after the other on each other's results, the first not counted.
const CHAIN_DEPTH: usize = 4;
/// How many jobs may follow one job in all.
const CHAIN_JOBS: usize = 16;

/// An `Idempotency-Key`, bound to what it was sent with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub key: String,
    /// Method and path.
    pub route: String,
    /// SHA-256 of the body.
    pub body_sha256: [u8; 32],
}

/// Which jobs a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<JobState>,
    /// Of this kind.
    pub kind: Option<JobKind>,
    /// On a revision of this model.
    pub model: Option<ModelRef>,
    /// On this revision.
    pub revision: Option<RevisionId>,
}

/// A job that was accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// The job.
    pub job: Job,
    /// How its project stands with it, where that is limited and was looked at.
    pub room: Option<Room>,
}

/// Accepts a job, at most once with a key.
///
/// # Errors
/// [`Error::BadRequest`], [`Error::BadRecipe`], [`Error::Unsupported`], [`Error::NotFound`] for the revision,
/// [`Error::IdempotencyKeyReused`], [`Error::IdempotencyInFlight`], [`Error::NoRoom`].
pub async fn create(app: &App, caller: &Caller, new: NewJob, key: Option<Key>) -> Result<Accepted> {
    caller.need(Scope::Writer)?;
    let mut record = record(app, &new)?;
    let span = tracing::info_span!("job", job_id = %record.id, kind = record.kind.as_str(), otel.kind = "producer");
    record.traceparent = span.in_scope(telemetry::traceparent);
    let key = key.map(|key| IdempotencyKey {
        principal: caller.token_id.to_string(),
        route: key.route,
        key: key.key,
        body_sha256: Digest(key.body_sha256),
    });
    let submitting = app.queue.submit(caller.reach, &record, key.as_ref());
    let submitted = submitting.instrument(span).await;
    let submitted =
        submitted.map_err(|error| Error::about_job(error, &new.revision.to_string()))?;
    Ok(Accepted {
        job: submitted.job,
        room: submitted.room,
    })
}

/// What is asked for, understood and in bounds, with all that follows.
fn record(app: &App, new: &NewJob) -> Result<NewJobRecord> {
    let NewJob {
        kind,
        revision,
        recipe,
        spec,
        data_set,
        priority,
        then,
    } = new.clone();
    let head = NewFollower {
        kind,
        recipe,
        spec,
        data_set,
        priority,
        then,
    };
    let accepted = accept(&head, "", 0, &mut 0)?;
    Ok(NewJobRecord {
        id: JobId(app.ids.uuid()),
        kind: accepted.kind,
        revision_id: revision,
        recipe: accepted.recipe,
        spec: None,
        data_set_id: None,
        priority: accepted.priority,
        followers: accepted.then,
        follows: None,
        traceparent: None,
    })
}

/// A job of a chain, understood and in bounds. `place` is the JSON pointer to it, `depth` how many are before it, `count`
/// how many followers there were so far.
fn accept(new: &NewFollower, place: &str, depth: usize, count: &mut usize) -> Result<Follower> {
    let refuse = |field: &str, why: String| Err(Error::bad_field(format!("{place}/{field}"), why));
    match new.kind {
        JobKind::Compress => {}
        JobKind::Evaluate | JobKind::Benchmark | JobKind::Calibrate | JobKind::Search => {
            let detail = format!("jobs of kind `{}`: not supported by this version", new.kind);
            return Err(Error::Unsupported { detail }.at(format!("{place}/kind")));
        }
    }
    if new.data_set.is_some() {
        return refuse("data_set", "a compress job takes no data set".to_owned());
    }
    if new.spec.is_some() {
        return refuse("spec", "a compress job takes no spec".to_owned());
    }
    if !(-PRIORITY_MAX..=PRIORITY_MAX).contains(&new.priority) {
        let why = format!("is not between -{PRIORITY_MAX} and {PRIORITY_MAX}");
        return refuse("priority", why);
    }
    let Some(request) = &new.recipe else {
        return refuse("recipe", "a compress job needs a recipe".to_owned());
    };
    let recipe = recipe(request).map_err(|error| error.at(format!("{place}/recipe")))?;
    *count += new.then.len();
    if !new.then.is_empty() && (depth >= CHAIN_DEPTH || *count > CHAIN_JOBS) {
        let why =
            format!("at most {CHAIN_JOBS} jobs follow, at most {CHAIN_DEPTH} one after the other");
        return refuse("then", why);
    }
    let followers = new.then.iter().enumerate();
    let then = followers
        .map(|(index, next)| accept(next, &format!("{place}/then/{index}"), depth + 1, count))
        .collect::<Result<_>>()?;
    Ok(Follower {
        kind: new.kind,
        recipe: Some(engine::echo(&recipe)),
        priority: new.priority,
        state: FollowerState::Pending,
        job_id: None,
        then,
    })
}

fn recipe(request: &RecipeRequest) -> Result<Recipe> {
    let parsed = match request {
        RecipeRequest::Name(name) => Recipe::named(name),
        RecipeRequest::Config(config) => Recipe::from_json(config),
    };
    Ok(parsed.map_err(engine::Error::from)?)
}

/// Jobs in reach, newest first.
///
/// # Errors
/// [`Error::NotFound`] for a model that is out of reach.
pub async fn list(
    app: &App,
    caller: &Caller,
    filter: Filter,
    page: PageRequest,
) -> Result<Page<Job>> {
    let model_id = match &filter.model {
        Some(model) => Some(models::find(app, caller, model).await?.model.id),
        None => None,
    };
    let filter = JobFilter {
        state: filter.state,
        kind: filter.kind,
        model_id,
        revision_id: filter.revision,
    };
    app.queue
        .list(caller.reach, filter, page)
        .await
        .map_err(|error| Error::about_job(error, "jobs"))
}

/// The job; with `wait`, when its state changes or the time is over. A finished job never changes and answers at once.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(app: &App, caller: &Caller, id: JobId, wait: Option<Duration>) -> Result<Job> {
    let about = |error| Error::about_job(error, &id.to_string());
    let job = app.queue.look(caller.reach, id).await.map_err(about)?;
    let Some(wait) = wait.filter(|_| !job.state.is_final()) else {
        return Ok(job);
    };
    let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    let changed = app
        .queue
        .wait_for_change(caller.reach, id, Some(job.state), wait_ms);
    tokio::select! {
        changed = changed => changed.map_err(about),
        () = app.stopping.cancelled() => app.queue.look(caller.reach, id).await.map_err(about),
    }
}

/// Asks a job to stop: one that waits is cancelled at once, one that runs is told, a finished one stays as it is.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn cancel(app: &App, caller: &Caller, id: JobId) -> Result<Job> {
    caller.need(Scope::Writer)?;
    let cancelled = app.queue.cancel(caller.reach, id).await;
    Ok(cancelled
        .map_err(|error| Error::about_job(error, &id.to_string()))?
        .into_record()
        .job)
}

/// Executions of a job, first to last.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn attempts(
    app: &App,
    caller: &Caller,
    id: JobId,
    page: PageRequest,
) -> Result<Page<Attempt>> {
    let found = app.store.event_standing(caller.reach, id).await;
    found.map_err(|error| Error::about(error, &id.to_string()))?;
    let after = page.after.map_or(Some(0), Cursor::as_number);
    let after = after.ok_or_else(|| Error::bad_field("cursor", "is not one of this list"))?;
    let items = app.store.attempts_after(id, after, page.limit + 1).await?;
    Ok(Page::cut(items, page.limit, |last| {
        Cursor::number(last.fence.0.into()).to_string()
    }))
}

/// What the worker noted while it executed a job, in order.
///
/// # Errors
/// [`Error::NotFound`] for the job or the attempt.
pub async fn log(app: &App, caller: &Caller, id: JobId, fence: Fence) -> Result<Page<LogLine>> {
    let just_it = PageRequest {
        limit: 1,
        after: Some(Cursor::number(u64::from(fence.0).saturating_sub(1))),
    };
    let known = attempts(app, caller, id, just_it).await?;
    if !known.items.iter().any(|attempt| attempt.fence == fence) {
        return Err(Error::not_found("attempt", fence.to_string()));
    }
    Ok(Page {
        items: app.store.attempt_lines(id, fence).await?,
        next_cursor: None,
    })
}

/// How many jobs of all projects are not finished: a number that the metrics show to everybody as well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Waiting.
    pub queued: u64,
    /// Running.
    pub running: u64,
}

/// Counts the unfinished jobs.
///
/// # Errors
/// Those of the database.
pub async fn totals(app: &App) -> Result<Totals> {
    let counts = app.store.gauges(app.clock.now()).await?.jobs;
    let of = |wanted| {
        counts
            .iter()
            .filter(|row| row.1 == wanted)
            .map(|row| row.2)
            .sum()
    };
    Ok(Totals {
        queued: of(JobState::Queued),
        running: of(JobState::Running),
    })
}
