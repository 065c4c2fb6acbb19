//! The two databases behind one face: opening, migrating, reading, writing.
//!
//! SQLite: WAL; one writer, in front of which changes queue up fairly instead of racing for the file's lock (whose busy
//! handler starves: measured 4 s), and share their commits (see `lane`); a few `query_only` readers.
//! `synchronous` is FULL, not the usual NORMAL: with NORMAL a power cut may take back the last commits, and a job whose 202
//! was sent must not vanish. It costs an fsync per commit, 4–5 ms on a slow disk, which is why writers share one.
//! Postgres: a pool, READ COMMITTED, row locks in the order job, model, revision, objects (sorted).

use std::str::FromStr;
use std::time::Duration;

use api::time::Time;
use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};

use super::error::{Error, Result};
use super::lane::{Change, Lane};
use super::sql::sql;
use crate::clock::Clock;

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

const READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 10;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);
/// What writes finds its rows by ids and by indexes made for it, so that a plan is right for all values: left to itself,
/// Postgres planned each claim of a job anew, which took longer than the claim.
const BEGIN: &str = "begin; set local plan_cache_mode = force_generic_plan";
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    database: Database,
}

#[derive(Debug, Clone)]
pub(super) enum Database {
    Sqlite { writer: Lane, readers: SqlitePool },
    Postgres(PgPool),
}

