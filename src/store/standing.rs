//! How the database stands: what `coreanvil doctor` asks of it. Nothing here changes anything.

use std::str::FromStr as _;

use api::jobs::JobKind;
use api::time::Time;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use super::claims::kind_list;
use super::database::Store;
use super::error::{Error, Result};
use super::row;
use super::sql::{Split, sql};

/// Where the tables stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Migrations {
    /// There are none yet.
    None,
    /// As this version wants them; the number of the newest.
    Current(i64),
    /// Some are still to come.
    Behind {
        /// The newest that was applied.
        applied: i64,
        /// The newest that this version knows.
        known: i64,
    },
    /// A newer version has migrated them.
    Ahead(i64),
    /// One was begun and did not end, or a restore did not.
    Broken(String),
}

/// A worker that was heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerSeen {
    /// When it was heard of last.
    pub seen_at: Time,
    /// What it does.
    pub kinds: Vec<JobKind>,
}

/// What waits for somebody who does not come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overdue {
    /// Attempts whose lease ran out, and that nobody has taken back.
    pub leases: u64,
    /// Queued jobs that wait too long by now, and that nobody has ended.
    pub waiting: u64,
    /// Uploads that have expired, and that nobody has removed.
    pub uploads: u64,
}

impl Store {
    /// Tries to connect once, so that whoever refuses says why; nothing on SQLite.
    ///
    /// # Errors
    /// [`Error::Address`]; [`Error::Unavailable`] or [`Error::Database`] when it refuses.
    pub async fn reach(url: &str) -> Result<()> {
        if !url.starts_with("postgres") {
            return Ok(());
        }
        let options = PgConnectOptions::from_str(url).map_err(|error| Error::Address {
            url: "postgres://…".to_owned(),
            detail: error.to_string(),
        })?;
        let failed = |error| Error::driver("connect", error);
        let connection = PgConnection::connect_with(&options).await;
        connection.map_err(failed)?.close().await.map_err(failed)
    }

    /// The database's own version.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn version(&self) -> Result<String> {
        let mut connection = self.read().await?;
        let (version,): (String,) = sql!(
            one(String,),
            connection,
            Split {
                sqlite: "select sqlite_version()",
                postgres: "select current_setting('server_version')",
            }
        )?;
        Ok(version)
    }

    /// Connections that Postgres has, of how many it may have; nothing on SQLite.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn server_connections(&self) -> Result<Option<(u64, u64)>> {
        let mut connection = self.read().await?;
        let (used, most): (i64, i64) = sql!(
            one(i64, i64),
            connection,
            Split {
                sqlite: "select 0, 0",
                postgres: "select (select count(*) from pg_stat_activity where backend_type = 'client backend'), \
                           current_setting('max_connections')::bigint",
            }
        )?;
        let (used, most) = (row::count("count", used)?, row::count("count", most)?);
        Ok((most > 0).then_some((used, most)))
    }

    /// What the database's clock says; on SQLite that is this machine's.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn database_time(&self) -> Result<Time> {
        let mut connection = self.read().await?;
        let (now,): (i64,) = sql!(
            one(i64,),
            connection,
            Split {
                sqlite: "select cast(unixepoch('subsec') * 1000 as integer)",
                postgres: "select (extract(epoch from clock_timestamp()) * 1000)::bigint",
            }
        )?;
        row::time(now)
    }

    /// Where the tables stand.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn migrations(&self) -> Result<Migrations> {
        let mut connection = self.read().await?;
        let (tables,): (i64,) = sql!(
            one(i64,),
            connection,
            Split {
                sqlite: "select count(*) from sqlite_master where name = '_sqlx_migrations'",
                postgres: "select count(*) from pg_class where oid = to_regclass('_sqlx_migrations')",
            }
        )?;
        if tables == 0 {
            return Ok(Migrations::None);
        }
        if let Err(error) = self.refuse_interrupted().await {
            return Ok(Migrations::Broken(error.to_string()));
        }
        let rows: Vec<(i64, bool)> = sql!(
            all(i64, bool),
            connection,
            "select version, success from _sqlx_migrations order by version"
        )?;
        if let Some((version, _)) = rows.iter().find(|(_, success)| !success) {
            return Ok(Migrations::Broken(format!(
                "migration {version} began and did not end"
            )));
        }
        let (known, all) = (self.newest_migration(), self.known_migrations());
        let missing = all
            .iter()
            .any(|one| !rows.iter().any(|(row, _)| row == one));
        let applied = rows.last().map_or(0, |(version, _)| *version);
        Ok(match (missing, applied > known) {
            (_, true) => Migrations::Ahead(applied),
            (true, false) => Migrations::Behind { applied, known },
            (false, false) => Migrations::Current(known),
        })
    }

    /// Workers heard of after `since`, the last heard of first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn workers_seen(&self, since: Time) -> Result<Vec<WorkerSeen>> {
        let mut connection = self.read().await?;
        let rows: Vec<(i64, String)> = sql!(
            all (i64, String), connection,
            "select seen_at, kinds from workers where seen_at > $1 order by seen_at desc"; since.unix_ms()
        )?;
        rows.into_iter()
            .map(|(seen_at, kinds)| {
                let does = |kind: &&JobKind| kinds.contains(&kind_list(&[**kind]));
                Ok(WorkerSeen {
                    seen_at: row::time(seen_at)?,
                    kinds: JobKind::ALL.iter().filter(does).copied().collect(),
                })
            })
            .collect()
    }

    /// What somebody should have dealt with: leases that ran out before `leases`, jobs queued before `queued` that might
    /// run, uploads that expired before `uploads`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn overdue(&self, leases: Time, queued: Time, uploads: Time) -> Result<Overdue> {
        let mut connection = self.read().await?;
        let (leases, waiting, uploads): (i64, i64, i64) = sql!(
            one (i64, i64, i64), connection,
            "select (select count(*) from attempts where state = 'leased' and lease_expires_at < $1), \
             (select count(*) from jobs where state = 'queued' and queued_at < $2 and run_after < $2), \
             (select count(*) from uploads where expires_at < $3)";
            leases.unix_ms(), queued.unix_ms(), uploads.unix_ms()
        )?;
        Ok(Overdue {
            leases: row::count("count", leases)?,
            waiting: row::count("count", waiting)?,
            uploads: row::count("count", uploads)?,
        })
    }
}
