//! Revisions: inserted whole or not at all, at most one per digest in a model.

use api::digest::Digest;
use api::ids::{JobId, ModelId, ProjectId, RevisionId};
use api::inspection::Inspection;
use api::names::{TagKey, TagValue};
use api::page::{Page, PageRequest};
use api::report::RecipeEcho;
use api::revisions::{Revision, RevisionPatch, Tags};
use api::time::Time;
use uuid::Uuid;

use super::database::{Connection, Store, Tx};
use super::error::{Error, Result};
use super::files::RevisionFile;
use super::projects::Reach;
use super::row;
use super::sql::{locked, sql};

/// A package that was stored and shall become a revision.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRevision {
    /// The id it gets, unless the model has its digest already.
    pub id: RevisionId,
    /// The model.
    pub model_id: ModelId,
    /// Canonical digest.
    pub digest: Digest,
    /// Digest without what exporters draw at random.
    pub content_digest: Digest,
    /// `mlpackage` or `mlmodel`.
    pub kind: String,
    /// Sum of the files' lengths.
    pub size_bytes: u64,
    /// What it was made from.
    pub parent_id: Option<RevisionId>,
    /// The recipe that made it.
    pub recipe: Option<RecipeEcho>,
    /// The job that made it.
    pub job_id: Option<JobId>,
    /// Its tags.
    pub tags: Tags,
    /// Notes.
    pub notes: String,
    /// What is in it.
    pub inspection: Inspection,
    /// Its files, sorted bytewise by path; their objects are stored already.
    pub files: Vec<RevisionFile>,
    /// When the objects were announced with [`Store::want_objects`], by the same clock.
    pub wanted_at: Time,
}

/// A revision with what the API does not show.
#[derive(Debug, Clone, PartialEq)]
pub struct RevisionRecord {
    /// What the API shows.
    pub revision: Revision,
    /// The project's id.
    pub project_id: ProjectId,
    /// What the top folder of the download is called (without `.mlpackage`).
    pub package_name: String,
    /// When tags or notes last changed.
    pub updated_at: Time,
}

/// What became of an insertion.
#[derive(Debug, Clone, PartialEq)]
pub struct Inserted {
    /// The revision, new or found.
    pub record: RevisionRecord,
    /// Whether the model had this digest already; then nothing was written but missing tags.
    pub existed: bool,
}

/// Which revisions a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RevisionFilter {
    /// Of this model.
    pub model_id: Option<ModelId>,
    /// With this digest.
    pub digest: Option<Digest>,
    /// Made from this one.
    pub parent_id: Option<RevisionId>,
    /// With this tag.
    pub tag: Option<(TagKey, TagValue)>,
}

#[derive(sqlx::FromRow)]
struct RevisionRow {
    id: Uuid,
    project_id: Uuid,
    model_id: Uuid,
    model: String,
    digest: Vec<u8>,
    content_digest: Vec<u8>,
    same_content_as: Option<Uuid>,
    kind: String,
    package_name: String,
    size_bytes: i64,
    parent_id: Option<Uuid>,
    recipe: Option<String>,
    job_id: Option<Uuid>,
    tags: String,
    notes: String,
    created_at: i64,
    updated_at: i64,
}

impl RevisionRow {
    fn record(self) -> Result<RevisionRecord> {
        Ok(RevisionRecord {
            project_id: ProjectId(self.project_id),
            package_name: self.package_name,
            updated_at: row::time(self.updated_at)?,
            revision: Revision {
                id: RevisionId(self.id),
                model: row::word("model name", &self.model)?,
                model_id: ModelId(self.model_id),
                digest: row::digest(&self.digest)?,
                content_digest: row::digest(&self.content_digest)?,
                same_content_as: self.same_content_as.map(RevisionId),
                kind: self.kind,
                size_bytes: row::count("size", self.size_bytes)?,
                parent_id: self.parent_id.map(RevisionId),
                recipe: row::json_option("recipe", self.recipe.as_deref())?,
                job_id: self.job_id.map(JobId),
                tags: row::json("tags", &self.tags)?,
                notes: self.notes,
                created_at: row::time(self.created_at)?,
            },
        })
    }
}

macro_rules! select_revision {
    ($tail:literal) => {
        concat!(
            "select r.id, r.project_id, r.model_id, m.name as model, r.digest, r.content_digest, r.kind, r.package_name, \
             r.size_bytes, r.parent_id, r.recipe, r.job_id, r.tags, r.notes, r.created_at, r.updated_at, \
             (select e.id from revisions e where e.model_id = r.model_id and e.content_digest = r.content_digest \
             and e.deleted_at is null and e.id < r.id order by e.id limit 1) as same_content_as \
             from revisions r join models m on m.id = r.model_id where r.deleted_at is null and ",
            $tail
        )
    };
}

