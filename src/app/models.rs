//! Models: making, finding, changing, deleting.

use std::str::FromStr;

use api::ids::{ModelId, ProjectId};
use api::models::{Model, ModelPatch, NewModel};
use api::names::{InvalidName, ModelName, ProjectName};
use api::page::{Page, PageRequest};
use api::projects::DEFAULT_PROJECT;
use api::tokens::Scope;

use super::access::{Caller, Guard};
use super::error::{Error, Result};
use super::service::App;
use crate::store::{self, Reach};

/// Longest description, in bytes.
const DESCRIPTION_MAX_BYTES: usize = 10_000;

/// A model as a path or a query names it: by id, or by its name in the caller's project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelRef {
    /// By id.
    Id(ModelId),
    /// By name.
    Name(ModelName),
}

impl FromStr for ModelRef {
    type Err = InvalidName;

    fn from_str(text: &str) -> std::result::Result<Self, InvalidName> {
        text.parse()
            .map(Self::Id)
            .or_else(|_| text.parse().map(Self::Name))
    }
}

impl std::fmt::Display for ModelRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

/// Which models a list shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those of this project.
    pub project: Option<ProjectName>,
    /// The one of this name.
    pub name: Option<ModelName>,
}

/// Makes a model.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NameTaken`], [`Error::NotFound`] for a project out of reach.
pub async fn create(app: &App, caller: &Caller, new: NewModel) -> Result<Model> {
    caller.need(Scope::Writer)?;
    described(&new.description)?;
    let project = project(app, caller, new.project.as_ref()).await?;
    let (now, id) = (app.clock.now(), ModelId(app.ids.uuid()));
    Ok(app
        .store
        .create_model(now, id, project, &new.name, &new.description)
        .await?
        .model)
}

/// Models in reach, newest first.
///
/// # Errors
/// [`Error::NotFound`] for a project out of reach.
pub async fn list(
    app: &App,
    caller: &Caller,
    filter: Filter,
    page: PageRequest,
) -> Result<Page<Model>> {
    let reach = match &filter.project {
        Some(_) => Reach::Project(project(app, caller, filter.project.as_ref()).await?),
        None => caller.reach,
    };
    Ok(app.store.models(reach, filter.name.as_ref(), page).await?)
}

/// The model.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(app: &App, caller: &Caller, model: &ModelRef) -> Result<Model> {
    Ok(find(app, caller, model).await?.model)
}

/// Renames or describes a model.
///
/// # Errors
/// [`Error::NotFound`], [`Error::PreconditionFailed`], [`Error::NameTaken`].
pub async fn update(
    app: &App,
    caller: &Caller,
    model: &ModelRef,
    patch: ModelPatch,
    guard: Guard<'_, Model>,
) -> Result<Model> {
    caller.need(Scope::Writer)?;
    described(patch.description.as_deref().unwrap_or_default())?;
    let id = find(app, caller, model).await?.model.id;
    let changed = app
        .store
        .update_model(app.clock.now(), caller.reach, id, &patch, guard)
        .await?;
    Ok(changed.model)
}

/// Deletes a model with its revisions.
///
/// # Errors
/// [`Error::NotFound`], [`Error::PreconditionFailed`], [`Error::InUse`].
pub async fn delete(
    app: &App,
    caller: &Caller,
    model: &ModelRef,
    guard: Guard<'_, Model>,
) -> Result<()> {
    caller.need(Scope::Writer)?;
    let id = find(app, caller, model).await?.model.id;
    Ok(app
        .store
        .delete_model(app.clock.now(), caller.reach, id, guard)
        .await?)
}

/// The model with what the API does not show.
pub(super) async fn find(
    app: &App,
    caller: &Caller,
    model: &ModelRef,
) -> Result<store::ModelRecord> {
    let named = match model {
        ModelRef::Id(id) => store::ModelRef::Id(*id),
        ModelRef::Name(name) => {
            store::ModelRef::Name(project(app, caller, None).await?, name.clone())
        }
    };
    app.store
        .model(caller.reach, &named)
        .await
        .map_err(|error| Error::about(error, &model.to_string()))
}

/// The project that is named, else the caller's own, else the default one.
pub(super) async fn project(
    app: &App,
    caller: &Caller,
    named: Option<&ProjectName>,
) -> Result<ProjectId> {
    let name = match (named, caller.reach) {
        (Some(name), _) => name.clone(),
        (None, Reach::Project(id)) => return Ok(id),
        (None, Reach::All) => default_project()?,
    };
    match app.store.project_by_name(caller.reach, &name).await {
        Ok(project) => Ok(project.id),
        Err(error) => Err(Error::about(error, name.as_str())),
    }
}

/// The name of the project that always exists.
pub(super) fn default_project() -> Result<ProjectName> {
    DEFAULT_PROJECT
        .parse()
        .map_err(|error: InvalidName| Error::internal("naming the default project", error))
}

fn described(description: &str) -> Result<()> {
    if description.len() > DESCRIPTION_MAX_BYTES {
        return Err(Error::bad_field(
            "/description",
            format!("is longer than {DESCRIPTION_MAX_BYTES} bytes"),
        ));
    }
    Ok(())
}
