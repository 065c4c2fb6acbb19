//! The forms on a revision's page: tags, notes, aliases, and what it is compared with.

use std::sync::Arc;

use api::aliases::AliasTarget;
use api::ids::RevisionId;
use api::names::{AliasName, TagKey, TagValue};
use api::revisions::{RevisionPatch, Tags};
use axum::extract::State;

use super::show;
use super::visitor::{Posted, Visitor};
use crate::app::models::ModelRef;
use crate::app::{self, App, aliases, revisions};
use crate::http::answer::Answer;
use crate::http::extract::{At, Params};

/// `POST /revisions/{id}`: all tags anew, and the notes.
pub(crate) async fn save(
    State(app): State<Arc<App>>,
    At(id): At<RevisionId>,
    mut posted: Posted,
) -> Answer {
    let lines = posted.fields.take::<String>("tags")?.unwrap_or_default();
    let notes = posted.fields.take::<String>("notes")?.unwrap_or_default();
    posted.fields.finish()?;
    let patch = RevisionPatch {
        tags: Some(tags(&lines)?),
        notes: Some(notes.replace("\r\n", "\n")),
    };
    revisions::update(&app, posted.visitor.caller(), id, patch, &|_| true).await?;
    back(id)
}

/// `key=value`, one a line; what else stands there is refused by its line.
pub(super) fn tags(lines: &str) -> app::Result<Tags> {
    let mut tags = Tags::new();
    for (number, line) in lines.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let wrong =
            |why: String| app::Error::bad_request(format!("tags, line {}: {why}", number + 1));
        let (key, value) = line
            .split_once('=')
            .ok_or_else(|| wrong("expected key=value".to_owned()))?;
        let key: TagKey = key.trim().parse().map_err(|why| wrong(format!("{why}")))?;
        let value: TagValue = value
            .trim()
            .parse()
            .map_err(|why| wrong(format!("{why}")))?;
        tags.insert(key, value);
    }
    Ok(tags)
}

/// `POST /revisions/{id}/aliases`: points one here.
pub(crate) async fn point(
    State(app): State<Arc<App>>,
    At(id): At<RevisionId>,
    mut posted: Posted,
) -> Answer {
    let name = alias(&mut posted.fields)?;
    posted.fields.finish()?;
    let caller = posted.visitor.caller();
    let model = ModelRef::Id(revisions::get(&app, caller, id).await?.model_id);
    let target = AliasTarget { revision: id };
    aliases::set(&app, caller, &model, &name, target, &|_| true).await?;
    back(id)
}

/// `POST /revisions/{id}/aliases/remove`.
pub(crate) async fn unpoint(
    State(app): State<Arc<App>>,
    At(id): At<RevisionId>,
    mut posted: Posted,
) -> Answer {
    let name = alias(&mut posted.fields)?;
    posted.fields.finish()?;
    let caller = posted.visitor.caller();
    let model = ModelRef::Id(revisions::get(&app, caller, id).await?.model_id);
    let here = |alias: &Option<api::aliases::Alias>| {
        alias.as_ref().is_some_and(|alias| alias.revision_id == id)
    };
    aliases::delete(&app, caller, &model, &name, &here).await?;
    back(id)
}

fn alias(fields: &mut Params) -> Result<AliasName, crate::http::problem::Failure> {
    let name = fields.take::<AliasName>("alias")?;
    Ok(name.ok_or_else(|| app::Error::bad_request("the form names no alias"))?)
}

fn back(id: RevisionId) -> Answer {
    show::redirect(&format!("/revisions/{id}"))
}

/// `GET /revisions/{id}/comparison?with=`: from the list of the form to the page.
pub(crate) async fn compare(_: Visitor, At(id): At<RevisionId>, mut params: Params) -> Answer {
    let with = params.take::<RevisionId>("with")?;
    params.finish()?;
    match with {
        Some(with) => show::redirect(&format!("/revisions/{with}/comparison/{id}")),
        None => back(id),
    }
}
