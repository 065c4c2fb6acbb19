//! SQLite's one writer, shared fairly: writers that wait share one COMMIT, and with it one fsync.
//!
//! Each change is a SAVEPOINT of its own within the transaction that is open on the one writing connection; one that is
//! dropped or fails rolls back its savepoint alone. Who commits releases the savepoint, lets go of the connection and
//! queues up for it again: behind everybody who waits already, so that their changes get in, and then one COMMIT answers
//! all. Nobody is answered before it, and when it fails all are told so. Alone, a writer commits at once.
//!
//! What must not stop half way (begin, commit, roll back) runs in tasks of its own, so that a caller which goes away
//! leaves the connection as it should be.

use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};
use tokio_util::task::TaskTracker;

use super::error::{Error, Result};

/// How long a change may wait for its turn.
const TURN_TIMEOUT: Duration = Duration::from_secs(30);

/// The writing connection and what is open on it.
#[derive(Debug)]
struct Writer {
    options: SqliteConnectOptions,
    /// `None` after a failure that leaves its state unknown: the next change opens a new one.
    connection: Option<SqliteConnection>,
    /// Whether a transaction is open.
    open: bool,
    /// Whether a savepoint is open whose change did not end in order.
    dirty: bool,
    /// Changes in the open transaction whose callers wait for the COMMIT.
    waiting: Vec<oneshot::Sender<std::result::Result<(), Arc<sqlx::Error>>>>,
    closed: bool,
}

/// The line in front of the writer. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Lane {
    writer: Arc<Mutex<Writer>>,
    tasks: TaskTracker,
    /// Where tasks run when a change is dropped outside of any runtime.
    home: Handle,
}

/// A change that has the writer.
#[derive(Debug)]
pub(super) struct Change {
    lane: Lane,
    /// Taken when it ends.
    writer: Option<OwnedMutexGuard<Writer>>,
}

/// How often a new file is tried: about a second.
const OPEN_TRIES: u32 = 2_000;

/// Connects. A file that another process is just making, and whose log mode it sets, is refused at once, whatever the busy
/// time-out; that passes within milliseconds.
async fn connect(
    options: &SqliteConnectOptions,
) -> std::result::Result<SqliteConnection, sqlx::Error> {
    let mut tries = 1;
    loop {
        match SqliteConnection::connect_with(options).await {
            Err(error) if tries < OPEN_TRIES && is_busy(&error) => {
                tries += 1;
                tokio::task::yield_now().await;
            }
            done => return done,
        }
    }
}

/// `SQLITE_BUSY`, of whatever kind.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.and_then(|code| code.parse::<u32>().ok())
        .is_some_and(|code| code & 0xff == 5)
}

impl Lane {
    /// On a connection of its own.
    pub(super) async fn open(
        options: SqliteConnectOptions,
    ) -> std::result::Result<Self, sqlx::Error> {
        let connection = connect(&options).await?;
        Ok(Self {
            writer: Arc::new(Mutex::new(Writer {
                options,
                connection: Some(connection),
                open: false,
                dirty: false,
                waiting: Vec::new(),
                closed: false,
            })),
            tasks: TaskTracker::new(),
            home: Handle::current(),
        })
    }

    /// Runs to its end whoever waits for it.
    async fn whole<T: Send + 'static>(
        &self,
        task: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        match self.tasks.spawn(task).await {
            Ok(done) => done,
            Err(_) => Err(gone("task")),
        }
    }

    /// Waits for a turn and begins a change.
    pub(super) async fn begin(&self) -> Result<Change> {
        let lane = self.clone();
        self.whole(async move {
            let turn = tokio::time::timeout(TURN_TIMEOUT, Arc::clone(&lane.writer).lock_owned());
            let Ok(mut writer) = turn.await else {
                return Err(Error::driver("begin", sqlx::Error::PoolTimedOut));
            };
            writer
                .begin()
                .await
                .map_err(|error| Error::driver("begin", error))?;
            Ok(Change {
                lane,
                writer: Some(writer),
            })
        })
        .await
    }

    /// Does something with the connection outside of any change.
    pub(super) async fn apart<T>(
        &self,
        work: impl AsyncFnOnce(&mut SqliteConnection) -> T,
    ) -> Result<T> {
        let mut writer = self.writer.lock().await;
        writer.commit().await;
        match writer.connection().await {
            Ok(connection) => Ok(work(connection).await),
            Err(error) => Err(Error::driver("connect", error)),
        }
    }

    /// Ends what is under way and closes the connection.
    pub(super) async fn close(&self) {
        let mut writer = self.writer.lock().await;
        writer.commit().await;
        writer.closed = true;
        if let Some(connection) = writer.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "closing the database");
        }
    }
}

