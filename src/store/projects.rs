//! Projects, and what a caller may reach.

use api::ids::ProjectId;
use api::names::ProjectName;
use api::projects::Project;
use api::time::Time;
use uuid::Uuid;

use super::database::{Store, Tx};
use super::error::{Error, Result};
use super::row;
use super::sql::sql;

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
