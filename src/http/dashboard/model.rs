//! A model: which revision to ship, what the trade-off looks like, where its aliases point, all revisions.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use api::aliases::{Alias, AliasTarget};
use api::ids::RevisionId;
use api::jobs::JobState;
use api::models::Model;
use api::names::AliasName;
use api::page::{LIMIT_MAX, PageRequest};
use api::revisions::Revision;
use api::time::Time;
use askama::Template;
use axum::extract::State;

use super::charts::Stack;
use super::frame::{Frame, Section};
use super::history::{self, History};
use super::marks::{Ago, Bytes, Decibels, Mark, Smaller, plural, short};
use super::scatter::{self, Dot, Scatter};
use super::show;
use super::visitor::{Posted, Visitor};
use crate::app::models::{self, ModelRef};
use crate::app::quality::{self, Snr};
use crate::app::{self, App, aliases, jobs, revisions};
use crate::http::answer::Answer;
use crate::http::extract::{At, At2, NoParams, Params};

/// At this median ratio and above noise rarely costs accuracy.
const QUIET_DB: f64 = 30.0;
/// Revisions that the history draws.
const MOST_BARS: usize = 12;

#[derive(Template)]
#[template(path = "model.html")]
struct ModelPage {
    frame: Frame,
    model: Model,
    answer: Sentence,
    tiles: Vec<Tile>,
    scatter: Option<Scatter>,
    history: Option<History>,
    rows: Vec<Row>,
    aliases: Vec<Pointer>,
    unfinished: Vec<Unfinished>,
    original: Option<String>,
    more: bool,
}

/// The sentence that answers: what it is about, and what is to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence {
    /// What it is about; may be empty.
    pub(super) lead: String,
    /// The rest.
    pub(super) rest: String,
}

/// A figure at the top.
#[derive(Debug)]
struct Tile {
    label: String,
    value: Bytes,
    why: String,
}

/// A revision, as a row shows it.
#[derive(Debug)]
struct Row {
    id: RevisionId,
    href: String,
    recipe: String,
    digest: String,
    size: Bytes,
    bar: Stack,
    smaller: Option<Smaller>,
    snr: Option<(Decibels, Decibels)>,
    aliases: Vec<String>,
    tags: Vec<String>,
    made: Ago,
}

/// An alias and where it points.
#[derive(Debug)]
struct Pointer {
    name: String,
    href: String,
    recipe: String,
    moved: Ago,
}

/// A job that is not finished.
#[derive(Debug)]
struct Unfinished {
    href: String,
    recipe: String,
    mark: Mark,
    note: String,
}

/// `GET /models/{model}`.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    _: NoParams,
    At(name): At<ModelRef>,
) -> Answer {
    show::page(&of(&app, &visitor, &name).await?)
}

async fn of(app: &App, visitor: &Visitor, name: &ModelRef) -> app::Result<ModelPage> {
    let caller = visitor.caller();
    let model = models::get(app, caller, name).await?;
    let found = revisions::list(app, caller, name, revisions::Filter::default(), most()).await?;
    let pointers = aliases::list(app, caller, name, None, LIMIT_MAX)
        .await?
        .items;
    let snrs = quality::snrs(app, caller, &found.items).await?;
    let unfinished = unfinished(app, visitor, name).await?;
    let parts = Parts {
        revisions: &found.items,
        aliases: &pointers,
        snrs: &snrs,
        now: app.clock.now(),
    };
    Ok(ModelPage {
        frame: Frame::new(visitor, Section::Models, model.name.to_string())
            .crumb("Models", Some("/models".to_owned()))
            .crumb(model.name.to_string(), None),
        answer: parts.answer(),
        tiles: parts.tiles(),
        scatter: parts.scatter(),
        history: parts.history(),
        rows: parts.rows(),
        aliases: parts.pointers(),
        original: parts.original().map(|revision| revision.id.to_string()),
        more: found.next_cursor.is_some(),
        unfinished,
        model,
    })
}

/// `GET /models/{model}/compare?revision=A&revision=B`: to the comparison of the two that were marked.
pub(crate) async fn compare(_: Visitor, At(_model): At<ModelRef>, mut params: Params) -> Answer {
    let marked = params.take_all("revision");
    let [newer, older] = marked.as_slice() else {
        let detail = format!("mark two revisions to compare; {} are marked", marked.len());
        return Err(app::Error::bad_request(detail).into());
    };
    let id = |text: &String| {
        text.parse::<RevisionId>()
            .map_err(|_why| app::Error::not_found("revision", text.as_str()))
    };
    show::redirect(&format!(
        "/revisions/{}/comparison/{}",
        id(older)?,
        id(newer)?
    ))
}

