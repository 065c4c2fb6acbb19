//! Tokens: kept as hashes. Minting, parsing and hashing are not done here.

use api::digest::Digest;
use api::ids::{ProjectId, TokenId};
use api::page::{Page, PageRequest};
use api::time::Time;
use api::tokens::{Scope, Token};
use uuid::Uuid;

use super::database::{Connection, Store};
use super::error::{Error, Result};
use super::projects::Reach;
use super::row;
use super::sql::{Split, locked, sql};

/// A token to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTokenRecord {
    /// Its id.
    pub id: TokenId,
    /// SHA-256 of the secret.
    pub hash: Digest,
    /// What it is for.
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// The only project it reaches.
    pub project_id: Option<ProjectId>,
}

/// Servers that start together must not each find the table empty. SQLite's writer is alone anyway.
const ONE_AT_A_TIME: Split = Split {
    sqlite: "select 1",
    postgres: "lock table tokens in share row exclusive mode",
};

/// A token with what the API does not show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// What the API shows.
    pub token: Token,
    /// The only project it reaches.
    pub project_id: Option<ProjectId>,
}

impl TokenRecord {
    /// What its bearer may see.
    pub fn reach(&self) -> Reach {
        self.project_id.map_or(Reach::All, Reach::Project)
    }
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    id: Uuid,
    name: String,
    scope: String,
    project_id: Option<Uuid>,
    project: Option<String>,
    created_at: i64,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl TokenRow {
    fn record(self) -> Result<TokenRecord> {
        Ok(TokenRecord {
            project_id: self.project_id.map(ProjectId),
            token: Token {
                id: TokenId(self.id),
                name: self.name,
                scope: row::word("scope", &self.scope)?,
                project: row::word_option("project name", self.project.as_deref())?,
                created_at: row::time(self.created_at)?,
                last_used_at: row::time_option(self.last_used_at)?,
                revoked_at: row::time_option(self.revoked_at)?,
            },
        })
    }
}

macro_rules! select_token {
    ($tail:literal) => {
        concat!(
            "select t.id, t.name, t.scope, t.project_id, p.name as project, t.created_at, t.last_used_at, t.revoked_at \
             from tokens t left join projects p on p.id = t.project_id where ",
            $tail
        )
    };
}

async fn find(connection: &mut Connection, reach: Reach, id: TokenId) -> Result<TokenRecord> {
    sql!(
        optional TokenRow, connection,
        select_token!("t.id = $1 and ($2 is null or t.project_id = $2)");
        id.0, reach.project()
    )?
    .ok_or(Error::NotFound { what: "token" })?
    .record()
}

impl Store {
    /// Keeps a token.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn insert_token(&self, now: Time, new: &NewTokenRecord) -> Result<TokenRecord> {
        let mut tx = self.begin().await?;
        let _inserted: u64 = sql!(
            execute tx.connection,
            "insert into tokens (id, hash, name, scope, project_id, created_at) values ($1, $2, $3, $4, $5, $6)";
            new.id.0, new.hash.0.to_vec(), new.name.as_str(), new.scope.as_str(), new.project_id.map(|id| id.0), now.unix_ms()
        )?;
        let record = find(&mut tx.connection, Reach::All, new.id).await?;
        tx.commit().await?;
        Ok(record)
    }

    /// Keeps the very first token; does nothing and says false when there ever was one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn insert_first_token(&self, now: Time, new: &NewTokenRecord) -> Result<bool> {
        let mut tx = self.begin().await?;
        let _locked: u64 = sql!(execute tx.connection, ONE_AT_A_TIME)?;
        let inserted = sql!(
            execute tx.connection,
            "insert into tokens (id, hash, name, scope, project_id, created_at) select $1, $2, $3, $4, $5, $6 \
             where not exists (select 1 from tokens)";
            new.id.0, new.hash.0.to_vec(), new.name.as_str(), new.scope.as_str(), new.project_id.map(|id| id.0), now.unix_ms()
        )?;
        tx.commit().await?;
        Ok(inserted == 1)
    }

    /// The token.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none within reach.
    pub async fn token(&self, reach: Reach, id: TokenId) -> Result<TokenRecord> {
        find(&mut self.read().await?, reach, id).await
    }

    /// The token whose secret has this hash, revoked or not.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn token_by_hash(&self, hash: Digest) -> Result<Option<TokenRecord>> {
        let mut connection = self.read().await?;
        sql!(optional TokenRow, connection, select_token!("t.hash = $1"); hash.0.to_vec())?
            .map(TokenRow::record)
            .transpose()
    }

    /// Tokens within reach, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn tokens(&self, reach: Reach, page: PageRequest) -> Result<Page<Token>> {
        let mut connection = self.read().await?;
        let rows = sql!(
            all TokenRow, connection,
            select_token!(
                "($1 is null or t.project_id = $1) and ($2 is null or t.id < $2) order by t.id desc limit $3"
            );
            reach.project(), page.after.map(|cursor| cursor.0), super::page::fetch(page)
        )?;
        super::page::of(page, rows, |row| row.id, |row| Ok(row.record()?.token))
    }

    /// Makes a token worthless, for good.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none within reach; [`Error::Precondition`] when `expected` says no.
    pub async fn revoke_token(
        &self,
        now: Time,
        reach: Reach,
        id: TokenId,
        expected: impl FnOnce(&Token) -> bool + Send,
    ) -> Result<TokenRecord> {
        let mut tx = self.begin().await?;
        let before: Option<TokenRow> = sql!(
            optional TokenRow, tx.connection,
            locked!("t", select_token!("t.id = $1 and ($2 is null or t.project_id = $2)")); id.0, reach.project()
        )?;
        let before = before.ok_or(Error::NotFound { what: "token" })?.record()?;
        if !expected(&before.token) {
            return Err(Error::Precondition { what: "token" });
        }
        let _changed: u64 = sql!(
            execute tx.connection,
            "update tokens set revoked_at = coalesce(revoked_at, $2) where id = $1 and ($3 is null or project_id = $3)";
            id.0, now.unix_ms(), reach.project()
        )?;
        let record = find(&mut tx.connection, reach, id).await?;
        tx.commit().await?;
        Ok(record)
    }

    /// Notes that a token was used; at most once a minute, so that reading does not become writing.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn touch_token(&self, now: Time, record: &TokenRecord) -> Result<()> {
        let a_minute_ago = now.plus_ms(-60_000);
        if record
            .token
            .last_used_at
            .is_some_and(|used| used > a_minute_ago)
        {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        let _changed: u64 = sql!(
            execute tx.connection,
            "update tokens set last_used_at = $2 where id = $1 and (last_used_at is null or last_used_at <= $3)";
            record.token.id.0, now.unix_ms(), a_minute_ago.unix_ms()
        )?;
        tx.commit().await
    }
}
