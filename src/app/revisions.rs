//! Revisions: finding, tagging, deleting. They are made by uploads and jobs.

use std::str::FromStr;

use api::digest::Digest;
use api::ids::RevisionId;
use api::names::{InvalidName, TagKey, TagValue, parse_tag};
use api::page::{Page, PageRequest};
use api::revisions::{Revision, RevisionPatch};
use api::tokens::Scope;

use super::access::{Caller, Guard};
use super::error::{Error, Result};
use super::models::{self, ModelRef};
use super::service::App;
use crate::store::{RevisionFilter, RevisionRecord};

/// Longest notes, in bytes.
const NOTES_MAX_BYTES: usize = 10_000;

/// Which revisions of a model a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those with this tag.
    pub tag: Option<Tag>,
    /// The one with this digest.
    pub digest: Option<Digest>,
    /// Those made from this one.
    pub parent: Option<RevisionId>,
}

/// A tag as a query writes it: `commit:abc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag(pub TagKey, pub TagValue);

impl FromStr for Tag {
    type Err = InvalidName;

    fn from_str(text: &str) -> std::result::Result<Self, InvalidName> {
        parse_tag(text).map(|(key, value)| Self(key, value))
    }
}

/// Revisions of a model, newest first.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(
    app: &App,
    caller: &Caller,
    model: &ModelRef,
    filter: Filter,
    page: PageRequest,
) -> Result<Page<Revision>> {
    let filter = RevisionFilter {
        model_id: Some(models::find(app, caller, model).await?.model.id),
        digest: filter.digest,
        parent_id: filter.parent,
        tag: filter.tag.map(|Tag(key, value)| (key, value)),
    };
    Ok(app.store.revisions(caller.reach, &filter, page).await?)
}

/// The revision.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(app: &App, caller: &Caller, id: RevisionId) -> Result<Revision> {
    Ok(find(app, caller, id).await?.revision)
}

/// Changes tags and notes.
///
/// # Errors
/// [`Error::NotFound`], [`Error::PreconditionFailed`].
pub async fn update(
    app: &App,
    caller: &Caller,
    id: RevisionId,
    patch: RevisionPatch,
    guard: Guard<'_, Revision>,
) -> Result<Revision> {
    caller.need(Scope::Writer)?;
    if patch
        .notes
        .as_ref()
        .is_some_and(|notes| notes.len() > NOTES_MAX_BYTES)
    {
        return Err(Error::bad_field(
            "/notes",
            format!("is longer than {NOTES_MAX_BYTES} bytes"),
        ));
    }
    let changed = app
        .store
        .update_revision(app.clock.now(), caller.reach, id, &patch, guard)
        .await;
    Ok(changed
        .map_err(|error| Error::about(error, &id.to_string()))?
        .revision)
}

/// Deletes a revision that nothing holds.
///
/// # Errors
/// [`Error::NotFound`], [`Error::PreconditionFailed`], [`Error::InUse`].
pub async fn delete(
    app: &App,
    caller: &Caller,
    id: RevisionId,
    guard: Guard<'_, Revision>,
) -> Result<()> {
    caller.need(Scope::Writer)?;
    let deleted = app
        .store
        .delete_revision(app.clock.now(), caller.reach, id, guard)
        .await;
    deleted.map_err(|error| Error::about(error, &id.to_string()))
}

/// The revision with what the API does not show.
pub(super) async fn find(app: &App, caller: &Caller, id: RevisionId) -> Result<RevisionRecord> {
    app.store
        .revision(caller.reach, id)
        .await
        .map_err(|error| Error::about(error, &id.to_string()))
}
