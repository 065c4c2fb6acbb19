//! Compressing a revision with several recipes at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::ids::{JobId, RevisionId};
use api::inspection::Inspection;
use api::jobs::{JobKind, NewFollower, NewJob, RecipeRequest};
use api::page::{LIMIT_MAX, PageRequest};
use api::revisions::Revision;
use askama::Template;
use axum::extract::State;
use sha2::{Digest as _, Sha256};

use super::frame::{Frame, Section};
use super::marks::{Bar, Bytes, Decibels, Smaller, float, short};
use super::model::recipe_of;
use super::recipes::{self, Entry, Family};
use super::show;
use super::visitor::{Posted, Visitor};
use crate::app::models::ModelRef;
use crate::app::{self, App, Caller, inspections, jobs, quality, revisions};
use crate::http::answer::Answer;
use crate::http::extract::{At, NoParams};
use api::tokens::Scope;

/// Recipes that one form may ask for.
const MOST_RECIPES: usize = 32;

#[derive(Template)]
#[template(path = "compress.html")]
struct CompressPage {
    frame: Frame,
    revision: Revision,
    size: Bytes,
    needs: String,
    /// What kind of model it is, where nothing in it can be compressed.
    refused: Option<String>,
    groups: Vec<Group>,
    later: Vec<&'static str>,
    names: Vec<&'static str>,
    once: String,
}

/// Recipes of one kind.
#[derive(Debug)]
struct Group {
    name: &'static str,
    about: &'static str,
    choices: Vec<Choice>,
}

/// A recipe, and what it would make of this revision.
#[derive(Debug)]
struct Choice {
    name: &'static str,
    about: String,
    likely: Option<(Bytes, Bar, Smaller)>,
    made: Option<Made>,
    needs: &'static str,
    /// Whether the result needs a newer system than this revision.
    raises: bool,
    /// Why this recipe cannot do anything here.
    refused: Option<String>,
}

/// What it made of this revision before.
#[derive(Debug, Clone)]
struct Made {
    href: String,
    size: Bytes,
    snr: Option<Decibels>,
}

/// `GET /revisions/{id}/compress`.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    _: NoParams,
    At(id): At<RevisionId>,
) -> Answer {
    visitor.caller().need(Scope::Writer)?;
    show::page(&of(&app, &visitor, id).await?)
}

async fn of(app: &App, visitor: &Visitor, id: RevisionId) -> app::Result<CompressPage> {
    let caller = visitor.caller();
    let revision = revisions::get(app, caller, id).await?;
    let inspection = inspections::get(app, caller, id).await?;
    let made = made(app, caller, &revision).await?;
    let title = format!("Compress {}", revision.model);
    let model = format!("/models/{}", revision.model);
    let digest = short(&revision.digest.to_string());
    let what = format!("{} · {digest}", recipe_of(&revision));
    let all = recipes::families();
    let unbuilt = |family: &Family| {
        let missing = family.recipes.iter().filter(|one| !one.built);
        missing.map(|one| one.name).collect::<Vec<_>>()
    };
    Ok(CompressPage {
        frame: Frame::new(visitor, Section::Models, title)
            .crumb("Models", Some("/models".to_owned()))
            .crumb(revision.model.to_string(), Some(model))
            .crumb(what, Some(format!("/revisions/{id}")))
            .crumb("Compress", None),
        size: Bytes(revision.size_bytes),
        refused: (inspection.functions.is_empty()).then(|| inspection.model_type.clone()),
        later: all.iter().flat_map(unbuilt).collect(),
        groups: groups(&all, &inspection, &made),
        needs: inspection.requires.ios,
        names: recipes::built(),
        once: app.ids.uuid().to_string(),
        revision,
    })
}

/// What was made of a revision already, by recipe; the newest of each.
async fn made(
    app: &App,
    caller: &Caller,
    revision: &Revision,
) -> app::Result<BTreeMap<String, Made>> {
    let filter = revisions::Filter {
        parent: Some(revision.id),
        ..revisions::Filter::default()
    };
    let page = PageRequest {
        limit: LIMIT_MAX,
        after: None,
    };
    let model = ModelRef::Id(revision.model_id);
    let children = revisions::list(app, caller, &model, filter, page).await?;
    let snrs = quality::snrs(app, caller, &children.items).await?;
    let mut made = BTreeMap::new();
    for child in &children.items {
        made.entry(recipe_of(child)).or_insert_with(|| Made {
            href: format!("/revisions/{}", child.id),
            size: Bytes(child.size_bytes),
            snr: snrs.get(&child.id).map(|snr| Decibels(snr.median_db)),
        });
    }
    Ok(made)
}

