//! `/projects`: units of access.

use std::sync::Arc;

use api::page::Page;
use api::projects::{NewProject, Project, ProjectPatch};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use crate::app::projects::{self, ProjectRef};
use crate::app::{App, Caller};
use crate::http::answer::{self, Answer};
use crate::http::documented::{Listing, Reading, Writing};
use crate::http::extract::{At, Json, NoParams, Params};
use crate::http::router::BASE;

/// Makes a project. For administrators of all.
#[utoipa::path(post, path = "/projects", tag = "projects", operation_id = "create_project", request_body = NewProject,
    responses((status = 201, body = Project, headers(("location" = String), ("etag" = String))), Writing))]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    Json(new): Json<NewProject>,
) -> Answer {
    let project = projects::create(&app, &caller, new).await?;
    let location = format!("{BASE}/projects/{}", project.id);
    answer::located(StatusCode::CREATED, &location, &project)
}

/// Lists the projects that the token reaches, newest first.
#[utoipa::path(get, path = "/projects", tag = "projects", operation_id = "list_projects",
    params(Listing, ("name" = Option<String>, Query)),
    responses((status = 200, body = Page<Project>), Reading))]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    mut params: Params,
) -> Answer {
    let name = params.take("name")?;
    let page = params.take_page()?;
    params.finish()?;
    answer::plain(&projects::list(&app, &caller, name, page).await?)
}

/// One project, by id or name.
#[utoipa::path(get, path = "/projects/{project}", tag = "projects", operation_id = "get_project",
    params(("project" = String, Path, description = "id or name")),
    responses((status = 200, body = Project, headers(("etag" = String))), (status = 304), Reading))]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At(project): At<ProjectRef>,
    headers: HeaderMap,
) -> Answer {
    answer::one(&headers, &projects::get(&app, &caller, &project).await?)
}

/// Renames a project. For administrators of all; `default` keeps its name.
#[utoipa::path(patch, path = "/projects/{project}", tag = "projects", operation_id = "update_project",
    params(("project" = String, Path, description = "id or name"), ("if-match" = Option<String>, Header)),
    request_body = ProjectPatch,
    responses((status = 200, body = Project, headers(("etag" = String))), Writing))]
pub(crate) async fn update(
    State(app): State<Arc<App>>,
    caller: Caller,
    _: NoParams,
    At(project): At<ProjectRef>,
    headers: HeaderMap,
    Json(patch): Json<ProjectPatch>,
) -> Answer {
    let guard = answer::guard(&headers);
    answer::changed(&projects::update(&app, &caller, &project, patch, &guard).await?)
}
