//! The list of models: how small each is now, and what its jobs do.

use std::str::FromStr;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use super::frame::{Frame, Section};
use super::marks::{Ago, Bar, Bytes, Mark, Smaller, bar_of, plural};
use super::show;
use super::visitor::Visitor;
use crate::app::App;
use crate::app::overviews::{self, Overview, OverviewFilter, OverviewOrder};
use crate::http::answer::Answer;
use crate::http::extract::Params;
use crate::http::problem::Failure;
use api::jobs::JobState;
use api::time::Time;

/// Models on a page.
const PER_PAGE: u32 = 50;

#[derive(Template)]
#[template(path = "models.html")]
struct Models {
    frame: Frame,
    view: View,
    rows: Vec<Row>,
    next: Option<String>,
    live: bool,
    figures: Option<Figures>,
}

/// The figures at the top.
#[derive(Debug)]
struct Figures {
    models: u64,
    revisions: String,
    saved: Option<(Bytes, Smaller)>,
    unfinished: u64,
    failed: Vec<(String, String)>,
}

/// What the query asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    /// Searched for.
    pub(super) search: String,
    /// Sorted by.
    pub(super) sort: Sort,
    /// The page, from 1.
    pub(super) page: u32,
}

/// What `?sort=` may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Sort {
    /// By the newest job.
    #[default]
    Recent,
    /// By name.
    Name,
    /// By size.
    Size,
}

impl FromStr for Sort {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "recent" => Ok(Self::Recent),
            "name" => Ok(Self::Name),
            "size" => Ok(Self::Size),
            _ => Err("recent, name and size are known"),
        }
    }
}

impl Sort {
    fn as_str(self) -> &'static str {
        match self {
            Self::Recent => "recent",
            Self::Name => "name",
            Self::Size => "size",
        }
    }

    fn order(self) -> OverviewOrder {
        match self {
            Self::Recent => OverviewOrder::Newest,
            Self::Name => OverviewOrder::Name,
            Self::Size => OverviewOrder::Size,
        }
    }
}

impl View {
    /// The address of this view with another order.
    fn sorted(&self, sort: Sort) -> String {
        address(&self.search, sort, 1)
    }

    /// The address of this view's first page.
    fn first_page(&self) -> String {
        self.sorted(self.sort)
    }

    /// What a column's head says to screen readers.
    fn direction(&self, sort: Sort) -> &'static str {
        match (self.sort == sort, sort) {
            (false, _) => "none",
            (true, Sort::Name) => "ascending",
            (true, Sort::Recent | Sort::Size) => "descending",
        }
    }
}

fn address(search: &str, sort: Sort, page: u32) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if !search.is_empty() {
        query.append_pair("q", search);
    }
    query.append_pair("sort", sort.as_str());
    if page > 1 {
        query.append_pair("page", &page.to_string());
    }
    format!("/models?{}", query.finish())
}

/// A model, as a row shows it.
#[derive(Debug)]
struct Row {
    href: String,
    name: String,
    about: String,
    recipe: String,
    alias: Option<String>,
    size: Option<Size>,
    job: Option<LastJob>,
}

/// Bytes of what is shown and of the first revision.
#[derive(Debug)]
struct Size {
    now: Bytes,
    first: Option<Bytes>,
    bar: Bar,
    smaller: Smaller,
}

/// What the newest job does.
#[derive(Debug)]
struct LastJob {
    href: String,
    mark: Mark,
    note: String,
}

/// `GET /`.
pub(crate) async fn home(_: Visitor) -> Answer {
    show::redirect("/models")
}

