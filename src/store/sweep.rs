//! How objects go without a byte being lost that somebody is about to name.
//!
//! Who stores bytes first wants them ([`Store::want_objects`]): that counts as naming them now. The sweeper marks an object
//! that no file names and nobody wanted for the grace period, deletes the bytes, and then notes that they are gone. Who
//! wants a marked object waits for the end of that, and stores the bytes again; so nobody passes over a put because of
//! bytes that are about to go. A row that is to name an object is refused when the object is
//! marked, gone, or came again (`created_at`) since its own bytes were wanted. The mark of
//! a sweeper that died is anybody's after [`MARK_MS`], which is longer than a deletion can be on its way.

use api::digest::Digest;
use api::time::Time;

use super::database::Store;
use super::error::Result;
use super::row;
use super::sql::sql;

/// How long a mark holds; far longer than a request to the object store may take.
const MARK_MS: i64 = 10 * 60_000;
/// How long it is remembered that an object is gone: far longer than anything is on its way.
const GONE_MS: i64 = 30 * 24 * 3_600_000;

/// An object whose bytes may be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sweepable {
    /// Names the object.
    pub sha256: Digest,
    /// Its length.
    pub size_bytes: u64,
}

/// What became of the wish to store objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// They are safe for the grace period; store what is not there.
    Safe,
    /// One of them is being deleted at this moment: ask again.
    Deleting,
}

impl Store {
    /// Announces that these objects (name and length) are about to be stored and named.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn want_objects(&self, now: Time, objects: &[(Digest, u64)]) -> Result<Wanted> {
        let mut sorted = objects.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let mut tx = self.begin().await?;
        for (sha256, size_bytes) in sorted {
            let wanted = sql!(
                execute tx.connection,
                "insert into objects (sha256, size_bytes, created_at, referenced_at) values ($1, $2, $3, $3) \
                 on conflict (sha256) do update set referenced_at = excluded.referenced_at, \
                 created_at = case when objects.deleting_at is null then objects.created_at else excluded.created_at end, \
                 deleting_at = null, deleted_at = null \
                 where objects.deleting_at is null or objects.deleted_at is not null or objects.deleting_at <= $4";
                sha256.0.to_vec(), row::signed("size", size_bytes)?, now.unix_ms(), now.plus_ms(-MARK_MS).unix_ms()
            )?;
            if wanted == 0 {
                return Ok(Wanted::Deleting);
            }
        }
        tx.commit().await?;
        Ok(Wanted::Safe)
    }

    /// Objects that no file names and nobody wanted since `before`, behind `after` in the order of their names.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn sweepable(
        &self,
        now: Time,
        before: Time,
        after: Option<Digest>,
        limit: u32,
    ) -> Result<Vec<Sweepable>> {
        let mut connection = self.read().await?;
        let rows: Vec<(Vec<u8>, i64)> = sql!(
            all (Vec<u8>, i64), connection,
            "select o.sha256, o.size_bytes from objects o where o.referenced_at < $1 and o.deleted_at is null \
             and (o.deleting_at is null or o.deleting_at <= $2) and ($3 is null or o.sha256 > $3) \
             and not exists (select 1 from revision_files f where f.sha256 = o.sha256) order by o.sha256 limit $4";
            before.unix_ms(), now.plus_ms(-MARK_MS).unix_ms(), after.map(|digest| digest.0.to_vec()), i64::from(limit)
        )?;
        rows.into_iter()
            .map(|(sha256, size_bytes)| {
                Ok(Sweepable {
                    sha256: row::digest(&sha256)?,
                    size_bytes: row::count("size", size_bytes)?,
                })
            })
            .collect()
    }

    /// Marks an object, if still no file names it and nobody wanted it since `before`: then its bytes may be deleted.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin_deleting(&self, now: Time, before: Time, sha256: Digest) -> Result<bool> {
        let mut tx = self.begin().await?;
        let marked = sql!(
            execute tx.connection,
            "update objects set deleting_at = $2 where sha256 = $1 and referenced_at < $3 and deleted_at is null \
             and (deleting_at is null or deleting_at <= $4) \
             and not exists (select 1 from revision_files f where f.sha256 = objects.sha256)";
            sha256.0.to_vec(), now.unix_ms(), before.unix_ms(), now.plus_ms(-MARK_MS).unix_ms()
        )?;
        tx.commit().await?;
        Ok(marked > 0)
    }

    /// Marks bytes in the store that no row knows, as [`Self::begin_deleting`] does those that one knows. False where a row
    /// says that they are alive, or being deleted by another.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn begin_deleting_unknown(&self, now: Time, object: Sweepable) -> Result<bool> {
        let mut tx = self.begin().await?;
        let marked = sql!(
            execute tx.connection,
            "insert into objects (sha256, size_bytes, created_at, referenced_at, deleting_at) values ($1, $2, $3, $3, $3) \
             on conflict (sha256) do update set deleting_at = excluded.deleting_at, deleted_at = null \
             where objects.deleted_at is not null";
            object.sha256.0.to_vec(), row::signed("size", object.size_bytes)?, now.unix_ms()
        )?;
        tx.commit().await?;
        Ok(marked > 0)
    }

    /// Notes that the bytes are gone, if the mark of `marked` still holds.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn end_deleting(&self, now: Time, marked: Time, sha256: Digest) -> Result<()> {
        let mut tx = self.begin().await?;
        let _noted: u64 = sql!(
            execute tx.connection,
            "update objects set deleted_at = $3 where sha256 = $1 and deleting_at = $2 and deleted_at is null";
            sha256.0.to_vec(), marked.unix_ms(), now.unix_ms()
        )?;
        tx.commit().await
    }

    /// Forgets what is gone for long.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_deleted(&self, now: Time) -> Result<u64> {
        let mut tx = self.begin().await?;
        let forgotten = sql!(
            execute tx.connection, "delete from objects where deleted_at <= $1"; now.plus_ms(-GONE_MS).unix_ms()
        )?;
        tx.commit().await?;
        Ok(forgotten)
    }

    /// Whether a row says that the object is alive or being deleted: then its bytes are no stranger's.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn knows_object(&self, sha256: Digest) -> Result<bool> {
        let mut connection = self.read().await?;
        let found: Option<(i64,)> = sql!(
            optional (i64,), connection,
            "select size_bytes from objects where sha256 = $1 and deleted_at is null"; sha256.0.to_vec()
        )?;
        Ok(found.is_some())
    }
}