impl Change {
    /// Where its queries go.
    pub(super) fn connection(&mut self) -> Option<&mut SqliteConnection> {
        self.writer
            .as_mut()
            .and_then(|writer| writer.connection.as_mut())
    }

    /// Makes it so; ends when it is on the disk.
    pub(super) async fn commit(mut self) -> Result<()> {
        let Some(mut writer) = self.writer.take() else {
            return Err(gone("commit"));
        };
        let line = Arc::clone(&self.lane.writer);
        let (told, outcome) = oneshot::channel();
        let task = async move {
            writer.waiting.push(told);
            writer.release().await;
            drop(writer);
            // Behind all who wait now: they get into the same transaction.
            line.lock_owned().await.commit().await;
            Ok(())
        };
        self.lane.whole(task).await?;
        match outcome.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Error::Unavailable {
                at: "commit",
                source: Box::new(Shared(error)),
            }),
            Err(_) => Err(gone("commit")),
        }
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        let Some(mut writer) = self.writer.take() else {
            return;
        };
        let line = Arc::clone(&self.lane.writer);
        let task = async move {
            writer.roll_back().await;
            drop(writer);
            // Nobody may be left who would end the transaction.
            line.lock_owned().await.commit().await;
        };
        let runtime = Handle::try_current().unwrap_or_else(|_| self.lane.home.clone());
        drop(self.lane.tasks.spawn_on(task, &runtime));
    }
}

impl Writer {
    async fn connection(&mut self) -> std::result::Result<&mut SqliteConnection, sqlx::Error> {
        if self.closed {
            return Err(sqlx::Error::PoolClosed);
        }
        if self.connection.is_none() {
            self.open = false;
            self.dirty = false;
            self.connection = Some(SqliteConnection::connect_with(&self.options).await?);
        }
        self.connection.as_mut().ok_or(sqlx::Error::PoolClosed)
    }

    async fn run(&mut self, text: &'static str) -> std::result::Result<(), sqlx::Error> {
        let connection = self.connection().await?;
        sqlx::query::<sqlx::Sqlite>(text)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Opens a savepoint, in the open transaction or a new one.
    async fn begin(&mut self) -> std::result::Result<(), sqlx::Error> {
        if self.dirty {
            self.roll_back().await;
        }
        if !self.open {
            self.run("begin immediate").await?;
            self.open = true;
        }
        self.dirty = true;
        self.run("savepoint change").await
    }

    /// Puts the change into the transaction. A failure means that there is no transaction any more: all are told.
    async fn release(&mut self) {
        match self.run("release change").await {
            Ok(()) => self.dirty = false,
            Err(error) => self.fail(error).await,
        }
    }

    /// Takes the change back, alone.
    async fn roll_back(&mut self) {
        for text in ["rollback to change", "release change"] {
            if let Err(error) = self.run(text).await {
                // SQLite took back the whole transaction by itself (a full disk does that).
                self.fail(error).await;
                return;
            }
        }
        self.dirty = false;
    }

    /// Ends the transaction and answers all who wait; nothing when there is none.
    async fn commit(&mut self) {
        if self.dirty {
            self.roll_back().await;
        }
        if !self.open {
            return;
        }
        let text = if self.waiting.is_empty() {
            "rollback"
        } else {
            "commit"
        };
        match self.run(text).await {
            Ok(()) => {
                self.open = false;
                for told in self.waiting.drain(..) {
                    // Whoever went away does not want to know.
                    drop(told.send(Ok(())));
                }
            }
            Err(error) => self.fail(error).await,
        }
    }

    /// Nothing of the transaction has happened: tells all, and begins with a new connection, whose state is known.
    async fn fail(&mut self, error: sqlx::Error) {
        tracing::warn!(%error, changes = self.waiting.len(), "a transaction failed");
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "closing the database after a failure");
        }
        self.open = false;
        self.dirty = false;
        let error = Arc::new(error);
        for told in self.waiting.drain(..) {
            drop(told.send(Err(Arc::clone(&error))));
        }
    }
}

/// One failure that many are told.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Shared(#[from] Arc<sqlx::Error>);

fn gone(at: &'static str) -> Error {
    Error::driver(at, sqlx::Error::WorkerCrashed)
}
