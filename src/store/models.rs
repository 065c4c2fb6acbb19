//! Models. A model's row is also the lock that deletions and aliases take, and that new revisions and jobs share.

use api::ids::{DataSetId, ModelId, ProjectId, RevisionId};
use api::models::{Model, ModelPatch};
use api::names::ModelName;
use api::page::{Page, PageRequest};
use api::time::Time;
use uuid::Uuid;

use super::database::{Connection, Store, Tx};
use super::error::{Error, Result};
use super::projects::Reach;
use super::row;
use super::sql::{Split, locked, sql};

/// How a request names a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelRef {
    /// By id.
    Id(ModelId),
    /// By name, in a project.
    Name(ProjectId, ModelName),
}

/// A model with what the API does not show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRecord {
    /// What the API shows.
    pub model: Model,
    /// The project's id.
    pub project_id: ProjectId,
}

#[derive(sqlx::FromRow)]
struct ModelRow {
    id: Uuid,
    project_id: Uuid,
    project: String,
    name: String,
    description: String,
    data_set_id: Option<Uuid>,
    revision_count: i64,
    latest_revision_id: Option<Uuid>,
    created_at: i64,
    updated_at: i64,
}

impl ModelRow {
    fn record(self) -> Result<ModelRecord> {
        Ok(ModelRecord {
            project_id: ProjectId(self.project_id),
            model: Model {
                id: ModelId(self.id),
                name: row::word("model name", &self.name)?,
                project: row::word("project name", &self.project)?,
                description: self.description,
                data_set_id: self.data_set_id.map(DataSetId),
                revision_count: row::count("revision count", self.revision_count)?,
                latest_revision_id: self.latest_revision_id.map(RevisionId),
                created_at: row::time(self.created_at)?,
                updated_at: row::time(self.updated_at)?,
            },
        })
    }
}

macro_rules! select_model {
    ($tail:literal) => {
        concat!(
            "select m.id, m.project_id, p.name as project, m.name, m.description, m.data_set_id, m.created_at, m.updated_at, \
             (select count(*) from revisions r where r.model_id = m.id and r.deleted_at is null) as revision_count, \
             (select r.id from revisions r where r.model_id = m.id and r.deleted_at is null order by r.id desc limit 1) \
             as latest_revision_id \
             from models m join projects p on p.id = m.project_id where m.deleted_at is null and ",
            $tail
        )
    };
}

async fn find(connection: &mut Connection, reach: Reach, model: &ModelRef) -> Result<ModelRecord> {
    let found = match model {
        ModelRef::Id(id) => sql!(
            optional ModelRow, connection,
            select_model!("m.id = $1 and ($2 is null or m.project_id = $2)");
            id.0, reach.project()
        )?,
        ModelRef::Name(project_id, name) => sql!(
            optional ModelRow, connection,
            select_model!("m.project_id = $1 and m.name = $2 and ($3 is null or m.project_id = $3)");
            project_id.0, name.as_str(), reach.project()
        )?,
    };
    found.ok_or(Error::NotFound { what: "model" })?.record()
}

impl Store {
    /// Makes a model.
    ///
    /// # Errors
    /// [`Error::NameTaken`] when the project has one of that name.
    pub async fn create_model(
        &self,
        now: Time,
        id: ModelId,
        project_id: ProjectId,
        name: &ModelName,
        description: &str,
    ) -> Result<ModelRecord> {
        let mut tx = self.begin().await?;
        let inserted = sql!(
            execute tx.connection,
            "insert into models (id, project_id, name, description, created_at, updated_at) \
             values ($1, $2, $3, $4, $5, $5) on conflict do nothing";
            id.0, project_id.0, name.as_str(), description, now.unix_ms()
        )?;
        if inserted == 0 {
            return Err(Error::NameTaken {
                what: "model",
                name: name.to_string(),
            });
        }
        let record = find(&mut tx.connection, Reach::All, &ModelRef::Id(id)).await?;
        tx.commit().await?;
        Ok(record)
    }

    /// The model.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none within reach.
    pub async fn model(&self, reach: Reach, model: &ModelRef) -> Result<ModelRecord> {
        find(&mut self.read().await?, reach, model).await
    }

