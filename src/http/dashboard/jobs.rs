//! The list of jobs: what runs, what waits and why, what failed.

use std::sync::Arc;

use api::ids::RevisionId;
use api::jobs::{Job, JobResult, JobState, WaitReason};
use api::page::{Page, PageRequest};
use api::time::Time;
use askama::Template;
use axum::extract::State;

use super::frame::{Frame, Section};
use super::marks::{Ago, Bar, Bytes, Decibels, Mark, Smaller, Took, bar_of};
use super::outcomes::{self, Outcomes};
use super::show;
use super::visitor::Visitor;
use crate::app::models::ModelRef;
use crate::app::{self, App, jobs};
use crate::http::answer::Answer;
use crate::http::extract::Params;
use crate::http::problem::Failure;

#[derive(Template)]
#[template(path = "jobs.html")]
struct JobsPage {
    frame: Frame,
    view: View,
    outcomes: Option<Outcomes>,
    rows: Vec<Row>,
    next: Option<String>,
    live: bool,
}

/// What the query asks for.
#[derive(Debug, Clone, Default)]
struct View {
    state: Option<JobState>,
    model: Option<ModelRef>,
    revision: Option<RevisionId>,
}

/// A job, as a row shows it.
#[derive(Debug)]
struct Row {
    href: String,
    recipe: String,
    model: String,
    mark: Mark,
    note: String,
    sizes: Option<(Bytes, Bytes, Smaller)>,
    /// The revision that was made, and its comparison with the one before.
    made: Option<(String, String)>,
    bar: Option<Bar>,
    /// Median ratio of what was made, where the list is of one revision.
    snr: Option<Decibels>,
    took: Option<Took>,
    attempts: u32,
    accepted: Ago,
}

impl View {
    fn filter(&self) -> jobs::Filter {
        jobs::Filter {
            state: self.state,
            model: self.model.clone(),
            revision: self.revision,
            ..jobs::Filter::default()
        }
    }

    fn query(&self, state: Option<JobState>) -> url::form_urlencoded::Serializer<'static, String> {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(state) = state {
            query.append_pair("state", state.as_str());
        }
        if let Some(model) = &self.model {
            query.append_pair("model", &model.to_string());
        }
        if let Some(revision) = self.revision {
            query.append_pair("revision", &revision.to_string());
        }
        query
    }

    /// The states one can choose, with their address and whether it is chosen.
    fn states(&self) -> Vec<(&'static str, String, bool)> {
        let all = std::iter::once((None, "All"));
        let some = JobState::ALL
            .iter()
            .map(|state| (Some(*state), state.as_str()));
        all.chain(some)
            .map(|(state, word)| {
                let address = format!("/jobs?{}", self.query(state).finish());
                (word, address, self.state == state)
            })
            .collect()
    }

    fn after(&self, cursor: &str) -> String {
        let mut query = self.query(self.state);
        query.append_pair("cursor", cursor);
        format!("/jobs?{}", query.finish())
    }

    fn model_name(&self) -> String {
        self.model
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    fn is_filtered(&self) -> bool {
        self.state.is_some() || self.model.is_some() || self.revision.is_some()
    }
}

/// `GET /jobs`.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    mut params: Params,
) -> Answer {
    let (view, page) = read(&mut params)?;
    params.finish()?;
    show::page(&of(&app, &visitor, view, page).await?)
}

async fn of(app: &App, visitor: &Visitor, view: View, page: PageRequest) -> app::Result<JobsPage> {
    let found = found(app, visitor, view.filter(), page).await?;
    let outcomes = match view.revision {
        Some(id) => Some(outcomes::of(app, visitor, id, &found.items).await?),
        None => None,
    };
    let now = app.clock.now();
    let next = found.next_cursor.as_deref();
    Ok(JobsPage {
        frame: outcomes.as_ref().map_or_else(
            || Frame::new(visitor, Section::Jobs, "Jobs"),
            |outcomes| outcomes.frame(visitor),
        ),
        live: found.items.iter().any(|job| !job.state.is_final()),
        next: next.map(|cursor| view.after(cursor)),
        rows: found
            .items
            .iter()
            .map(|job| row(job, outcomes.as_ref(), now))
            .collect(),
        outcomes,
        view,
    })
}

