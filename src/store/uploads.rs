//! Uploads that can be resumed, and the pieces that have arrived.
//!
//! The one who writes to an upload holds its lock, which passes unless it is moved on; every write names the lock, so one
//! who lost it changes nothing.

use api::digest::Digest;
use api::ids::{ModelId, ProjectId, RevisionId, UploadId};
use api::page::{Page, PageRequest};
use api::revisions::Tags;
use api::time::Time;
use api::uploads::{Upload, UploadError};
use uuid::Uuid;

use super::database::{Connection, Store};
use super::error::{Error, Result};
use super::projects::Reach;
use super::row;
use super::sql::sql;

/// An upload that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUpload {
    /// Its id.
    pub id: UploadId,
    /// The project of its model.
    pub project_id: ProjectId,
    /// The model that gets the revision.
    pub model_id: ModelId,
    /// As the client calls the file.
    pub file_name: String,
    /// What the client said about it, as it said it.
    pub metadata: String,
    /// Tags of the revision.
    pub tags: Tags,
    /// SHA-256 of the whole, as the client knows it.
    pub digest: Option<Digest>,
    /// Bytes in all.
    pub size_bytes: u64,
    /// When it is forgotten.
    pub expires_at: Time,
}

/// An upload with what the API does not show.
#[derive(Debug, Clone, PartialEq)]
pub struct UploadRecord {
    /// What the API shows.
    pub upload: Upload,
    /// What the client said about it, as it said it.
    pub metadata: String,
}

/// The right to write to an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadLock {
    /// The upload.
    pub upload_id: UploadId,
    /// Nobody else has this.
    pub lock_id: Uuid,
}

/// A piece that has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadPart {
    /// Where it begins.
    pub offset_bytes: u64,
    /// Its length.
    pub size_bytes: u64,
    /// Names it in the object store.
    pub sha256: Digest,
}

#[derive(sqlx::FromRow)]
struct UploadRow {
    id: Uuid,
    model_id: Uuid,
    model: String,
    file_name: String,
    metadata: String,
    tags: String,
    promised_sha256: Option<Vec<u8>>,
    size_bytes: i64,
    offset_bytes: i64,
    state: String,
    revision_id: Option<Uuid>,
    error: Option<String>,
    created_at: i64,
    expires_at: i64,
}

impl UploadRow {
    fn record(self) -> Result<UploadRecord> {
        Ok(UploadRecord {
            metadata: self.metadata,
            upload: Upload {
                id: UploadId(self.id),
                model: row::word("model name", &self.model)?,
                model_id: ModelId(self.model_id),
                file_name: self.file_name,
                tags: row::json("tags", &self.tags)?,
                digest: self
                    .promised_sha256
                    .as_deref()
                    .map(row::digest)
                    .transpose()?,
                state: row::word("upload state", &self.state)?,
                offset_bytes: row::count("offset", self.offset_bytes)?,
                size_bytes: row::count("size", self.size_bytes)?,
                revision_id: self.revision_id.map(RevisionId),
                error: row::json_option("upload error", self.error.as_deref())?,
                created_at: row::time(self.created_at)?,
                expires_at: row::time(self.expires_at)?,
            },
        })
    }
}

macro_rules! select_upload {
    ($tail:literal) => {
        concat!(
            "select u.id, u.model_id, m.name as model, u.file_name, u.metadata, u.tags, u.promised_sha256, u.size_bytes, \
             u.offset_bytes, u.state, u.revision_id, u.error, u.created_at, u.expires_at \
             from uploads u join models m on m.id = u.model_id where ",
            $tail
        )
    };
}

async fn find(
    connection: &mut Connection,
    now: Time,
    reach: Reach,
    id: UploadId,
) -> Result<UploadRecord> {
    sql!(
        optional UploadRow, connection,
        select_upload!("u.id = $1 and ($2 is null or u.project_id = $2) and u.expires_at > $3");
        id.0, reach.project(), now.unix_ms()
    )?
    .ok_or(Error::NotFound { what: "upload" })?
    .record()
}

