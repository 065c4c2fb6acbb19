//! A job: is it moving and how far, what it waits for, what went wrong before, what came out.

use std::sync::Arc;

use api::ids::JobId;
use api::jobs::{
    Attempt, AttemptState, Fault, Follower, FollowerState, Job, JobError, JobResult, JobState,
    LogLevel, LogLine, Phase,
};
use api::problem::Code;
use api::report::Report;
use api::time::Time;
use askama::Template;
use axum::extract::State;

use super::frame::{Frame, Section};
use super::jobs::{reason, recipe_name};
use super::marks::{Ago, Bytes, Decibels, Mark, Smaller, Took, float, short_id};
use super::model::Sentence;
use super::scatter::{Tick, step, ticks};
use super::show;
use super::visitor::{Posted, Visitor};
use super::weight_table::weight_path;
use crate::app::App;
use crate::app::jobs;
use crate::http::answer::Answer;
use crate::http::extract::{At, NoParams};

/// Attempts whose log is shown.
const LOGS: usize = 5;
/// Weights that are shown of a report.
const WORST: usize = 12;

#[derive(Template)]
#[template(path = "job.html")]
struct JobPage {
    frame: Frame,
    job: Job,
    title: String,
    answer: Sentence,
    mark: Mark,
    accepted: Ago,
    steps: Vec<(Mark, Option<Took>)>,
    percent: String,
    timeline: Vec<Span>,
    clock: Clock,
    attempts: Vec<Row>,
    log: Vec<Line>,
    trouble: Option<Trouble>,
    result: Option<Outcome>,
    followers: Vec<Next>,
    live: bool,
}

/// An attempt on the common clock.
#[derive(Debug)]
struct Span {
    name: String,
    x: String,
    width: String,
    y: u32,
    text_y: u32,
    class: &'static str,
    words: String,
}

/// The axis below the attempts.
#[derive(Debug)]
struct Clock {
    unit: &'static str,
    ticks: Vec<Tick>,
}

/// An attempt in the table.
#[derive(Debug)]
struct Row {
    fence: u32,
    mark: Mark,
    worker: String,
    ran: Took,
    why: String,
}

/// A line of the log.
#[derive(Debug)]
struct Line {
    at: String,
    attempt: u32,
    class: &'static str,
    text: String,
}

/// Why it failed, and what to do.
#[derive(Debug)]
struct Trouble {
    error: JobError,
    advice: &'static str,
}

/// What came out.
#[derive(Debug)]
struct Outcome {
    revision: String,
    comparison: String,
    before: Bytes,
    after: Bytes,
    smaller: Smaller,
    weights: String,
    worst: Vec<Weight>,
    warnings: Vec<String>,
    target: String,
    needs: String,
}

/// A weight of the report.
#[derive(Debug)]
struct Weight {
    name: String,
    href: String,
    change: String,
    before: Bytes,
    after: Bytes,
    snr: Decibels,
}

/// A job that follows.
#[derive(Debug)]
struct Next {
    words: String,
    state: &'static str,
    href: Option<String>,
}

/// `GET /jobs/{id}`.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    _: NoParams,
    At(id): At<JobId>,
) -> Answer {
    let job = jobs::get(&app, visitor.caller(), id, None).await?;
    let most = api::page::PageRequest {
        limit: api::page::LIMIT_MAX,
        after: None,
    };
    let attempts = jobs::attempts(&app, visitor.caller(), id, most)
        .await?
        .items;
    let log = lines(&app, &visitor, &job, &attempts).await?;
    show::page(&compose(&visitor, job, &attempts, log, app.clock.now()))
}

/// `POST /jobs/{id}/cancel`.
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    At(id): At<JobId>,
    posted: Posted,
) -> Answer {
    jobs::cancel(&app, posted.visitor.caller(), id).await?;
    show::redirect(&format!("/jobs/{id}"))
}

fn compose(
    visitor: &Visitor,
    job: Job,
    attempts: &[Attempt],
    log: Vec<Line>,
    now: Time,
) -> JobPage {
    let title = format!("Compress {} with {}", job.model, recipe_name(&job));
    JobPage {
        frame: Frame::new(visitor, Section::Jobs, format!("{title} · {}", job.state))
            .crumb("Jobs", Some("/jobs".to_owned()))
            .crumb(short_id(&job.id.to_string()), None),
        answer: answer(&job),
        mark: Mark::job(job.state),
        accepted: Ago {
            at: job.created_at,
            now,
        },
        steps: steps(&job),
        percent: format!("{:.0}", job.progress * 100.0),
        clock: clock(&job, now),
        timeline: timeline(&job, attempts, now),
        attempts: attempts
            .iter()
            .rev()
            .map(|attempt| row(attempt, now))
            .collect(),
        log,
        trouble: job.error.clone().map(|error| Trouble {
            advice: advice(&error),
            error,
        }),
        result: outcome(&job),
        followers: job.then.iter().map(next).collect(),
        live: !job.state.is_final(),
        title,
        job,
    }
}

