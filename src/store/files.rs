//! The files of a revision, and the objects that hold their bytes.
//!
//! An object's bytes are stored before any row names them. Objects that no file names may be swept after a while; the
//! sweeper itself belongs to `queue`, the bytes to `objects`.

use api::digest::Digest;
use api::ids::RevisionId;
use api::time::Time;

use super::database::{Connection, Store, Tx};
use super::error::Result;
use super::row;
use super::sql::sql;

/// A file of a revision: what the zip of a download is computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionFile {
    /// Path within the package, `/`-separated.
    pub path: String,
    /// Names the object.
    pub sha256: Digest,
    /// Its length.
    pub size_bytes: u64,
    /// CRC-32 as zip uses it.
    pub crc32: u32,
}

/// An object that no revision names any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepCandidate {
    /// Names the object.
    pub sha256: Digest,
    /// Its length.
    pub size_bytes: u64,
}

#[derive(sqlx::FromRow)]
struct FileRow {
    path: String,
    sha256: Vec<u8>,
    size_bytes: i64,
    crc32: i64,
}

impl FileRow {
    fn file(self) -> Result<RevisionFile> {
        Ok(RevisionFile {
            path: self.path,
            sha256: row::digest(&self.sha256)?,
            size_bytes: row::count("size", self.size_bytes)?,
            crc32: row::count("CRC-32", self.crc32)?,
        })
    }
}

pub(super) async fn read_files(
    connection: &mut Connection,
    id: RevisionId,
) -> Result<Vec<RevisionFile>> {
    sql!(
        all FileRow, connection,
        "select path, sha256, size_bytes, crc32 from revision_files where revision_id = $1 order by ordinal";
        id.0
    )?
    .into_iter()
    .map(FileRow::file)
    .collect()
}

impl Store {
    /// The files of a revision in the order of the package (bytewise by path).
    ///
    /// # Errors
    /// Those of the database. Empty when there is no such revision.
    pub async fn revision_files(&self, id: RevisionId) -> Result<Vec<RevisionFile>> {
        read_files(&mut self.read().await?, id).await
    }

    /// Objects that no revision names and none named since `before`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn sweep_candidates(&self, before: Time, limit: u32) -> Result<Vec<SweepCandidate>> {
        let mut connection = self.read().await?;
        let rows: Vec<(Vec<u8>, i64)> = sql!(
            all (Vec<u8>, i64), connection,
            "select o.sha256, o.size_bytes from objects o where o.referenced_at < $1 \
             and not exists (select 1 from revision_files f where f.sha256 = o.sha256) order by o.sha256 limit $2";
            before.unix_ms(), i64::from(limit)
        )?;
        rows.into_iter()
            .map(|(sha256, size_bytes)| {
                Ok(SweepCandidate {
                    sha256: row::digest(&sha256)?,
                    size_bytes: row::count("size", size_bytes)?,
                })
            })
            .collect()
    }

    /// Forgets an object, if still nothing named it since `before`; the bytes may be deleted then. False when it is in use.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_object(&self, sha256: Digest, before: Time) -> Result<bool> {
        let mut tx = self.begin().await?;
        let deleted = sql!(
            execute tx.connection,
            "delete from objects where sha256 = $1 and referenced_at < $2 \
             and not exists (select 1 from revision_files f where f.sha256 = objects.sha256)";
            sha256.0.to_vec(), before.unix_ms()
        )?;
        tx.commit().await?;
        Ok(deleted > 0)
    }
}

impl Tx {
    /// Writes the rows of a new revision's files and of their objects. Objects are locked in the order of their names, so
    /// that two uploads that share some cannot wait for each other.
    pub(super) async fn insert_files(
        &mut self,
        now: Time,
        id: RevisionId,
        files: &[RevisionFile],
    ) -> Result<()> {
        let mut objects: Vec<&RevisionFile> = files.iter().collect();
        objects.sort_by_key(|file| file.sha256);
        objects.dedup_by_key(|file| file.sha256);
        for object in objects {
            let _upserted: u64 = sql!(
                execute self.connection,
                "insert into objects (sha256, size_bytes, created_at, referenced_at) values ($1, $2, $3, $3) \
                 on conflict (sha256) do update set referenced_at = excluded.referenced_at";
                object.sha256.0.to_vec(), row::signed("size", object.size_bytes)?, now.unix_ms()
            )?;
        }
        for (ordinal, file) in (0_i64..).zip(files) {
            let _inserted: u64 = sql!(
                execute self.connection,
                "insert into revision_files (revision_id, ordinal, path, sha256, size_bytes, crc32) \
                 values ($1, $2, $3, $4, $5, $6)";
                id.0, ordinal, file.path.as_str(), file.sha256.0.to_vec(),
                row::signed("size", file.size_bytes)?, i64::from(file.crc32)
            )?;
        }
        Ok(())
    }
}
