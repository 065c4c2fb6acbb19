//! A revision: is it good, what goes in and out, where its bytes are, which weights hurt, what it computes.

use std::sync::Arc;

use api::aliases::Alias;
use api::ids::RevisionId;
use api::inspection::Inspection;
use api::page::PageRequest;
use api::revisions::Revision;
use api::time::Time;
use api::weights::WeightRow;
use askama::Template;
use axum::extract::State;

use super::frame::{Frame, Section};
use super::marks::{Ago, Count, short, short_id};
use super::revision_parts::{self as parts, Bytewise, Feature, Operations, Tile};
use super::sentence::Sentence;
use super::show;
use super::visitor::Visitor;
use super::weight_table::{Table, View};
use crate::app::models::ModelRef;
use crate::app::{self, App, Caller, aliases, inspections, revisions, weights};
use crate::http::answer::Answer;
use crate::http::extract::{At, Params};
use crate::http::router::BASE;

#[derive(Template)]
#[template(path = "revision.html")]
struct RevisionPage {
    frame: Frame,
    head: Head,
    answer: Sentence,
    tiles: Vec<Tile>,
    features: Vec<Feature>,
    functions: Vec<(String, bool)>,
    interface_note: String,
    bytewise: Bytewise,
    operations: Option<Operations>,
    pipeline: Vec<String>,
    metadata: Vec<(String, String)>,
    others: Vec<(String, String)>,
    table: Option<Table>,
    json: String,
}

/// What stands at the top, and in the form.
struct Head {
    id: String,
    model: String,
    title: String,
    digest: String,
    digest_short: String,
    parent: Option<(String, String)>,
    job: Option<(String, String)>,
    same_as: Option<String>,
    tags: Vec<String>,
    tag_lines: String,
    notes: String,
    aliases: Vec<String>,
    created: Ago,
}

/// What a revision is called: by its recipe, and of an upload by its place.
pub(super) fn title(revision: &Revision) -> String {
    match (&revision.recipe, revision.parent_id) {
        (Some(recipe), _) => recipe.name.clone(),
        (None, None) => "original".to_owned(),
        (None, Some(_)) => short(&revision.digest.to_string()),
    }
}

/// All that a page about a revision needs.
pub(super) struct Known {
    /// The revision.
    pub(super) revision: Revision,
    /// What it was made from, where that is still there.
    pub(super) parent: Option<Revision>,
    /// What is in it.
    pub(super) inspection: Inspection,
    /// Its weights.
    pub(super) weights: Vec<WeightRow>,
}

/// `GET /revisions/{id}`.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    At(id): At<RevisionId>,
    mut params: Params,
) -> Answer {
    let view = View::take(format!("/revisions/{id}"), &mut params)?;
    params.finish()?;
    let known = known(&app, visitor.caller(), id).await?;
    let (aliases, others) = around(&app, visitor.caller(), &known.revision).await?;
    let head = head(&known, &aliases, app.clock.now());
    show::page(&compose(&visitor, known, head, others, view))
}

/// Asks the app for all of it.
pub(super) async fn known(app: &App, caller: &Caller, id: RevisionId) -> app::Result<Known> {
    let revision = revisions::get(app, caller, id).await?;
    let parent = match revision.parent_id {
        Some(parent) => weights::found(revisions::get(app, caller, parent).await)?,
        None => None,
    };
    Ok(Known {
        inspection: inspections::get(app, caller, id).await?,
        weights: weights::all(app, caller, id).await?,
        revision,
        parent,
    })
}

type Around = (Vec<Alias>, Vec<(String, String)>);

/// The aliases that point here, and the other revisions of the model by id and title.
async fn around(app: &App, caller: &Caller, revision: &Revision) -> app::Result<Around> {
    let model = ModelRef::Id(revision.model_id);
    let mut aliases = aliases::list(app, caller, &model, None, api::page::LIMIT_MAX)
        .await?
        .items;
    aliases.retain(|alias| alias.revision_id == revision.id);
    let all = revisions::list(
        app,
        caller,
        &model,
        revisions::Filter::default(),
        PageRequest::default(),
    );
    let others = all.await?.items.into_iter().filter(|r| r.id != revision.id);
    let named = others.map(|r| {
        let digest = short(&r.digest.to_string());
        (r.id.to_string(), format!("{} ({digest})", title(&r)))
    });
    Ok((aliases, named.collect()))
}

fn head(known: &Known, aliases: &[Alias], now: Time) -> Head {
    let revision = &known.revision;
    let tags: Vec<String> = revision
        .tags
        .iter()
        .map(|(k, v)| format!("{k}={v}"))
        .collect();
    let digest = revision.digest.to_string();
    Head {
        id: revision.id.to_string(),
        model: revision.model.to_string(),
        title: title(revision),
        digest_short: format!("sha256:{}…", short(&digest)),
        digest,
        parent: known.parent.as_ref().map(|p| (p.id.to_string(), title(p))),
        job: revision
            .job_id
            .map(|id| (id.to_string(), short_id(&id.to_string()))),
        same_as: revision.same_content_as.map(|id| id.to_string()),
        tag_lines: tags.join("\n"),
        tags,
        notes: revision.notes.clone(),
        aliases: aliases.iter().map(|a| a.name.to_string()).collect(),
        created: Ago {
            at: revision.created_at,
            now,
        },
    }
}

fn compose(
    visitor: &Visitor,
    known: Known,
    head: Head,
    others: Vec<(String, String)>,
    view: View,
) -> RevisionPage {
    let inspection = &known.inspection;
    let frame = Frame::new(
        visitor,
        Section::Models,
        format!("{} · {}", head.title, head.model),
    )
    .crumb("Models", Some("/models".to_owned()))
    .crumb(&head.model, Some(format!("/models/{}", head.model)))
    .crumb(&head.title, None);
    let functions = inspection.functions.iter();
    RevisionPage {
        frame,
        answer: parts::answer(&known),
        tiles: parts::tiles(&known),
        features: parts::features(inspection),
        functions: functions.map(|f| (f.name.clone(), f.default)).collect(),
        interface_note: parts::interface_note(inspection),
        bytewise: parts::bytewise(&known),
        operations: parts::operations(inspection),
        pipeline: inspection.pipeline.clone(),
        metadata: inspection.metadata.clone().into_iter().collect(),
        others,
        json: format!("{BASE}/revisions/{}/weights", head.id),
        table: (!known.weights.is_empty()).then(|| Table::new(view, &head.id, known.weights)),
        head,
    }
}