/// `POST /models/{model}/aliases`: points an alias to a revision.
pub(crate) async fn set_alias(
    State(app): State<Arc<App>>,
    At(model): At<ModelRef>,
    mut posted: Posted,
) -> Answer {
    let name = posted.fields.take::<AliasName>("name")?;
    let revision = posted.fields.take::<RevisionId>("revision")?;
    let (Some(name), Some(revision)) = (name, revision) else {
        let detail = "an alias needs a name and a revision";
        return Err(app::Error::bad_request(detail).into());
    };
    let target = AliasTarget { revision };
    let caller = posted.visitor.caller();
    aliases::set(&app, caller, &model, &name, target, &|_| true).await?;
    show::redirect(&format!("/models/{model}#aliases"))
}

/// `POST /models/{model}/aliases/{alias}/remove`.
pub(crate) async fn remove_alias(
    State(app): State<Arc<App>>,
    At2(model, name): At2<ModelRef, AliasName>,
    posted: Posted,
) -> Answer {
    aliases::delete(&app, posted.visitor.caller(), &model, &name, &|_| true).await?;
    show::redirect(&format!("/models/{model}#aliases"))
}

fn most() -> PageRequest {
    PageRequest {
        limit: LIMIT_MAX,
        after: None,
    }
}

async fn unfinished(
    app: &App,
    visitor: &Visitor,
    model: &ModelRef,
) -> app::Result<Vec<Unfinished>> {
    let mut lines = Vec::new();
    for state in [JobState::Running, JobState::Queued] {
        let filter = jobs::Filter {
            state: Some(state),
            model: Some(model.clone()),
            ..jobs::Filter::default()
        };
        let page = PageRequest {
            limit: 10,
            after: None,
        };
        let found = jobs::list(app, visitor.caller(), filter, page).await?;
        lines.extend(found.items.iter().map(|job| Unfinished {
            href: format!("/jobs/{}", job.id),
            recipe: super::jobs::recipe_name(job),
            mark: Mark::job(job.state),
            note: super::jobs::note(job),
        }));
    }
    Ok(lines)
}

/// What the page is made from.
struct Parts<'a> {
    revisions: &'a [Revision],
    aliases: &'a [Alias],
    snrs: &'a BTreeMap<RevisionId, Snr>,
    now: Time,
}

/// The recipe that made a revision.
pub(super) fn recipe_of(revision: &Revision) -> String {
    let recipe = revision.recipe.as_ref();
    recipe.map_or_else(|| "original".to_owned(), |recipe| recipe.name.clone())
}

