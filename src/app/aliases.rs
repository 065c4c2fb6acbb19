//! Aliases: pointing names to revisions.

use api::aliases::{Alias, AliasTarget};
use api::names::AliasName;
use api::page::{NameCursor, Page};
use api::tokens::Scope;

use super::access::{Caller, Guard};
use super::error::{Error, Result};
use super::models::{self, ModelRef};
use super::service::App;

/// Aliases of a model, by name.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(
    app: &App,
    caller: &Caller,
    model: &ModelRef,
    after: Option<NameCursor>,
    limit: u32,
) -> Result<Page<Alias>> {
    let model_id = models::find(app, caller, model).await?.model.id;
    let after = after.map(|NameCursor(name)| name);
    let items = app
        .store
        .aliases(model_id, after.as_ref(), limit.saturating_add(1))
        .await?;
    Ok(Page::cut(items, limit, |last| {
        NameCursor(last.name.clone()).to_string()
    }))
}

/// The alias.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(app: &App, caller: &Caller, model: &ModelRef, name: &AliasName) -> Result<Alias> {
    let model_id = models::find(app, caller, model).await?.model.id;
    app.store
        .alias(model_id, name)
        .await
        .map_err(|error| Error::about(error, name.as_str()))
}

/// Points an alias to a revision of its model.
///
/// # Errors
/// [`Error::NotFound`] for the model or the revision, [`Error::PreconditionFailed`].
pub async fn set(
    app: &App,
    caller: &Caller,
    model: &ModelRef,
    name: &AliasName,
    target: AliasTarget,
    guard: Guard<'_, Option<Alias>>,
) -> Result<Alias> {
    caller.need(Scope::Writer)?;
    let model_id = models::find(app, caller, model).await?.model.id;
    let set = app
        .store
        .put_alias(app.clock.now(), model_id, name, target.revision, guard)
        .await;
    set.map_err(|error| Error::about(error, &target.revision.to_string()))
}

/// Removes an alias.
///
/// # Errors
/// [`Error::NotFound`], [`Error::PreconditionFailed`].
pub async fn delete(
    app: &App,
    caller: &Caller,
    model: &ModelRef,
    name: &AliasName,
    guard: Guard<'_, Option<Alias>>,
) -> Result<()> {
    caller.need(Scope::Writer)?;
    let model_id = models::find(app, caller, model).await?.model.id;
    app.store
        .delete_alias(model_id, name, guard)
        .await
        .map_err(|error| Error::about(error, name.as_str()))
}
