//! A model: which revision to ship, what the trade-off looks like, where its aliases point, all revisions.

use std::collections::BTreeMap;
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

use super::frame::{Frame, Section};
use super::marks::{Ago, Bar, Bytes, Decibels, Mark, Smaller, float, plural, short};
use super::scatter::{self, Dot, Scatter};
use super::show;
use super::visitor::{Posted, Visitor};
use crate::app::models::{self, ModelRef};
use crate::app::quality::{self, Snr};
use crate::app::{self, App, aliases, jobs, revisions};
use crate::http::answer::Answer;
use crate::http::extract::{At, At2, NoParams, Params};

#[derive(Template)]
#[template(path = "model.html")]
struct ModelPage {
    frame: Frame,
    model: Model,
    answer: Sentence,
    tiles: Vec<Tile>,
    scatter: Option<Scatter>,
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
    bar: Bar,
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
        let smaller = Smaller {
            before: original.size_bytes,
            after: smallest.size_bytes,
        };
        let snr = self.snrs.get(&smallest.id).and_then(|snr| snr.median_db);
        let noise = snr.map_or_else(String::new, |db| {
            format!(", median SNR {db:.1}\u{202f}dB").replace('-', "\u{2212}")
        });
        let rest = format!(
            " is the smallest revision: {}, {smaller} than the original{noise}. Whether it is still right is not \
             measured yet: evaluation comes with data sets.",
            Bytes(smallest.size_bytes).words()
        );
        sentence(&recipe_of(smallest), rest)
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
        for alias in self.aliases.iter().take(3) {
            let Some(revision) = self.find(alias.revision_id) else {
                continue;
            };
            tiles.push(Tile {
                label: alias.name.to_string(),
                value: Bytes(revision.size_bytes),
                why: why(revision, original),
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
        let row = |revision: &Revision| {
            let share = float(revision.size_bytes) / float(largest.unwrap_or(1).max(1));
            Row {
                id: revision.id,
                href: format!("/revisions/{}", revision.id),
                recipe: recipe_of(revision),
                digest: short(&revision.digest.to_string()),
                size: Bytes(revision.size_bytes),
                bar: Bar {
                    share,
                    class: if revision.parent_id.is_none() {
                        "b16"
                    } else {
                        "now"
                    },
                    label: format!("{:.0}\u{202f}% of the largest", share * 100.0),
                },
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
            }
        };
        self.revisions.iter().map(row).collect()
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