/// The sentence at the top.
pub(super) fn answer(job: &Job) -> Sentence {
    let sentence = |lead: &str, rest: String| Sentence {
        lead: lead.to_owned(),
        rest,
    };
    match job.state {
        JobState::Queued => {
            let why = job
                .waiting
                .map_or("it waits for its turn", |waiting| reason(waiting.reason));
            let place = job.waiting.and_then(|waiting| waiting.position);
            let place = place.map_or_else(String::new, |place| {
                format!(" It is number {place} in the queue.")
            });
            sentence("Not started:", format!(" {why}.{place}"))
        }
        JobState::Running if job.cancel_requested => sentence(
            "Stopping",
            ": the worker ends it within moments.".to_owned(),
        ),
        JobState::Running => {
            let again = if job.attempts > 1 {
                format!(", in attempt {}", job.attempts)
            } else {
                String::new()
            };
            let percent = job.progress * 100.0;
            sentence("Running", format!(": {percent:.0}\u{202f}% done{again}."))
        }
        JobState::Succeeded => match &job.result {
            Some(JobResult::Compress(result)) => {
                let smaller = Smaller {
                    before: result.size_bytes_before,
                    after: result.size_bytes_after,
                };
                let (before, after) = (Bytes(smaller.before).words(), Bytes(smaller.after).words());
                let rest = format!(" than the revision it was made from: {before} became {after}.");
                let rest = if smaller.before == smaller.after {
                    ": nothing in it could be stored in fewer bytes with this recipe.".to_owned()
                } else {
                    rest
                };
                sentence(&smaller.to_string(), rest)
            }
            None => sentence("Done", ".".to_owned()),
        },
        JobState::Failed => {
            let message = job
                .error
                .as_ref()
                .map_or_else(String::new, |error| error.message.clone());
            sentence("Failed:", format!(" {message}."))
        }
        JobState::Cancelled => sentence("Cancelled", ": nothing was stored.".to_owned()),
    }
}

/// What to do about an error.
pub(super) fn advice(error: &JobError) -> &'static str {
    match (error.fault, error.code) {
        (_, Code::BadPackage) => "Export the package again and upload the new file.",
        (_, Code::Unsupported) => {
            "Choose another recipe, or export the model for the system that the message names."
        }
        (_, Code::BadRecipe) => {
            "Correct the recipe at the place that the message names, and submit it again."
        }
        (_, Code::Expired) => {
            "It took longer than the service allows. Submit it again when there is less to do, or raise the limit."
        }
        (_, Code::Poison) => {
            "Several workers died on it. Look at their logs and at their memory before you submit it again."
        }
        (Fault::User, _) => {
            "Correct what the message names and submit it again; a repetition alone does not help."
        }
        (Fault::Device | Fault::Service, _) => {
            "This is not your fault and was tried several times. Submit it again, or tell whoever runs this service."
        }
    }
}

/// The phases, with what is done, on the way and to come.
fn steps(job: &Job) -> Vec<(Mark, Option<Took>)> {
    let order = [
        Phase::Loading,
        Phase::Compressing,
        Phase::Writing,
        Phase::Storing,
    ];
    let now = job
        .phase
        .and_then(|phase| order.iter().position(|one| *one == phase));
    let step = |(index, phase): (usize, &Phase)| {
        let word = phase.as_str();
        let mark = match (job.state, now) {
            (JobState::Succeeded, _) => Mark::new("succeeded", "ok", word),
            (JobState::Running, Some(now)) if index < now => Mark::new("succeeded", "ok", word),
            (JobState::Running, Some(now)) if index == now => Mark::new("running", "run", word),
            (JobState::Queued | JobState::Running | JobState::Failed | JobState::Cancelled, _) => {
                Mark::new("queued", "wait", word)
            }
        };
        (mark, None)
    };
    order.iter().enumerate().map(step).collect()
}

fn clock(job: &Job, now: Time) -> Clock {
    let whole_ms = Took::between(job.created_at, job.finished_at.unwrap_or(now)).0;
    let (unit, ms) = match whole_ms {
        0..2_000 => ("ms", 1.0),
        2_000..300_000 => ("seconds", 1e3),
        300_000..18_000_000 => ("minutes", 6e4),
        _ => ("hours", 3.6e6),
    };
    let end = float(whole_ms.max(1)) / ms;
    Clock {
        unit,
        ticks: ticks(step(end), end, |value| value / end * 100.0),
    }
}