/// A connection to either database, reading or within a transaction.
#[derive(Debug)]
pub(super) enum Connection {
    SqliteReader(PoolConnection<Sqlite>),
    SqliteWriter(Change),
    SqliteSnapshot(Transaction<'static, Sqlite>),
    PostgresReader(PoolConnection<Postgres>),
    PostgresWriter(Transaction<'static, Postgres>),
}

/// The driver's connection: what `sql!` sends a query to.
pub(super) enum Each<'a> {
    Sqlite(&'a mut SqliteConnection),
    Postgres(&'a mut PgConnection),
    /// The connection was lost between two queries.
    Gone,
}

impl Connection {
    pub(super) fn each(&mut self) -> Each<'_> {
        match self {
            Self::SqliteReader(connection) => Each::Sqlite(connection),
            Self::SqliteSnapshot(transaction) => Each::Sqlite(transaction),
            Self::SqliteWriter(change) => change.connection().map_or(Each::Gone, Each::Sqlite),
            Self::PostgresReader(connection) => Each::Postgres(connection),
            Self::PostgresWriter(transaction) => Each::Postgres(transaction),
        }
    }
}

/// A transaction: all of it happens at [`Tx::commit`], or nothing when it is dropped.
#[derive(Debug)]
pub struct Tx {
    pub(super) connection: Connection,
}

impl Tx {
    /// Whether nobody else writes until this ends: so it is on SQLite.
    pub(super) fn is_the_writer(&self) -> bool {
        matches!(self.connection, Connection::SqliteWriter(_))
    }

    /// Makes it so.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database is gone; then it may or may not have happened.
    pub async fn commit(self) -> Result<()> {
        match self.connection {
            Connection::SqliteWriter(change) => return change.commit().await,
            Connection::PostgresWriter(transaction) => transaction.commit().await,
            Connection::SqliteReader(_)
            | Connection::SqliteSnapshot(_)
            | Connection::PostgresReader(_) => Ok(()),
        }
        .map_err(|error| Error::driver("commit", error))
    }
}

impl Store {
    /// Opens `sqlite:PATH` (making the file and its folder when needed) or `postgres://…`; does not migrate.
    ///
    /// # Errors
    /// [`Error::Address`] when the address is not understood; [`Error::Unavailable`] when nobody answers.
    pub async fn open(url: &str) -> Result<Self> {
        match url.split_once(':') {
            Some(("sqlite", _)) => Self::open_sqlite(url).await,
            Some(("postgres" | "postgresql", _)) => Self::open_postgres(url).await,
            Some(_) | None => Err(address(
                url,
                "expected sqlite:PATH or postgres://…".to_owned(),
            )),
        }
    }

    async fn open_sqlite(url: &str) -> Result<Self> {
        if url.contains(":memory:") || url.contains("mode=memory") {
            return Err(address(
                url,
                "a database in memory would forget accepted jobs".to_owned(),
            ));
        }
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|error| address(url, error.to_string()))?
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            // A savepoint's journal would go into a temporary file, and the service shall run where only its data can be written.
            .pragma("temp_store", "memory")
            .create_if_missing(true);
        if let Some(folder) = options.get_filename().parent() {
            tokio::fs::create_dir_all(folder)
                .await
                .map_err(|error| Error::driver("open", error.into()))?;
        }
        let pool = || {
            SqlitePoolOptions::new()
                .min_connections(1)
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
                .acquire_timeout(ACQUIRE_TIMEOUT)
        };
        let open = |error| Error::driver("open", error);
        let writer = Lane::open(options.clone()).await.map_err(open)?;
        let readers = pool()
            .max_connections(READERS)
            .connect_with(options.create_if_missing(false).pragma("query_only", "on"))
            .await
            .map_err(open)?;
        Ok(Self {
            database: Database::Sqlite { writer, readers },
        })
    }

    async fn open_postgres(url: &str) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|error| address(url, error.to_string()))?
            .application_name("coreanvil");
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options)
            .await
            .map_err(|error| Error::driver("open", error))?;
        Ok(Self {
            database: Database::Postgres(pool),
        })
    }

    pub(super) fn on(database: Database) -> Self {
        Self { database }
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// Which database it is, for people: `sqlite` or `postgres`.
    pub fn dialect(&self) -> &'static str {
        match self.database {
            Database::Sqlite { .. } => "sqlite",
            Database::Postgres(_) => "postgres",
        }
    }

    /// Brings the tables up to date. Harmless when they are, and when several processes do it at once.
    ///
    /// # Errors
    /// [`Error::Migration`] when a migration fails, or one was applied that this version does not know.
    pub async fn migrate(&self) -> Result<()> {
        self.refuse_interrupted().await?;
        self.migrate_to(self.newest_migration()).await
    }

    /// The number of the newest migration that this version knows.
    pub(super) fn newest_migration(&self) -> i64 {
        self.known_migrations().last().copied().unwrap_or(0)
    }

    /// The numbers of all migrations that this version knows, in order.
    pub(super) fn known_migrations(&self) -> Vec<i64> {
        let known = match self.database {
            Database::Sqlite { .. } => &SQLITE_MIGRATIONS,
            Database::Postgres(_) => &POSTGRES_MIGRATIONS,
        };
        let mut numbers: Vec<i64> = known.iter().map(|one| one.version).collect();
        numbers.sort_unstable();
        numbers
    }

    /// Brings the tables to where they were at a migration.
    pub(super) async fn migrate_to(&self, version: i64) -> Result<()> {
        let migrated = match &self.database {
            Database::Sqlite { writer, .. } => {
                let run = async |connection: &mut SqliteConnection| {
                    let mut migrated = SQLITE_MIGRATIONS.run_to(version, &mut *connection).await;
                    // SQLite has no advisory lock: at each migration another process may have been faster.
                    for _ in SQLITE_MIGRATIONS.iter() {
                        if migrated.is_err() {
                            migrated = SQLITE_MIGRATIONS.run_to(version, &mut *connection).await;
                        }
                    }
                    migrated
                };
                writer.apart(run).await?
            }
            Database::Postgres(pool) => POSTGRES_MIGRATIONS.run_to(version, pool).await,
        };
        migrated.map_err(|source| Error::Migration {
            source: Box::new(source),
        })
    }

    /// Whether the database answers and has this version's tables.
    ///
    /// # Errors
    /// [`Error::Unavailable`] or [`Error::Database`] when it does not.
    pub async fn ping(&self) -> Result<()> {
        let mut connection = self.read().await?;
        let _rows: Vec<(String,)> = sql!(
            all(String,),
            connection,
            "select name from projects limit 1"
        )?;
        Ok(())
    }

    /// The time that everybody who shares this database agrees on: the database's own where several machines may use it
    /// (Postgres), the clock's where one machine does (SQLite) or a test stands the clock.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database does not answer.
    pub async fn now(&self, clock: &dyn Clock) -> Result<Time> {
        match &self.database {
            Database::Postgres(_) if clock.is_system() => its_time(&mut self.read().await?).await,
            Database::Postgres(_) | Database::Sqlite { .. } => Ok(clock.now()),
        }
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is to be had.
    pub async fn begin(&self) -> Result<Tx> {
        let connection = match &self.database {
            Database::Sqlite { writer, .. } => Connection::SqliteWriter(writer.begin().await?),
            Database::Postgres(pool) => pool
                .begin_with(BEGIN)
                .await
                .map(Connection::PostgresWriter)
                .map_err(|error| Error::driver("begin", error))?,
        };
        Ok(Tx { connection })
    }

    /// Begins a transaction that may write, and tells the time as [`Store::now`] does.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when no connection is to be had.
    pub async fn begin_now(&self, clock: &dyn Clock) -> Result<(Tx, Time)> {
        let mut tx = self.begin().await?;
        let now = match &self.database {
            Database::Postgres(_) if clock.is_system() => its_time(&mut tx.connection).await?,
            Database::Postgres(_) | Database::Sqlite { .. } => clock.now(),
        };
        Ok((tx, now))
    }

    pub(super) async fn read(&self) -> Result<Connection> {
        match &self.database {
            Database::Sqlite { readers, .. } => {
                readers.acquire().await.map(Connection::SqliteReader)
            }
            Database::Postgres(pool) => pool.acquire().await.map(Connection::PostgresReader),
        }
        .map_err(|error| Error::driver("read", error))
    }

    /// A connection that sees everything as of one moment, and only reads.
    pub(super) async fn snapshot(&self) -> Result<Connection> {
        match &self.database {
            // The first read takes the snapshot.
            Database::Sqlite { readers, .. } => {
                readers.begin().await.map(Connection::SqliteSnapshot)
            }
            Database::Postgres(pool) => pool
                .begin_with("begin isolation level repeatable read read only")
                .await
                .map(Connection::PostgresWriter),
        }
        .map_err(|error| Error::driver("snapshot", error))
    }

    /// Begins a transaction that may make and drop tables, with rows in any order: SQLite's foreign keys are off until
    /// [`Store::end_rebuild`].
    pub(super) async fn begin_rebuild(&self) -> Result<Tx> {
        self.foreign_keys(false).await?;
        self.begin().await
    }

    /// Commits what [`Store::begin_rebuild`] began.
    pub(super) async fn end_rebuild(&self, tx: Tx) -> Result<()> {
        tx.commit().await?;
        self.foreign_keys(true).await
    }

    /// Only outside a transaction; there is one writer, so that it is the next one's.
    async fn foreign_keys(&self, on: bool) -> Result<()> {
        let Database::Sqlite { writer, .. } = &self.database else {
            return Ok(());
        };
        let set = async |connection: &mut SqliteConnection| {
            let text = if on {
                "pragma foreign_keys = on"
            } else {
                "pragma foreign_keys = off"
            };
            sqlx::query(text).execute(connection).await
        };
        let done = writer.apart(set).await?;
        done.map(drop)
            .map_err(|error| Error::driver("foreign keys", error))
    }

    /// Connections of the pool: how many are used, and how many wait for use. Of SQLite, the readers.
    pub fn connections(&self) -> (u32, u32) {
        let (size, idle) = match &self.database {
            Database::Sqlite { readers, .. } => (readers.size(), readers.num_idle()),
            Database::Postgres(pool) => (pool.size(), pool.num_idle()),
        };
        let idle = u32::try_from(idle).unwrap_or(u32::MAX);
        (size.saturating_sub(idle), idle)
    }

    /// Closes all connections; SQLite's log is folded into the file.
    pub async fn close(&self) {
        match &self.database {
            Database::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Database::Postgres(pool) => pool.close().await,
        }
    }
}

/// The database's own time.
async fn its_time(connection: &mut Connection) -> Result<Time> {
    let (now,): (i64,) = sql!(
        one(i64,),
        connection,
        super::sql::Split {
            sqlite: "select cast(unixepoch('subsec') * 1000 as integer)",
            postgres: "select (extract(epoch from clock_timestamp()) * 1000)::bigint",
        }
    )?;
    super::row::time(now)
}

/// Names the address without the password in it.
fn address(url: &str, detail: String) -> Error {
    let shown = match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        (Some(_), None) | (None, _) => url.to_owned(),
    };
    Error::Address { url: shown, detail }
}
