//! Compressing a revision with several recipes at once.

use std::sync::Arc;

use api::ids::{JobId, RevisionId};
use api::jobs::{JobKind, NewFollower, NewJob, RecipeRequest};
use api::revisions::Revision;
use askama::Template;
use axum::extract::State;
use sha2::{Digest as _, Sha256};

use super::frame::{Frame, Section};
use super::marks::{Bytes, short};
use super::model::recipe_of;
use super::recipes::{self, Family};
use super::show;
use super::visitor::{Posted, Visitor};
use crate::app::{self, App, Caller, inspections, jobs, revisions};
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
    families: Vec<Family>,
    names: Vec<&'static str>,
    once: String,
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
    let revision = revisions::get(app, visitor.caller(), id).await?;
    let inspection = inspections::get(app, visitor.caller(), id).await?;
    let what = format!(
        "{} · {}",
        recipe_of(&revision),
        short(&revision.digest.to_string())
    );
    let model = format!("/models/{}", revision.model);
    Ok(CompressPage {
        frame: Frame::new(
            visitor,
            Section::Models,
            format!("Compress {}", revision.model),
        )
        .crumb("Models", Some("/models".to_owned()))
        .crumb(revision.model.to_string(), Some(model))
        .crumb(what, Some(format!("/revisions/{id}")))
        .crumb("Compress", None),
        size: Bytes(revision.size_bytes),
        needs: inspection.requires.ios,
        families: recipes::families(),
        names: recipes::built(),
        once: app.ids.uuid().to_string(),
        revision,
    })
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