    /// Models within reach, newest first; with `name`, the one of that name.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn models(
        &self,
        reach: Reach,
        name: Option<&ModelName>,
        page: PageRequest,
    ) -> Result<Page<Model>> {
        let mut connection = self.read().await?;
        let rows = sql!(
            all ModelRow, connection,
            select_model!(
                "($1 is null or m.project_id = $1) and ($2 is null or m.name = $2) and ($3 is null or m.id < $3) \
                 order by m.id desc limit $4"
            );
            reach.project(), name.map(ModelName::as_str), page.after.map(|cursor| cursor.0), super::page::fetch(page)
        )?;
        super::page::of(page, rows, |row| row.id, |row| Ok(row.record()?.model))
    }

    /// Changes what the patch names, if `expected` agrees with what is there now.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Precondition`] when `expected` says no, [`Error::NameTaken`].
    pub async fn update_model(
        &self,
        now: Time,
        reach: Reach,
        id: ModelId,
        patch: &ModelPatch,
        expected: impl FnOnce(&Model) -> bool + Send,
    ) -> Result<ModelRecord> {
        let mut tx = self.begin().await?;
        tx.lock_model(id).await?;
        let before = find(&mut tx.connection, reach, &ModelRef::Id(id)).await?;
        if !expected(&before.model) {
            return Err(Error::Precondition { what: "model" });
        }
        if let Some(name) = patch
            .name
            .as_ref()
            .filter(|name| **name != before.model.name)
        {
            let other = ModelRef::Name(before.project_id, name.clone());
            if find(&mut tx.connection, Reach::All, &other).await.is_ok() {
                return Err(Error::NameTaken {
                    what: "model",
                    name: name.to_string(),
                });
            }
        }
        let changed = sql!(
            execute tx.connection,
            "update models set name = coalesce($2, name), description = coalesce($3, description), updated_at = $4 where id = $1";
            id.0, patch.name.as_ref().map(ModelName::as_str), patch.description.as_deref(), now.unix_ms()
        );
        match changed {
            // Postgres only: somebody else took the name between the look and the write.
            Err(Error::Database { source, .. }) if super::error::is_unique_violation(&*source) => {
                let name = patch
                    .name
                    .as_ref()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                return Err(Error::NameTaken {
                    what: "model",
                    name,
                });
            }
            other => other?,
        };
        let after = find(&mut tx.connection, reach, &ModelRef::Id(id)).await?;
        tx.commit().await?;
        Ok(after)
    }

    /// Deletes a model with its revisions; their jobs and measurements stay.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Precondition`], [`Error::InUse`] while it has an alias or an unfinished job.
    pub async fn delete_model(
        &self,
        now: Time,
        reach: Reach,
        id: ModelId,
        expected: impl FnOnce(&Model) -> bool + Send,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock_model(id).await?;
        let before = find(&mut tx.connection, reach, &ModelRef::Id(id)).await?;
        if !expected(&before.model) {
            return Err(Error::Precondition { what: "model" });
        }
        tx.refuse_if_held("model", id, None).await?;
        for text in [
            "delete from revision_files where revision_id in (select id from revisions where model_id = $1)",
            "delete from revision_tags where revision_id in (select id from revisions where model_id = $1)",
        ] {
            let _deleted: u64 = sql!(execute tx.connection, text; id.0)?;
        }
        let _marked: u64 = sql!(
            execute tx.connection,
            "update revisions set deleted_at = $2, updated_at = $2 where model_id = $1 and deleted_at is null";
            id.0, now.unix_ms()
        )?;
        let _marked: u64 = sql!(
            execute tx.connection, "update models set deleted_at = $2, updated_at = $2 where id = $1"; id.0, now.unix_ms()
        )?;
        tx.commit().await
    }
}

impl Tx {
    /// Keeps the model from being deleted until the transaction ends; many may at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, or it was deleted.
    pub async fn hold_model(&mut self, id: ModelId) -> Result<()> {
        let found: Option<(Uuid,)> = sql!(
            optional (Uuid,), self.connection,
            Split {
                sqlite: "select id from models where id = $1 and deleted_at is null",
                postgres: "select id from models where id = $1 and deleted_at is null for key share",
            };
            id.0
        )?;
        found.map(|_| ()).ok_or(Error::NotFound { what: "model" })
    }

    /// Takes the model's lock until the transaction ends.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, or it was deleted.
    pub async fn lock_model(&mut self, id: ModelId) -> Result<()> {
        let found: Option<(Uuid,)> = sql!(
            optional (Uuid,), self.connection,
            locked!("models", "select id from models where id = $1 and deleted_at is null");
            id.0
        )?;
        found.map(|_| ()).ok_or(Error::NotFound { what: "model" })
    }

    /// Refuses to delete what an alias or an unfinished job of the model (or of one revision of it) holds.
    pub(super) async fn refuse_if_held(
        &mut self,
        what: &'static str,
        model_id: ModelId,
        revision_id: Option<RevisionId>,
    ) -> Result<()> {
        let revision_id = revision_id.map(|id| id.0);
        let alias: Option<(String,)> = sql!(
            optional (String,), self.connection,
            "select name from aliases where model_id = $1 and ($2 is null or revision_id = $2) limit 1";
            model_id.0, revision_id
        )?;
        if let Some((name,)) = alias {
            return Err(Error::InUse {
                what,
                by: format!("alias {name:?}"),
            });
        }
        let job: Option<(Uuid,)> = sql!(
            optional (Uuid,), self.connection,
            "select id from jobs where model_id = $1 and ($2 is null or revision_id = $2) \
             and state in ('queued', 'running') limit 1";
            model_id.0, revision_id
        )?;
        match job {
            Some((id,)) => Err(Error::InUse {
                what,
                by: format!("unfinished job {id}"),
            }),
            None => Ok(()),
        }
    }
}
