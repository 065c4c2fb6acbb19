//! Aliases: pointing names to revisions.

use api::aliases::{Alias, AliasTarget};
use api::names::AliasName;
use api::page::Page;
use api::tokens::Scope;

use super::access::{Caller, Guard};
use super::error::{Error, Result};
use super::models::{self, ModelRef};
use super::service::App;

/// All aliases of a model, by name.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn list(app: &App, caller: &Caller, model: &ModelRef) -> Result<Page<Alias>> {
    let model_id = models::find(app, caller, model).await?.model.id;
    Ok(Page {
        items: app.store.aliases(model_id).await?,
        next_cursor: None,
    })
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
    check(app, caller, model, name, guard).await?;
    let set = app
        .store
        .put_alias(app.clock.now(), model_id, name, target.revision)
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
    check(app, caller, model, name, guard).await?;
    app.store
        .delete_alias(model_id, name)
        .await
        .map_err(|error| Error::about(error, name.as_str()))
}

/// An alias that does not exist has no tag, so that `If-Match` refuses to make one.
async fn check(
    app: &App,
    caller: &Caller,
    model: &ModelRef,
    name: &AliasName,
    guard: Guard<'_, Option<Alias>>,
) -> Result<()> {
    let present = match get(app, caller, model, name).await {
        Ok(alias) => Some(alias),
        Err(Error::NotFound { .. }) => None,
        Err(other) => return Err(other),
    };
    if guard(&present) {
        Ok(())
    } else {
        Err(Error::PreconditionFailed { what: "alias" })
    }
}
