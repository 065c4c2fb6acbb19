//! The files of a revision, and the objects that hold their bytes.
//!
//! An object's bytes are stored before any row names them. How objects that no file names go: [`super::sweep`].

use api::digest::Digest;
use api::ids::RevisionId;
use api::time::Time;

use super::database::{Connection, Store, Tx};
use super::error::{Error, Result};
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
}

impl Tx {
    /// Counts the objects of a revision that is about to go as named now, so that whoever reads them has the sweeper's grace.
    pub(super) async fn touch_files(&mut self, now: Time, id: RevisionId) -> Result<()> {
        let mut files = read_files(&mut self.connection, id).await?;
        files.sort_by_key(|file| file.sha256);
        for file in files {
            let _touched: u64 = sql!(
                execute self.connection, "update objects set referenced_at = $2 where sha256 = $1";
                file.sha256.0.to_vec(), now.unix_ms()
            )?;
        }
        Ok(())
    }

    /// Writes the rows of a new revision's files and of their objects. Objects are locked in the order of their names, so
    /// that two uploads that share some cannot wait for each other.
    pub(super) async fn insert_files(
        &mut self,
        now: Time,
        id: RevisionId,
        wanted_at: Time,
        files: &[RevisionFile],
    ) -> Result<()> {
        let mut objects: Vec<&RevisionFile> = files.iter().collect();
        objects.sort_by_key(|file| file.sha256);
        objects.dedup_by_key(|file| file.sha256);
        for object in objects {
            let named = sql!(
                execute self.connection,
                "insert into objects (sha256, size_bytes, created_at, referenced_at) values ($1, $2, $4, $3) \
                 on conflict (sha256) do update set referenced_at = excluded.referenced_at \
                 where objects.deleting_at is null and objects.created_at <= $4";
                object.sha256.0.to_vec(), row::signed("size", object.size_bytes)?, now.unix_ms(), wanted_at.unix_ms()
            )?;
            if named == 0 {
                return Err(Error::swept(object.sha256));
            }
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
