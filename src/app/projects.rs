//! Projects: making, finding, renaming. A token of one project sees that one alone.

use std::str::FromStr;

use api::ids::ProjectId;
use api::names::{InvalidName, ProjectName};
use api::page::{Page, PageRequest};
use api::projects::{DEFAULT_PROJECT, NewProject, Project, ProjectPatch};
use api::tokens::Scope;

use super::access::{Caller, Guard};
use super::error::{Error, Result};
use super::service::App;
use crate::store::Reach;

/// A project as a path names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProjectRef {
    /// By id.
    Id(ProjectId),
    /// By name.
    Name(ProjectName),
}

impl FromStr for ProjectRef {
    type Err = InvalidName;

    fn from_str(text: &str) -> std::result::Result<Self, InvalidName> {
        text.parse()
            .map(Self::Id)
            .or_else(|_| text.parse().map(Self::Name))
    }
}

/// Makes a project.
///
/// # Errors
/// [`Error::Forbidden`] unless the caller is an administrator of all, [`Error::NameTaken`].
pub async fn create(app: &App, caller: &Caller, new: NewProject) -> Result<Project> {
    everywhere(caller)?;
    let id = ProjectId(app.ids.uuid());
    Ok(app
        .store
        .create_project(app.clock.now(), id, &new.name)
        .await?)
}

/// Projects in reach, newest first.
///
/// # Errors
/// Those of the database.
pub async fn list(
    app: &App,
    caller: &Caller,
    name: Option<ProjectName>,
    page: PageRequest,
) -> Result<Page<Project>> {
    Ok(app
        .store
        .projects(caller.reach, name.as_ref(), page)
        .await?)
}

/// The project.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(app: &App, caller: &Caller, project: &ProjectRef) -> Result<Project> {
    match project {
        ProjectRef::Id(id) => {
            let not_found = || Error::not_found("project", id.to_string());
            if caller.reach != Reach::All && caller.reach != Reach::Project(*id) {
                return Err(not_found());
            }
            let found = app.store.project(*id).await;
            found.map_err(|error| Error::about(error, &id.to_string()))
        }
        ProjectRef::Name(name) => {
            let found = app.store.project_by_name(caller.reach, name).await;
            found.map_err(|error| Error::about(error, name.as_str()))
        }
    }
}

/// Renames a project; `default` keeps its name, since every start looks for it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Forbidden`], [`Error::PreconditionFailed`], [`Error::NameTaken`], [`Error::InUse`].
pub async fn update(
    app: &App,
    caller: &Caller,
    project: &ProjectRef,
    patch: ProjectPatch,
    guard: Guard<'_, Project>,
) -> Result<Project> {
    let present = get(app, caller, project).await?;
    everywhere(caller)?;
    let name = patch.name.unwrap_or_else(|| present.name.clone());
    if present.name.as_str() == DEFAULT_PROJECT && name != present.name {
        let detail = format!("the project `{DEFAULT_PROJECT}` keeps its name");
        return Err(Error::InUse { detail });
    }
    let renamed = app.store.rename_project(present.id, &name, guard).await;
    Ok(renamed?)
}

/// Refuses all but administrators of all projects.
fn everywhere(caller: &Caller) -> Result<()> {
    caller.need(Scope::Admin)?;
    match caller.reach {
        Reach::All => Ok(()),
        Reach::Project(_) => Err(Error::Forbidden {
            needed: "admin of all projects",
            held: "admin of one",
        }),
    }
}