async fn find(connection: &mut Connection, reach: Reach, id: RevisionId) -> Result<RevisionRecord> {
    sql!(
        optional RevisionRow, connection,
        select_revision!("r.id = $1 and ($2 is null or r.project_id = $2)");
        id.0, reach.project()
    )?
    .ok_or(Error::NotFound { what: "revision" })?
    .record()
}

impl Store {
    /// Makes a revision of a stored package, or finds the one of the model with the same digest and adds the tags it lacks.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such model.
    pub async fn insert_revision(&self, now: Time, new: &NewRevision) -> Result<Inserted> {
        let mut tx = self.begin().await?;
        let inserted = tx.insert_revision(now, new).await?;
        tx.commit().await?;
        Ok(inserted)
    }

    /// The revision.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none within reach.
    pub async fn revision(&self, reach: Reach, id: RevisionId) -> Result<RevisionRecord> {
        find(&mut self.read().await?, reach, id).await
    }

    /// What is in the revision.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none within reach.
    pub async fn inspection(&self, reach: Reach, id: RevisionId) -> Result<Inspection> {
        let mut connection = self.read().await?;
        let found: Option<(String,)> = sql!(
            optional (String,), connection,
            "select inspection from revisions where deleted_at is null and id = $1 and ($2 is null or project_id = $2)";
            id.0, reach.project()
        )?;
        let (text,) = found.ok_or(Error::NotFound { what: "revision" })?;
        row::json("inspection", &text)
    }

    /// Revisions within reach, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn revisions(
        &self,
        reach: Reach,
        filter: &RevisionFilter,
        page: PageRequest,
    ) -> Result<Page<Revision>> {
        let mut connection = self.read().await?;
        let (key, value) = filter
            .tag
            .as_ref()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .unzip();
        let rows = sql!(
            all RevisionRow, connection,
            select_revision!(
                "($1 is null or r.project_id = $1) and ($2 is null or r.model_id = $2) and ($3 is null or r.digest = $3) \
                 and ($4 is null or r.parent_id = $4) and ($5 is null or exists (select 1 from revision_tags t \
                 where t.revision_id = r.id and t.key = $5 and t.value = $6)) and ($7 is null or r.id < $7) \
                 order by r.id desc limit $8"
            );
            reach.project(), filter.model_id.map(|id| id.0), filter.digest.map(|digest| digest.0.to_vec()),
            filter.parent_id.map(|id| id.0), key, value, page.after.map(|cursor| cursor.0), super::page::fetch(page)
        )?;
        super::page::of(page, rows, |row| row.id, |row| Ok(row.record()?.revision))
    }

    /// Changes what the patch names, if `expected` agrees with what is there now.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Precondition`] when `expected` says no.
    pub async fn update_revision(
        &self,
        now: Time,
        reach: Reach,
        id: RevisionId,
        patch: &RevisionPatch,
        expected: impl FnOnce(&Revision) -> bool + Send,
    ) -> Result<RevisionRecord> {
        let mut tx = self.begin().await?;
        tx.lock_revision(id).await?;
        let before = find(&mut tx.connection, reach, id).await?;
        if !expected(&before.revision) {
            return Err(Error::Precondition { what: "revision" });
        }
        if let Some(tags) = &patch.tags {
            tx.write_tags(id, tags).await?;
        }
        let _changed: u64 = sql!(
            execute tx.connection,
            "update revisions set notes = coalesce($2, notes), updated_at = $3 where id = $1";
            id.0, patch.notes.as_deref(), now.unix_ms()
        )?;
        let after = find(&mut tx.connection, reach, id).await?;
        tx.commit().await?;
        Ok(after)
    }

    /// Deletes a revision; its jobs and measurements stay, and what was made from it still names it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Precondition`], [`Error::InUse`] while an alias or an unfinished job holds it.
    pub async fn delete_revision(
        &self,
        now: Time,
        reach: Reach,
        id: RevisionId,
        expected: impl FnOnce(&Revision) -> bool + Send,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let before = find(&mut tx.connection, reach, id).await?;
        tx.lock_model(before.revision.model_id).await?;
        let before = find(&mut tx.connection, reach, id).await?;
        if !expected(&before.revision) {
            return Err(Error::Precondition { what: "revision" });
        }
        tx.refuse_if_held("revision", before.revision.model_id, Some(id))
            .await?;
        tx.touch_files(now, id).await?;
        for text in [
            "delete from revision_files where revision_id = $1",
            "delete from revision_tags where revision_id = $1",
        ] {
            let _deleted: u64 = sql!(execute tx.connection, text; id.0)?;
        }
        let _marked: u64 = sql!(
            execute tx.connection, "update revisions set deleted_at = $2, updated_at = $2 where id = $1"; id.0, now.unix_ms()
        )?;
        tx.commit().await
    }
}

