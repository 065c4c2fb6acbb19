//! Idempotency keys: the same key and body get the same answer for a day.
//!
//! What becomes a job keeps its key in the job's transaction; what takes longer (an upload) holds the key while it runs.

use api::digest::Digest;
use api::time::Time;

use super::database::{Store, Tx};
use super::error::{Error, Result};
use super::row;
use super::sql::{Split, sql};

/// How long an answer is kept.
const KEPT_MS: i64 = 24 * 3_600_000;
/// How long a request may hold a key without an answer before another may take it over.
const HELD_MS: i64 = 3_600_000;

/// Names a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Who asks: the token's id.
    pub principal: String,
    /// What is asked: method and route.
    pub route: String,
    /// The header's value.
    pub key: String,
    /// SHA-256 of the body.
    pub body_sha256: Digest,
}

/// What to do with a request that has a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Do it; the key is held until it is finished or abandoned.
    Fresh,
    /// It was done; give this answer again.
    Replay {
        /// The HTTP status.
        status: u16,
        /// The body, JSON.
        answer: String,
    },
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    body_sha256: Vec<u8>,
    status: Option<i64>,
    answer: Option<String>,
    locked_until: i64,
}

const SELECT_KEY: Split = Split {
    sqlite: "select body_sha256, status, answer, locked_until from idempotency_keys \
             where principal = $1 and route = $2 and key = $3",
    postgres: "select body_sha256, status, answer, locked_until from idempotency_keys \
               where principal = $1 and route = $2 and key = $3 for update",
};

impl Store {
    /// Holds the key for a request that is about to be done outside a transaction.
    ///
    /// # Errors
    /// [`Error::IdempotencyKeyReused`] with another body, [`Error::IdempotencyInFlight`] while the first one runs.
    pub async fn begin_idempotent(&self, now: Time, key: &IdempotencyKey) -> Result<Begun> {
        let mut tx = self.begin().await?;
        let begun = tx.begin_idempotent(now, key).await?;
        tx.commit().await?;
        Ok(begun)
    }

    /// Keeps the answer of a request that held its key.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn finish_idempotent(
        &self,
        key: &IdempotencyKey,
        status: u16,
        answer: &str,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        tx.finish_idempotent(key, status, answer).await?;
        tx.commit().await
    }

    /// Lets go of the key of a request that failed, so that it may be tried again.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn abandon_idempotent(&self, key: &IdempotencyKey) -> Result<()> {
        let mut tx = self.begin().await?;
        let _deleted: u64 = sql!(
            execute tx.connection,
            "delete from idempotency_keys where principal = $1 and route = $2 and key = $3 and status is null";
            key.principal.as_str(), key.route.as_str(), key.key.as_str()
        )?;
        tx.commit().await
    }

    /// Forgets answers older than a day.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn expire_idempotency_keys(&self, now: Time) -> Result<u64> {
        let mut tx = self.begin().await?;
        let deleted = sql!(
            execute tx.connection,
            "delete from idempotency_keys where created_at <= $1"; now.plus_ms(-KEPT_MS).unix_ms()
        )?;
        tx.commit().await?;
        Ok(deleted)
    }
}

impl Tx {
    /// Holds the key until this transaction ends (or, when it commits without an answer, until one is given).
    ///
    /// # Errors
    /// [`Error::IdempotencyKeyReused`] with another body, [`Error::IdempotencyInFlight`] while the first one runs.
    pub async fn begin_idempotent(&mut self, now: Time, key: &IdempotencyKey) -> Result<Begun> {
        let _expired: u64 = sql!(
            execute self.connection,
            "delete from idempotency_keys where principal = $1 and route = $2 and key = $3 and created_at <= $4";
            key.principal.as_str(), key.route.as_str(), key.key.as_str(), now.plus_ms(-KEPT_MS).unix_ms()
        )?;
        let inserted = sql!(
            execute self.connection,
            "insert into idempotency_keys (principal, route, key, body_sha256, locked_until, created_at) \
             values ($1, $2, $3, $4, $5, $6) on conflict (principal, route, key) do nothing";
            key.principal.as_str(), key.route.as_str(), key.key.as_str(), key.body_sha256.0.to_vec(),
            now.plus_ms(HELD_MS).unix_ms(), now.unix_ms()
        )?;
        if inserted == 1 {
            return Ok(Begun::Fresh);
        }
        let found = sql!(
            optional KeyRow, self.connection, SELECT_KEY; key.principal.as_str(), key.route.as_str(), key.key.as_str()
        )?
        // Gone between the two statements: its request failed just now.
        .ok_or(Error::IdempotencyInFlight)?;
        if row::digest(&found.body_sha256)? != key.body_sha256 {
            return Err(Error::IdempotencyKeyReused);
        }
        match (found.status, found.answer) {
            (Some(status), Some(answer)) => Ok(Begun::Replay {
                status: row::count("status", status)?,
                answer,
            }),
            (None, _) | (_, None) if found.locked_until > now.unix_ms() => {
                Err(Error::IdempotencyInFlight)
            }
            (None, _) | (_, None) => {
                let _taken: u64 = sql!(
                    execute self.connection,
                    "update idempotency_keys set locked_until = $4 where principal = $1 and route = $2 and key = $3";
                    key.principal.as_str(), key.route.as_str(), key.key.as_str(), now.plus_ms(HELD_MS).unix_ms()
                )?;
                Ok(Begun::Fresh)
            }
        }
    }

    /// Keeps the answer.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn finish_idempotent(
        &mut self,
        key: &IdempotencyKey,
        status: u16,
        answer: &str,
    ) -> Result<()> {
        let _changed: u64 = sql!(
            execute self.connection,
            "update idempotency_keys set status = $4, answer = $5 where principal = $1 and route = $2 and key = $3";
            key.principal.as_str(), key.route.as_str(), key.key.as_str(), i64::from(status), answer
        )?;
        Ok(())
    }
}