fn timeline(job: &Job, attempts: &[Attempt], now: Time) -> Vec<Span> {
    let end = job.finished_at.unwrap_or(now);
    let whole = float(Took::between(job.created_at, end).0.max(1));
    let share = |from: Time, to: Time| float(Took::between(from, to).0) / whole * 100.0;
    let first = attempts.first().map_or(end, |attempt| attempt.started_at);
    let wait = (
        "queue".to_owned(),
        job.created_at,
        first,
        "ph wait",
        "waited".to_owned(),
    );
    let ran = attempts.iter().map(|attempt| {
        let (class, word) = match attempt.state {
            AttemptState::Leased => ("ph on", "running"),
            AttemptState::Lost => ("ph lost", "lost: silent until its lease ran out"),
            AttemptState::Succeeded => ("ph", "succeeded"),
            AttemptState::Failed => ("ph", "failed"),
            AttemptState::Cancelled => ("ph", "cancelled"),
        };
        let until = attempt.ended_at.unwrap_or(now);
        (
            format!("attempt {}", attempt.fence),
            attempt.started_at,
            until,
            class,
            word.to_owned(),
        )
    });
    std::iter::once(wait)
        .chain(ran)
        .take(12)
        .zip(0_u32..)
        .map(|((name, from, to, class, word), index)| Span {
            name,
            x: format!("{:.2}", share(job.created_at, from).min(99.0)),
            width: format!("{:.2}", share(from, to).max(0.6)),
            y: index * 28 + 4,
            text_y: index * 28 + 18,
            class,
            words: format!("{word} {}", Took::between(from, to).words()),
        })
        .collect()
}

fn row(attempt: &Attempt, now: Time) -> Row {
    let why = match attempt.state {
        AttemptState::Leased => format!(
            "lease until {}",
            attempt.lease_expires_at.utc().format("%H:%M:%S")
        ),
        AttemptState::Lost => "the worker fell silent and its lease ran out".to_owned(),
        AttemptState::Succeeded => "done".to_owned(),
        AttemptState::Cancelled => "cancelled".to_owned(),
        AttemptState::Failed => attempt
            .error
            .as_ref()
            .map_or_else(String::new, |error| error.message.clone()),
    };
    Row {
        fence: attempt.fence.0,
        mark: Mark::attempt(attempt.state),
        worker: short_id(&attempt.worker_id.to_string()),
        ran: Took::between(attempt.started_at, attempt.ended_at.unwrap_or(now)),
        why,
    }
}

async fn lines(
    app: &App,
    visitor: &Visitor,
    job: &Job,
    attempts: &[Attempt],
) -> Result<Vec<Line>, crate::app::Error> {
    let mut all = Vec::new();
    for attempt in attempts.iter().rev().take(LOGS).rev() {
        let log = jobs::log(app, visitor.caller(), job.id, attempt.fence).await?;
        all.extend(
            log.items
                .iter()
                .map(|line| self::line(line, attempt.fence.0, job)),
        );
    }
    Ok(all)
}

fn line(line: &LogLine, attempt: u32, job: &Job) -> Line {
    let at = float(Took::between(job.created_at, line.at).0) / 1000.0;
    Line {
        at: format!("+{at:.3}"),
        attempt,
        class: match line.level {
            LogLevel::Info => "",
            LogLevel::Warn => "warned",
            LogLevel::Error => "failed",
        },
        text: line.message.clone(),
    }
}

fn outcome(job: &Job) -> Option<Outcome> {
    let JobResult::Compress(result) = job.result.as_ref()?;
    let report = result.report.as_ref();
    let needs = report.map(|report| &report.deployment_target);
    Some(Outcome {
        revision: format!("/revisions/{}", result.revision_id),
        comparison: format!(
            "/revisions/{}/comparison/{}",
            job.revision_id, result.revision_id
        ),
        before: Bytes(result.size_bytes_before),
        after: Bytes(result.size_bytes_after),
        smaller: Smaller {
            before: result.size_bytes_before,
            after: result.size_bytes_after,
        },
        weights: format!("compressed; {} left as they were", result.weights.left),
        worst: report
            .map(|report| worst(report, &result.revision_id.to_string()))
            .unwrap_or_default(),
        warnings: report
            .map(|report| report.warnings.clone())
            .unwrap_or_default(),
        target: needs.map_or_else(String::new, |target| target.after.clone()),
        needs: needs.map_or_else(String::new, |target| {
            if target.before == target.after {
                "as before".to_owned()
            } else {
                format!("and later; before: {}", target.before)
            }
        }),
    })
}

/// The weights that lost most.
fn worst(report: &Report, made: &str) -> Vec<Weight> {
    let mut rows: Vec<_> = report
        .rows
        .iter()
        .filter(|row| row.old != row.new)
        .collect();
    let noise = |db: Option<f64>| db.unwrap_or(f64::INFINITY);
    rows.sort_by(|a, b| noise(a.snr_db).total_cmp(&noise(b.snr_db)));
    let weight = |row: &api::report::ReportRow| Weight {
        href: weight_path(made, &row.function, &row.name),
        name: row.name.clone(),
        change: format!("{} → {}", row.old, row.new),
        before: Bytes(row.bytes_before),
        after: Bytes(row.bytes_after),
        snr: Decibels(row.snr_db),
    };
    rows.into_iter().take(WORST).map(weight).collect()
}

fn next(follower: &Follower) -> Next {
    let recipe = follower
        .recipe
        .as_ref()
        .map_or("", |recipe| recipe.name.as_str());
    Next {
        words: format!("{} with {recipe}", follower.kind),
        state: match follower.state {
            FollowerState::Pending => "after this",
            FollowerState::Enqueued => "accepted",
            FollowerState::Dropped => "never: this job did not succeed",
        },
        href: follower.job_id.map(|id| format!("/jobs/{id}")),
    }
}