impl Parts<'_> {
    /// The oldest that was uploaded.
    fn original(&self) -> Option<&Revision> {
        let uploaded = self.revisions.iter().rev();
        uploaded
            .clone()
            .find(|revision| revision.parent_id.is_none())
            .or_else(|| self.revisions.last())
    }

    fn smallest(&self) -> Option<&Revision> {
        self.revisions.iter().min_by_key(|one| one.size_bytes)
    }

    fn answer(&self) -> Sentence {
        let sentence = |lead: &str, rest: String| Sentence {
            lead: lead.to_owned(),
            rest,
        };
        let (Some(original), Some(smallest)) = (self.original(), self.smallest()) else {
            let rest = "No revision yet. Upload a package, and this page says how small it can be.";
            return sentence("", rest.to_owned());
        };
        if smallest.size_bytes >= original.size_bytes {
            let rest = format!(
                " has {}. Nothing smaller was made yet: compress it with one or several recipes.",
                Bytes(original.size_bytes).words()
            );
            return sentence(&recipe_of(original), rest);
        }
        let noise = |revision: &Revision| {
            let snr = self.snrs.get(&revision.id).and_then(|snr| snr.median_db);
            snr.map_or_else(|| "exact".to_owned(), super::revision_parts::decibels)
        };
        let best = self.quiet().unwrap_or(smallest);
        let smaller = Smaller {
            before: original.size_bytes,
            after: best.size_bytes,
        };
        let what = if self.quiet().is_some() {
            format!("the smallest revision with a median SNR of {QUIET_DB:.0}\u{202f}dB or more")
        } else {
            "the smallest revision".to_owned()
        };
        let mut rest = format!(
            " is {what}: {}, {smaller} than the original, {}.",
            Bytes(best.size_bytes).words(),
            noise(best)
        );
        if best.id != smallest.id {
            let size = Bytes(smallest.size_bytes).words();
            let also = recipe_of(smallest);
            let _written = write!(
                rest,
                " Smaller still: {also}, {size}, at {}.",
                noise(smallest)
            );
        }
        rest.push_str(" Accuracy is not measured yet: that comes with data sets.");
        sentence(&recipe_of(best), rest)
    }

    /// The smallest that was compressed and stayed quiet.
    fn quiet(&self) -> Option<&Revision> {
        let original = self.original()?.size_bytes;
        let quiet = |one: &&Revision| {
            let snr = self.snrs.get(&one.id);
            let db = snr.and_then(|snr| snr.median_db);
            one.size_bytes < original && db.is_some_and(|db| db >= QUIET_DB)
        };
        let found = self.revisions.iter().filter(quiet);
        found.min_by_key(|one| one.size_bytes)
    }

    fn tiles(&self) -> Vec<Tile> {
        let mut tiles = Vec::new();
        let Some(original) = self.original() else {
            return tiles;
        };
        tiles.push(Tile {
            label: "Original".to_owned(),
            value: Bytes(original.size_bytes),
            why: format!("{}, {}", original.kind, short(&original.digest.to_string())),
        });
        for alias in self.aliases.iter().take(2) {
            let Some(revision) = self.find(alias.revision_id) else {
                continue;
            };
            tiles.push(Tile {
                label: alias.name.to_string(),
                value: Bytes(revision.size_bytes),
                why: why(revision, original),
            });
        }
        if let Some(quiet) = self.quiet() {
            tiles.push(Tile {
                label: format!("Smallest at {QUIET_DB:.0}\u{202f}dB"),
                value: Bytes(quiet.size_bytes),
                why: why(quiet, original),
            });
        }
        if let Some(smallest) = self.smallest().filter(|one| one.id != original.id) {
            tiles.push(Tile {
                label: "Smallest".to_owned(),
                value: Bytes(smallest.size_bytes),
                why: why(smallest, original),
            });
        }
        tiles
    }

    fn find(&self, id: RevisionId) -> Option<&Revision> {
        self.revisions.iter().find(|revision| revision.id == id)
    }

    fn rows(&self) -> Vec<Row> {
        let largest = self.revisions.iter().map(|one| one.size_bytes).max();
        let original = self.original();
        let row = |revision: &Revision| Row {
            id: revision.id,
            href: format!("/revisions/{}", revision.id),
            recipe: recipe_of(revision),
            digest: short(&revision.digest.to_string()),
            size: Bytes(revision.size_bytes),
            bar: self.bar(revision).stack(largest.unwrap_or(1)),
            smaller: original
                .filter(|original| original.id != revision.id)
                .map(|original| Smaller {
                    before: original.size_bytes,
                    after: revision.size_bytes,
                }),
            snr: self
                .snrs
                .get(&revision.id)
                .map(|snr| (Decibels(snr.median_db), Decibels(snr.worst_db))),
            aliases: self
                .aliases
                .iter()
                .filter(|alias| alias.revision_id == revision.id)
                .map(|alias| alias.name.to_string())
                .collect(),
            tags: revision
                .tags
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect(),
            made: Ago {
                at: revision.created_at,
                now: self.now,
            },
        };
        self.revisions.iter().map(row).collect()
    }

    fn bar(&self, revision: &Revision) -> history::Bar {
        let own = self.snrs.get(&revision.id);
        // What an original is made of, the report of what was made from it tells.
        let mut children = self.revisions.iter();
        let child = children.find(|one| one.parent_id == Some(revision.id));
        let told = child.and_then(|child| self.snrs.get(&child.id));
        history::Bar {
            name: recipe_of(revision),
            href: format!("/revisions/{}", revision.id),
            size_bytes: revision.size_bytes,
            forms: own
                .map(|snr| snr.after.clone())
                .or_else(|| told.map(|snr| snr.before.clone()))
                .unwrap_or_default(),
            snr_db: own.and_then(|snr| snr.median_db),
        }
    }

    /// The last ones, oldest first; one alone has no history.
    fn history(&self) -> Option<History> {
        let shown = self.revisions.iter().take(MOST_BARS).rev();
        let bars: Vec<history::Bar> = shown.map(|revision| self.bar(revision)).collect();
        (bars.len() > 1).then(|| history::of(&bars))
    }

    fn pointers(&self) -> Vec<Pointer> {
        let pointer = |alias: &Alias| Pointer {
            name: alias.name.to_string(),
            href: format!("/revisions/{}", alias.revision_id),
            recipe: self
                .find(alias.revision_id)
                .map_or_else(|| short(&alias.revision_id.to_string()), recipe_of),
            moved: Ago {
                at: alias.updated_at,
                now: self.now,
            },
        };
        self.aliases.iter().map(pointer).collect()
    }

    fn scatter(&self) -> Option<Scatter> {
        let smallest = self.smallest()?.id;
        let dots = self.revisions.iter().filter_map(|revision| {
            let made_exact = revision.parent_id.is_none();
            let snr_db = match self.snrs.get(&revision.id) {
                Some(snr) => snr.median_db,
                None if made_exact => None,
                None => return None,
            };
            Some(Dot {
                size_bytes: revision.size_bytes,
                snr_db,
                label: recipe_of(revision),
                href: format!("/revisions/{}", revision.id),
                this: revision.id == smallest,
            })
        });
        let dots: Vec<Dot> = dots.collect();
        (dots.iter().any(|dot| dot.snr_db.is_some())).then(|| scatter::of(&dots))
    }
}

/// A recipe and what it saved.
fn why(revision: &Revision, original: &Revision) -> String {
    let smaller = Smaller {
        before: original.size_bytes,
        after: revision.size_bytes,
    };
    format!("{}, {smaller}", recipe_of(revision))
}

/// How many of something, for the template.
fn counted(number: usize, noun: &str) -> String {
    plural(number as u64, noun)
}
