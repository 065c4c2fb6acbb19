//! Projects, and what a caller may reach.

use api::ids::ProjectId;
use api::names::ProjectName;
use api::page::{Page, PageRequest};
use api::projects::Project;
use api::time::Time;
use uuid::Uuid;

use super::database::{Store, Tx};
use super::error::{Error, Result};
use super::row;
use super::sql::{locked, sql};

/// What a caller may see: everything, or one project. What is outside does not exist for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All projects.
    All,
    /// One project.
    Project(ProjectId),
}

impl Reach {
    /// For `($1 is null or project_id = $1)`.
    pub(super) fn project(self) -> Option<Uuid> {
        match self {
            Self::All => None,
            Self::Project(id) => Some(id.0),
        }
    }
}

#[derive(sqlx::FromRow)]
struct ProjectRow {
    id: Uuid,
    name: String,
    created_at: i64,
}

impl ProjectRow {
    fn project(self) -> Result<Project> {
        Ok(Project {
            id: ProjectId(self.id),
            name: row::word("project name", &self.name)?,
            created_at: row::time(self.created_at)?,
        })
    }
}

impl Store {
    /// The project of that name, made when it is missing.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn ensure_project(
        &self,
        now: Time,
        id: ProjectId,
        name: &ProjectName,
    ) -> Result<Project> {
        let mut tx = self.begin().await?;
        let _inserted: u64 = sql!(
            execute tx.connection,
            "insert into projects (id, name, created_at) values ($1, $2, $3) on conflict (name) do nothing";
            id.0, name.as_str(), now.unix_ms()
        )?;
        tx.commit().await?;
        self.project_by_name(Reach::All, name).await
    }

    /// The project of that name.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none within reach.
    pub async fn project_by_name(&self, reach: Reach, name: &ProjectName) -> Result<Project> {
        let mut connection = self.read().await?;
        sql!(
            optional ProjectRow, connection,
            "select id, name, created_at from projects where name = $1 and ($2 is null or id = $2)";
            name.as_str(), reach.project()
        )?
        .ok_or(Error::NotFound { what: "project" })?
        .project()
    }

    /// The project with that id.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none.
    pub async fn project(&self, id: ProjectId) -> Result<Project> {
        let mut connection = self.read().await?;
        sql!(optional ProjectRow, connection, "select id, name, created_at from projects where id = $1"; id.0)?
            .ok_or(Error::NotFound { what: "project" })?
            .project()
    }
}

impl Store {
    /// Makes a project.
    ///
    /// # Errors
    /// [`Error::NameTaken`].
    pub async fn create_project(
        &self,
        now: Time,
        id: ProjectId,
        name: &ProjectName,
    ) -> Result<Project> {
        let mut tx = self.begin().await?;
        let inserted = sql!(
            execute tx.connection,
            "insert into projects (id, name, created_at) values ($1, $2, $3) on conflict do nothing";
            id.0, name.as_str(), now.unix_ms()
        )?;
        if inserted == 0 {
            return Err(taken(name));
        }
        tx.commit().await?;
        self.project(id).await
    }

    /// Projects within reach, newest first; with `name`, the one of that name.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn projects(
        &self,
        reach: Reach,
        name: Option<&ProjectName>,
        page: PageRequest,
    ) -> Result<Page<Project>> {
        let mut connection = self.read().await?;
        let rows = sql!(
            all ProjectRow, connection,
            "select id, name, created_at from projects where ($1 is null or id = $1) and ($2 is null or name = $2) \
             and ($3 is null or id < $3) order by id desc limit $4";
            reach.project(), name.map(ProjectName::as_str), page.after.map(|cursor| cursor.0), super::page::fetch(page)
        )?;
        super::page::of(page, rows, |row| row.id, ProjectRow::project)
    }

    /// Renames a project, if `expected` agrees with what is there now.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Precondition`], [`Error::NameTaken`].
    pub async fn rename_project(
        &self,
        id: ProjectId,
        name: &ProjectName,
        expected: impl FnOnce(&Project) -> bool + Send,
    ) -> Result<Project> {
        let mut tx = self.begin().await?;
        let before: Option<ProjectRow> = sql!(
            optional ProjectRow, tx.connection,
            locked!("p", "select p.id, p.name, p.created_at from projects p where p.id = $1"); id.0
        )?;
        let before = before
            .ok_or(Error::NotFound { what: "project" })?
            .project()?;
        if !expected(&before) {
            return Err(Error::Precondition { what: "project" });
        }
        let renamed = sql!(
            execute tx.connection, "update projects set name = $2 where id = $1"; id.0, name.as_str()
        );
        match renamed {
            Err(Error::Database { source, .. }) if super::error::is_unique_violation(&*source) => {
                return Err(taken(name));
            }
            other => other.map(drop)?,
        }
        tx.commit().await?;
        self.project(id).await
    }
}

fn taken(name: &ProjectName) -> Error {
    Error::NameTaken {
        what: "project",
        name: name.to_string(),
    }
}

impl Tx {
    /// Whether anything is there yet: false in a database that was never started on.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn has_projects(&mut self) -> Result<bool> {
        let found: Option<(String,)> = sql!(
            optional(String,),
            self.connection,
            "select name from projects limit 1"
        )?;
        Ok(found.is_some())
    }
}