/// The recipes that this version can do, with what each would make.
fn groups(
    families: &[Family],
    inspection: &Inspection,
    made: &BTreeMap<String, Made>,
) -> Vec<Group> {
    let choices = |family: &Family| {
        let built = family.recipes.iter().filter(|one| one.built);
        built
            .map(|one| choice(one, inspection, made))
            .collect::<Vec<_>>()
    };
    let group = |family: &Family| Group {
        name: family.name,
        about: family.about,
        choices: choices(family),
    };
    families.iter().map(group).collect()
}

fn choice(entry: &Entry, inspection: &Inspection, made: &BTreeMap<String, Made>) -> Choice {
    let before = inspection.size_bytes;
    let has = &inspection.requires.ios;
    let recipe = engine::Recipe::named(entry.name).ok();
    let likely = recipe
        .filter(|_| !inspection.functions.is_empty())
        .and_then(|recipe| engine::outlook(&recipe, inspection));
    let shown = |after: u64| {
        let share = float(after) / float(before.max(1));
        let bar = Bar {
            share,
            class: "now",
            label: format!("about {:.0}\u{202f}% of this revision", share * 100.0),
        };
        (Bytes(rounded(after)), bar, Smaller { before, after })
    };
    // The operations of iOS 18 are another set: a program is not raised to them.
    let refused = ios(entry.needs) >= 18 && ios(has) < 18;
    Choice {
        name: entry.name,
        about: entry.about.clone(),
        likely: likely.map(shown),
        made: made.get(entry.name).cloned(),
        needs: entry.needs,
        raises: ios(entry.needs) > ios(has),
        refused: refused.then(|| format!("a program for {}", entry.needs)),
    }
}

/// `18` of `iOS18`.
fn ios(system: &str) -> u32 {
    system.trim_start_matches("iOS").parse().unwrap_or_default()
}

/// Two digits: it is an estimate.
fn rounded(bytes: u64) -> u64 {
    let step = 10_u64.pow(bytes.max(1).ilog10().saturating_sub(1));
    bytes.saturating_add(step / 2) / step * step
}

/// `POST /revisions/{id}/compress`: a job per recipe. Sent twice, it is the same jobs.
pub(crate) async fn submit(
    State(app): State<Arc<App>>,
    At(id): At<RevisionId>,
    mut posted: Posted,
) -> Answer {
    let recipes = posted.fields.take_all("recipe");
    let then = posted.fields.take::<String>("then")?.unwrap_or_default();
    let priority = posted.fields.take::<i32>("priority")?.unwrap_or(0);
    let once = posted.fields.take::<String>("once")?.unwrap_or_default();
    if recipes.is_empty() || recipes.len() > MOST_RECIPES {
        let detail = format!("choose between one and {MOST_RECIPES} recipes");
        return Err(app::Error::bad_request(detail).into());
    }
    let mut made = Vec::new();
    for recipe in &recipes {
        let new = order(id, recipe, &then, priority);
        made.push(accept(&app, posted.visitor.caller(), new, &once).await?);
    }
    match made.as_slice() {
        [one] => show::redirect(&format!("/jobs/{one}")),
        _ => show::redirect(&format!("/jobs?revision={id}")),
    }
}

fn order(revision: RevisionId, recipe: &str, then: &str, priority: i32) -> NewJob {
    let named = |name: &str| Some(RecipeRequest::Name(name.to_owned()));
    let follower = NewFollower {
        kind: JobKind::Compress,
        recipe: named(then),
        spec: None,
        data_set: None,
        priority,
        then: Vec::new(),
    };
    NewJob {
        kind: JobKind::Compress,
        revision,
        recipe: named(recipe),
        spec: None,
        data_set: None,
        priority,
        then: if then.is_empty() {
            Vec::new()
        } else {
            vec![follower]
        },
    }
}

async fn accept(app: &App, caller: &Caller, new: NewJob, once: &str) -> app::Result<JobId> {
    let text = serde_json::to_string(&new)
        .map_err(|error| app::Error::internal("writing a job", error))?;
    let body_sha256: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let recipe = match &new.recipe {
        Some(RecipeRequest::Name(name)) => name.clone(),
        Some(RecipeRequest::Config(_)) | None => String::new(),
    };
    let key = (!once.is_empty()).then(|| jobs::Key {
        key: format!("{once} {recipe}"),
        route: "the form that compresses".to_owned(),
        body_sha256,
    });
    Ok(jobs::create(app, caller, new, key).await?.job.id)
}