/// The jobs; a model that is not there has none, since its name is typed into a filter.
async fn found(
    app: &App,
    visitor: &Visitor,
    filter: jobs::Filter,
    page: PageRequest,
) -> app::Result<Page<Job>> {
    match jobs::list(app, visitor.caller(), filter, page).await {
        Err(app::Error::NotFound { what: "model", .. }) => Ok(Page {
            items: Vec::new(),
            next_cursor: None,
        }),
        found => found,
    }
}

/// The filters; a field that a form left empty is none.
fn read(params: &mut Params) -> Result<(View, PageRequest), Failure> {
    let model = params
        .take::<String>("model")?
        .filter(|text| !text.is_empty());
    let view = View {
        state: params.take("state")?,
        model: match model {
            None => None,
            Some(text) => Some(
                text.parse()
                    .map_err(|_why| app::Error::not_found("model", text))?,
            ),
        },
        revision: params.take("revision")?,
    };
    Ok((view, params.take_page()?))
}

fn row(job: &Job, outcomes: Option<&Outcomes>, now: Time) -> Row {
    let sizes = job.result.as_ref().map(|JobResult::Compress(result)| {
        let (before, after) = (result.size_bytes_before, result.size_bytes_after);
        (Bytes(before), Bytes(after), Smaller { before, after })
    });
    let made = job.result.as_ref().map(|JobResult::Compress(result)| {
        let made = result.revision_id;
        let comparison = format!("/revisions/{}/comparison/{made}", job.revision_id);
        (format!("/revisions/{made}"), comparison)
    });
    let bar = |(before, after, _): (Bytes, Bytes, Smaller)| bar_of(after.0, before.0);
    Row {
        made,
        bar: sizes.map(bar),
        snr: outcomes.and_then(|all| all.noise(job)),
        href: format!("/jobs/{}", job.id),
        recipe: recipe_name(job),
        model: job.model.to_string(),
        mark: Mark::job(job.state),
        note: note(job),
        sizes,
        took: job
            .started_at
            .map(|from| Took::between(from, job.finished_at.unwrap_or(now))),
        attempts: job.attempts,
        accepted: Ago {
            at: job.created_at,
            now,
        },
    }
}

/// What a job applies.
pub(super) fn recipe_name(job: &Job) -> String {
    let recipe = job.recipe.as_ref();
    recipe.map_or_else(|| job.kind.to_string(), |recipe| recipe.name.clone())
}

/// What stands beside a job's state: how far, why it waits, why it failed.
pub(super) fn note(job: &Job) -> String {
    match job.state {
        JobState::Queued => job
            .waiting
            .map_or_else(String::new, |waiting| reason(waiting.reason).to_owned()),
        JobState::Running if job.cancel_requested => "stopping".to_owned(),
        JobState::Running => {
            let phase = job.phase.map_or("starting", api::jobs::Phase::as_str);
            format!("{phase} · {:.0}\u{202f}%", job.progress * 100.0)
        }
        JobState::Failed => job
            .error
            .as_ref()
            .map_or_else(String::new, |error| error.code.to_string()),
        JobState::Succeeded | JobState::Cancelled => String::new(),
    }
}

/// Why a job waits, in words.
pub(super) fn reason(reason: WaitReason) -> &'static str {
    match reason {
        WaitReason::Ready => "next in turn when a worker is free",
        WaitReason::Backoff => "tried again later, after a failure",
        WaitReason::ProjectLimit => "as many jobs of this project run as may",
        WaitReason::NoWorker => "no worker is running",
        WaitReason::UnsupportedKind => "no worker does jobs of this kind",
    }
}
