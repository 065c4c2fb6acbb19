//! Sessions of browsers, and the codes that begin one: kept as hashes, ended by time or by revoking their token.

use api::digest::Digest;
use api::ids::TokenId;
use api::time::Time;
use uuid::Uuid;

use super::database::Store;
use super::error::Result;
use super::projects::Reach;
use super::row;
use super::sql::sql;
use super::tokens::TokenRecord;

/// A session that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// SHA-256 of its secret.
    pub hash: Digest,
    /// Whose it is.
    pub token: TokenRecord,
    /// When it was last used, within a minute.
    pub last_used_at: Time,
    /// When it ends at the latest.
    pub expires_at: Time,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    token_id: Uuid,
    last_used_at: i64,
    expires_at: i64,
}

impl Store {
    /// Begins a session, and forgets those that have ended.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn insert_session(
        &self,
        now: Time,
        hash: Digest,
        token_id: TokenId,
        expires_at: Time,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let _ended: u64 = sql!(
            execute tx.connection, "delete from sessions where expires_at <= $1"; now.unix_ms()
        )?;
        let _ended: u64 = sql!(
            execute tx.connection, "delete from sign_in_codes where expires_at <= $1"; now.unix_ms()
        )?;
        let _inserted: u64 = sql!(
            execute tx.connection,
            "insert into sessions (hash, token_id, created_at, last_used_at, expires_at) values ($1, $2, $3, $3, $4)";
            hash.0.to_vec(), token_id.0, now.unix_ms(), expires_at.unix_ms()
        )?;
        tx.commit().await
    }

    /// The session with this hash, if it has not ended, was used since `idle_since`, and its token is not revoked.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn session(
        &self,
        now: Time,
        idle_since: Time,
        hash: Digest,
    ) -> Result<Option<SessionRecord>> {
        let mut connection = self.read().await?;
        let found = sql!(
            optional SessionRow, connection,
            "select s.token_id, s.last_used_at, s.expires_at from sessions s join tokens t on t.id = s.token_id \
             where s.hash = $1 and s.expires_at > $2 and s.last_used_at > $3 and t.revoked_at is null";
            hash.0.to_vec(), now.unix_ms(), idle_since.unix_ms()
        )?;
        drop(connection);
        let Some(found) = found else { return Ok(None) };
        Ok(Some(SessionRecord {
            hash,
            token: self.token(Reach::All, TokenId(found.token_id)).await?,
            last_used_at: row::time(found.last_used_at)?,
            expires_at: row::time(found.expires_at)?,
        }))
    }

    /// Notes that a session was used; at most once a minute, so that reading does not become writing.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn touch_session(&self, now: Time, session: &SessionRecord) -> Result<()> {
        if session.last_used_at > now.plus_ms(-60_000) {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        let _changed: u64 = sql!(
            execute tx.connection, "update sessions set last_used_at = $2 where hash = $1";
            session.hash.0.to_vec(), now.unix_ms()
        )?;
        tx.commit().await
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn delete_session(&self, hash: Digest) -> Result<()> {
        let mut tx = self.begin().await?;
        let _ended: u64 = sql!(
            execute tx.connection, "delete from sessions where hash = $1"; hash.0.to_vec()
        )?;
        tx.commit().await
    }

    /// Keeps a code that begins a session once.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn insert_sign_in_code(
        &self,
        hash: Digest,
        token_id: TokenId,
        expires_at: Time,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let _inserted: u64 = sql!(
            execute tx.connection,
            "insert into sign_in_codes (hash, token_id, expires_at) values ($1, $2, $3)";
            hash.0.to_vec(), token_id.0, expires_at.unix_ms()
        )?;
        tx.commit().await
    }

    /// Takes a code away and says whose it was, if it had not expired and its token is not revoked.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn take_sign_in_code(&self, now: Time, hash: Digest) -> Result<Option<TokenId>> {
        let mut tx = self.begin().await?;
        let found: Option<(Uuid,)> = sql!(
            optional (Uuid,), tx.connection,
            "delete from sign_in_codes where hash = $1 and expires_at > $2 \
             and token_id in (select id from tokens where revoked_at is null) returning token_id";
            hash.0.to_vec(), now.unix_ms()
        )?;
        tx.commit().await?;
        Ok(found.map(|(id,)| TokenId(id)))
    }
}