impl Tx {
    /// As [`Store::insert_revision`], within a larger change.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such model.
    pub async fn insert_revision(&mut self, now: Time, new: &NewRevision) -> Result<Inserted> {
        self.hold_model(new.model_id).await?;
        if let Some(found) = self.revision_with(new).await? {
            return self.found_revision(now, found, &new.tags).await;
        }
        let inserted = sql!(
            execute self.connection,
            "insert into revisions (id, project_id, model_id, digest, content_digest, kind, package_name, size_bytes, \
             parent_id, recipe, job_id, tags, notes, inspection, created_at, updated_at) \
             select $1, m.project_id, m.id, $3, $4, $5, m.name, $6, $7, $8, $9, '{}', $10, $11, $12, $12 \
             from models m where m.id = $2 on conflict do nothing";
            new.id.0, new.model_id.0, new.digest.0.to_vec(), new.content_digest.0.to_vec(), new.kind.as_str(),
            row::signed("size", new.size_bytes)?, new.parent_id.map(|id| id.0),
            row::to_json_option("recipe", new.recipe.as_ref())?, new.job_id.map(|id| id.0), new.notes.as_str(),
            row::to_json("inspection", &new.inspection)?, now.unix_ms()
        )?;
        if inserted == 0 {
            // Postgres only: another transaction wrote the same digest since the look, and has committed.
            let found = self.revision_with(new).await?;
            let found = found.ok_or(Error::NotFound { what: "revision" })?;
            return self.found_revision(now, found, &new.tags).await;
        }
        if !new.tags.is_empty() {
            self.write_tags(new.id, &new.tags).await?;
        }
        self.insert_files(now, new.id, new.wanted_at, &new.files)
            .await?;
        let record = find(&mut self.connection, Reach::All, new.id).await?;
        Ok(Inserted {
            record,
            existed: false,
        })
    }

    /// The model's revision with that digest.
    async fn revision_with(&mut self, new: &NewRevision) -> Result<Option<RevisionRecord>> {
        sql!(
            optional RevisionRow, self.connection,
            select_revision!("r.model_id = $1 and r.digest = $2"); new.model_id.0, new.digest.0.to_vec()
        )?
        .map(RevisionRow::record)
        .transpose()
    }

    async fn found_revision(
        &mut self,
        now: Time,
        mut record: RevisionRecord,
        tags: &Tags,
    ) -> Result<Inserted> {
        let id = record.revision.id;
        if !tags.is_empty() {
            // Another may add tags of its own at the same time: each adds to what the other has written.
            self.lock_revision(id).await?;
            record = find(&mut self.connection, Reach::All, id).await?;
        }
        let mut merged = record.revision.tags.clone();
        for (key, value) in tags {
            merged.entry(key.clone()).or_insert_with(|| value.clone());
        }
        if merged != record.revision.tags {
            self.write_tags(id, &merged).await?;
            let _changed: u64 = sql!(
                execute self.connection, "update revisions set updated_at = $2 where id = $1"; id.0, now.unix_ms()
            )?;
            record = find(&mut self.connection, Reach::All, id).await?;
        }
        Ok(Inserted {
            record,
            existed: true,
        })
    }

    async fn write_tags(&mut self, id: RevisionId, tags: &Tags) -> Result<()> {
        let _deleted: u64 = sql!(execute self.connection, "delete from revision_tags where revision_id = $1"; id.0)?;
        for (key, value) in tags {
            let _inserted: u64 = sql!(
                execute self.connection,
                "insert into revision_tags (revision_id, key, value) values ($1, $2, $3)";
                id.0, key.as_str(), value.as_str()
            )?;
        }
        let _changed: u64 = sql!(
            execute self.connection,
            "update revisions set tags = $2 where id = $1"; id.0, row::to_json("tags", tags)?
        )?;
        Ok(())
    }

    /// Takes the revision's lock until the transaction ends.
    async fn lock_revision(&mut self, id: RevisionId) -> Result<()> {
        let found: Option<(Uuid,)> = sql!(
            optional (Uuid,), self.connection,
            locked!("revisions", "select id from revisions where id = $1 and deleted_at is null");
            id.0
        )?;
        found
            .map(|_| ())
            .ok_or(Error::NotFound { what: "revision" })
    }
}
