//! Aliases: movable names for a revision of a model.

use api::aliases::Alias;
use api::ids::{ModelId, RevisionId};
use api::names::AliasName;
use api::time::Time;
use uuid::Uuid;

use super::database::{Connection, Store};
use super::error::{Error, Result};
use super::row;
use super::sql::{Split, sql};

#[derive(sqlx::FromRow)]
struct AliasRow {
    name: String,
    model: String,
    revision_id: Uuid,
    updated_at: i64,
}

impl AliasRow {
    fn alias(self) -> Result<Alias> {
        Ok(Alias {
            name: row::word("alias name", &self.name)?,
            model: row::word("model name", &self.model)?,
            revision_id: RevisionId(self.revision_id),
            updated_at: row::time(self.updated_at)?,
        })
    }
}

macro_rules! select_alias {
    ($tail:literal) => {
        concat!(
            "select a.name, m.name as model, a.revision_id, a.updated_at \
             from aliases a join models m on m.id = a.model_id where m.deleted_at is null and ",
            $tail
        )
    };
}

async fn find(connection: &mut Connection, model_id: ModelId, name: &AliasName) -> Result<Alias> {
    sql!(
        optional AliasRow, connection,
        select_alias!("a.model_id = $1 and a.name = $2");
        model_id.0, name.as_str()
    )?
    .ok_or(Error::NotFound { what: "alias" })?
    .alias()
}

/// Asks `expected` about the alias as it is; the model is locked, so that it stays so.
async fn check(
    connection: &mut Connection,
    model_id: ModelId,
    name: &AliasName,
    expected: impl FnOnce(&Option<Alias>) -> bool + Send,
) -> Result<()> {
    let present = match find(connection, model_id, name).await {
        Ok(alias) => Some(alias),
        Err(Error::NotFound { .. }) => None,
        Err(other) => return Err(other),
    };
    if expected(&present) {
        Ok(())
    } else {
        Err(Error::Precondition { what: "alias" })
    }
}

impl Store {
    /// Points the alias to a revision of the model; makes it when it is missing.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such model, or the revision is not one of it; [`Error::Precondition`] when
    /// `expected` says no to what the alias is now.
    pub async fn put_alias(
        &self,
        now: Time,
        model_id: ModelId,
        name: &AliasName,
        revision_id: RevisionId,
        expected: impl FnOnce(&Option<Alias>) -> bool + Send,
    ) -> Result<Alias> {
        let mut tx = self.begin().await?;
        tx.lock_model(model_id).await?;
        check(&mut tx.connection, model_id, name, expected).await?;
        let revision: Option<(Uuid,)> = sql!(
            optional (Uuid,), tx.connection,
            "select id from revisions where id = $1 and model_id = $2 and deleted_at is null";
            revision_id.0, model_id.0
        )?;
        if revision.is_none() {
            return Err(Error::NotFound { what: "revision" });
        }
        let _upserted: u64 = sql!(
            execute tx.connection,
            "insert into aliases (model_id, name, revision_id, updated_at) values ($1, $2, $3, $4) \
             on conflict (model_id, name) do update set revision_id = excluded.revision_id, updated_at = excluded.updated_at";
            model_id.0, name.as_str(), revision_id.0, now.unix_ms()
        )?;
        let alias = find(&mut tx.connection, model_id, name).await?;
        tx.commit().await?;
        Ok(alias)
    }

    /// The alias.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the model has none of that name.
    pub async fn alias(&self, model_id: ModelId, name: &AliasName) -> Result<Alias> {
        find(&mut self.read().await?, model_id, name).await
    }

    /// Aliases of a model behind a name, by name.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn aliases(
        &self,
        model_id: ModelId,
        after: Option<&AliasName>,
        limit: u32,
    ) -> Result<Vec<Alias>> {
        let mut connection = self.read().await?;
        // Bytewise on both: Postgres would follow the language of the database.
        sql!(
            all AliasRow, connection,
            Split {
                sqlite: select_alias!("a.model_id = $1 and ($2 is null or a.name > $2) order by a.name limit $3"),
                postgres: select_alias!(
                    "a.model_id = $1 and ($2 is null or a.name collate \"C\" > $2) order by a.name collate \"C\" limit $3"
                ),
            };
            model_id.0, after.map(AliasName::as_str), i64::from(limit)
        )?
            .into_iter()
            .map(AliasRow::alias)
            .collect()
    }

    /// Deletes the alias.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the model has none of that name.
    pub async fn delete_alias(
        &self,
        model_id: ModelId,
        name: &AliasName,
        expected: impl FnOnce(&Option<Alias>) -> bool + Send,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.lock_model(model_id).await?;
        check(&mut tx.connection, model_id, name, expected).await?;
        let deleted = sql!(
            execute tx.connection, "delete from aliases where model_id = $1 and name = $2"; model_id.0, name.as_str()
        )?;
        tx.commit().await?;
        if deleted == 0 {
            Err(Error::NotFound { what: "alias" })
        } else {
            Ok(())
        }
    }
}