/// `GET /models`.
pub(crate) async fn list(State(app): State<Arc<App>>, visitor: Visitor, params: Params) -> Answer {
    let view = read(params)?;
    let filter = OverviewFilter {
        search: view.search.clone(),
        order: view.sort.order(),
    };
    let skip = (view.page - 1) * PER_PAGE;
    let (found, more) = overviews::list(&app, visitor.caller(), &filter, PER_PAGE, skip).await?;
    let now = app.clock.now();
    show::page(&Models {
        frame: Frame::new(&visitor, Section::Models, "Models"),
        live: found.iter().any(|model| model.unfinished > 0),
        rows: found.iter().map(|model| row(model, now)).collect(),
        figures: (!more && view.page == 1 && view.search.is_empty()).then(|| figures(&found)),
        next: more.then(|| address(&view.search, view.sort, view.page + 1)),
        view,
    })
}

fn read(mut params: Params) -> Result<View, Failure> {
    let view = View {
        search: params.take::<String>("q")?.unwrap_or_default(),
        sort: params.take::<Sort>("sort")?.unwrap_or_default(),
        page: params.take::<u32>("page")?.unwrap_or(1).clamp(1, 10_000),
    };
    params.finish()?;
    Ok(view)
}

/// Sums over all models: shown only where one page has them all.
fn figures(found: &[Overview]) -> Figures {
    let sizes = found
        .iter()
        .filter_map(|model| Some((model.first_bytes?, model.shown_bytes?)));
    let (before, after) = sizes.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let failed = found
        .iter()
        .filter(|model| model.job_state == Some(JobState::Failed));
    Figures {
        models: found.len() as u64,
        revisions: plural(
            found.iter().map(|model| model.revision_count).sum(),
            "revision",
        ),
        saved: (after < before).then(|| (Bytes(before - after), Smaller { before, after })),
        unfinished: found.iter().map(|model| model.unfinished).sum(),
        failed: failed
            .filter_map(|model| Some((model.name.to_string(), format!("/jobs/{}", model.job_id?))))
            .collect(),
    }
}

fn row(model: &Overview, now: Time) -> Row {
    let count = plural(model.revision_count, "revision");
    Row {
        href: format!("/models/{}", model.name),
        name: model.name.to_string(),
        about: if model.description.is_empty() {
            count
        } else {
            let line = model.description.lines().next().unwrap_or_default();
            format!("{} · {count}", shortened(line, 60))
        },
        recipe: model.shown_recipe.as_ref().map_or_else(
            || {
                if model.shown_id.is_some() {
                    "original".to_owned()
                } else {
                    "–".to_owned()
                }
            },
            |recipe| recipe.name.clone(),
        ),
        alias: model.shown_alias.as_ref().map(ToString::to_string),
        size: size(model),
        job: last_job(model, now),
    }
}

fn size(model: &Overview) -> Option<Size> {
    let now = model.shown_bytes?;
    let first = model.first_bytes.unwrap_or(now);
    Some(Size {
        now: Bytes(now),
        first: (first != now).then_some(Bytes(first)),
        bar: bar_of(now, first.max(now)),
        smaller: Smaller {
            before: first,
            after: now,
        },
    })
}

fn last_job(model: &Overview, now: Time) -> Option<LastJob> {
    let (id, state, at) = (model.job_id?, model.job_state?, model.job_at?);
    let ago = Ago { at, now }.words();
    let note = match state {
        JobState::Running => format!("{:.0}\u{202f}% · {ago}", model.job_progress * 100.0),
        JobState::Failed => {
            let code = model
                .job_error
                .as_ref()
                .map_or_else(String::new, |error| format!("{} · ", error.code));
            format!("{code}{ago}")
        }
        JobState::Queued | JobState::Succeeded | JobState::Cancelled => ago,
    };
    let others = model.unfinished.saturating_sub(1);
    Some(LastJob {
        href: format!("/jobs/{id}"),
        mark: Mark::job(state),
        note: if others > 0 && !state.is_final() {
            format!("{note} · {others} more")
        } else {
            note
        },
    })
}

/// At most so many letters.
pub(super) fn shortened(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(letters - 1).collect();
    short.push('…');
    short
}