impl Store {
    /// Begins an upload.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn insert_upload(&self, now: Time, new: &NewUpload) -> Result<UploadRecord> {
        let mut tx = self.begin().await?;
        let _inserted: u64 = sql!(
            execute tx.connection,
            "insert into uploads (id, project_id, model_id, file_name, metadata, tags, promised_sha256, size_bytes, \
             offset_bytes, state, locked_until, created_at, expires_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, 0, 'receiving', 0, $9, $10)";
            new.id.0, new.project_id.0, new.model_id.0, new.file_name.as_str(), new.metadata.as_str(),
            row::to_json("tags", &new.tags)?, new.digest.map(|digest| digest.0.to_vec()),
            row::signed("size", new.size_bytes)?, now.unix_ms(), new.expires_at.unix_ms()
        )?;
        let record = find(&mut tx.connection, now, Reach::All, new.id).await?;
        tx.commit().await?;
        Ok(record)
    }

    /// An upload that has not expired.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none within reach.
    pub async fn upload(&self, now: Time, reach: Reach, id: UploadId) -> Result<UploadRecord> {
        find(&mut self.read().await?, now, reach, id).await
    }

    /// Uploads within reach that have not expired, newest first; with a digest, those of that body.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn uploads(
        &self,
        now: Time,
        reach: Reach,
        digest: Option<Digest>,
        page: PageRequest,
    ) -> Result<Page<Upload>> {
        let mut connection = self.read().await?;
        let rows = sql!(
            all UploadRow, connection,
            select_upload!(
                "($1 is null or u.project_id = $1) and ($2 is null or u.promised_sha256 = $2) and u.expires_at > $3 \
                 and ($4 is null or u.id < $4) order by u.id desc limit $5"
            );
            reach.project(), digest.map(|digest| digest.0.to_vec()), now.unix_ms(),
            page.after.map(|cursor| cursor.0), super::page::fetch(page)
        )?;
        super::page::of(page, rows, |row| row.id, |row| Ok(row.record()?.upload))
    }

    /// Takes the lock of an upload, if nobody has it; the upload as it is then.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::InUse`] while another writes.
    pub async fn lock_upload(
        &self,
        now: Time,
        until: Time,
        lock: UploadLock,
    ) -> Result<UploadRecord> {
        let mut tx = self.begin().await?;
        let locked = sql!(
            execute tx.connection,
            "update uploads set lock_id = $2, locked_until = $3 where id = $1 and locked_until <= $4";
            lock.upload_id.0, lock.lock_id, until.unix_ms(), now.unix_ms()
        )?;
        let record = find(&mut tx.connection, now, Reach::All, lock.upload_id).await?;
        if locked == 0 {
            return Err(Error::InUse {
                what: "upload",
                by: "another writer".to_owned(),
            });
        }
        tx.commit().await?;
        Ok(record)
    }

    /// Moves the lock on to `until`; false when it was lost. A moment that is past lets go of it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn keep_upload_lock(&self, lock: UploadLock, until: Time) -> Result<bool> {
        let mut tx = self.begin().await?;
        let kept = sql!(
            execute tx.connection, "update uploads set locked_until = $3 where id = $1 and lock_id = $2";
            lock.upload_id.0, lock.lock_id, until.unix_ms()
        )?;
        tx.commit().await?;
        Ok(kept > 0)
    }

    /// Counts pieces as arrived, the first of them beginning at the present offset.
    ///
    /// # Errors
    /// [`Error::InUse`] when the lock was lost.
    pub async fn add_upload_parts(
        &self,
        lock: UploadLock,
        until: Time,
        parts: &[UploadPart],
    ) -> Result<()> {
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
            return Ok(());
        };
        let mut tx = self.begin().await?;
        let moved = sql!(
            execute tx.connection,
            "update uploads set offset_bytes = $4, locked_until = $5 \
             where id = $1 and lock_id = $2 and offset_bytes = $3 and state = 'receiving'";
            lock.upload_id.0, lock.lock_id, row::signed("offset", first.offset_bytes)?,
            row::signed("offset", last.offset_bytes.saturating_add(last.size_bytes))?, until.unix_ms()
        )?;
        if moved == 0 {
            return Err(Error::InUse {
                what: "upload",
                by: "another writer".to_owned(),
            });
        }
        for part in parts {
            let _inserted: u64 = sql!(
                execute tx.connection,
                "insert into upload_parts (upload_id, offset_bytes, size_bytes, sha256) values ($1, $2, $3, $4)";
                lock.upload_id.0, row::signed("offset", part.offset_bytes)?,
                row::signed("size", part.size_bytes)?, part.sha256.0.to_vec()
            )?;
        }
        tx.commit().await
    }

    /// The pieces that have arrived, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn upload_parts(&self, id: UploadId) -> Result<Vec<UploadPart>> {
        let mut connection = self.read().await?;
        let rows: Vec<(i64, i64, Vec<u8>)> = sql!(
            all (i64, i64, Vec<u8>), connection,
            "select offset_bytes, size_bytes, sha256 from upload_parts where upload_id = $1 order by offset_bytes"; id.0
        )?;
        rows.into_iter()
            .map(|(offset_bytes, size_bytes, sha256)| {
                Ok(UploadPart {
                    offset_bytes: row::count("offset", offset_bytes)?,
                    size_bytes: row::count("size", size_bytes)?,
                    sha256: row::digest(&sha256)?,
                })
            })
            .collect()
    }

    /// Ends an upload: as a revision, or refused. Its pieces may be deleted then.
    ///
    /// # Errors
    /// [`Error::InUse`] when the lock was lost.
    pub async fn end_upload(
        &self,
        lock: UploadLock,
        outcome: std::result::Result<RevisionId, UploadError>,
    ) -> Result<()> {
        let (state, revision_id, error) = match outcome {
            Ok(id) => ("done", Some(id.0), None),
            Err(error) => ("failed", None, Some(row::to_json("upload error", &error)?)),
        };
        let mut tx = self.begin().await?;
        let ended = sql!(
            execute tx.connection,
            "update uploads set state = $3, revision_id = $4, error = $5, locked_until = 0 \
             where id = $1 and lock_id = $2 and state = 'receiving'";
            lock.upload_id.0, lock.lock_id, state, revision_id, error
        )?;
        if ended == 0 {
            return Err(Error::InUse {
                what: "upload",
                by: "another writer".to_owned(),
            });
        }
        let _forgotten: u64 = sql!(
            execute tx.connection, "delete from upload_parts where upload_id = $1"; lock.upload_id.0
        )?;
        tx.commit().await
    }

    /// Uploads whose time is over and that nobody writes to.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn expired_uploads(&self, now: Time, limit: u32) -> Result<Vec<UploadId>> {
        let mut connection = self.read().await?;
        let rows: Vec<(Uuid,)> = sql!(
            all (Uuid,), connection,
            "select id from uploads where expires_at <= $1 and locked_until <= $1 order by expires_at limit $2";
            now.unix_ms(), i64::from(limit)
        )?;
        Ok(rows.into_iter().map(|(id,)| UploadId(id)).collect())
    }

    /// Forgets an upload, unless somebody writes to it; its pieces may be deleted then.
    ///
    /// # Errors
    /// [`Error::InUse`] while somebody writes.
    pub async fn forget_upload(&self, now: Time, id: UploadId) -> Result<()> {
        let mut tx = self.begin().await?;
        let _locked: u64 = sql!(
            execute tx.connection,
            "update uploads set lock_id = null where id = $1 and locked_until <= $2"; id.0, now.unix_ms()
        )?;
        let _parts: u64 = sql!(
            execute tx.connection,
            "delete from upload_parts where upload_id = $1 \
             and exists (select 1 from uploads u where u.id = $1 and u.locked_until <= $2)"; id.0, now.unix_ms()
        )?;
        let forgotten = sql!(
            execute tx.connection, "delete from uploads where id = $1 and locked_until <= $2"; id.0, now.unix_ms()
        )?;
        if forgotten == 0 {
            return Err(Error::InUse {
                what: "upload",
                by: "a writer".to_owned(),
            });
        }
        tx.commit().await
    }

    /// Whether there is a row of this upload, expired or not.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn knows_upload(&self, id: UploadId) -> Result<bool> {
        let mut connection = self.read().await?;
        let found: Option<(i64,)> = sql!(
            optional (i64,), connection, "select size_bytes from uploads where id = $1"; id.0
        )?;
        Ok(found.is_some())
    }
}
