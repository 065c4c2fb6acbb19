//! What can go wrong with the database, told apart by what the caller can do about it.
//!
//! No status codes here: `http::problem` and `cli::exit` map these.

use api::digest::Digest;
use api::ids::{Fence, JobId};

/// What store functions return.
pub type Result<T> = std::result::Result<T, Error>;

/// A refused or failed query.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such thing, or it is outside the caller's reach.
    #[error("no such {what}")]
    NotFound {
        /// `model`, `revision`, …
        what: &'static str,
    },
    /// The name is in use.
    #[error("the {what} name {name:?} is taken")]
    NameTaken {
        /// `model`, `project`, …
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Something holds it.
    #[error("the {what} is in use by {by}")]
    InUse {
        /// `model` or `revision`.
        what: &'static str,
        /// What holds it, for example `alias "prod"` or `an unfinished job`.
        by: String,
    },
    /// The project has as many jobs in flight as it may have.
    #[error("{in_flight} jobs in flight and {asked} more are over {limit}")]
    NoRoom {
        /// Jobs it has.
        in_flight: u32,
        /// Jobs asked for.
        asked: u32,
        /// Jobs it may have.
        limit: u32,
    },
    /// It is not as the caller last saw it.
    #[error("the {what} has changed since")]
    Precondition {
        /// `model`, `revision`, …
        what: &'static str,
    },
    /// The writer does not hold the lease (any more).
    #[error("attempt {fence} of job {job_id} no longer holds the lease")]
    StaleLease {
        /// The job.
        job_id: JobId,
        /// The attempt's fencing number.
        fence: Fence,
    },
    /// The idempotency key was used with another body.
    #[error("the idempotency key was used with another body")]
    IdempotencyKeyReused,
    /// The first request with this idempotency key is still running.
    #[error("the first request with this idempotency key is still running")]
    IdempotencyInFlight,
    /// A row that breaks our own rules: a bug, or somebody else's hand in the database.
    #[error("the database holds an invalid {what}: {detail}")]
    Corrupt {
        /// Which value.
        what: &'static str,
        /// What is wrong with it.
        detail: String,
    },
    /// The database's address is not understood.
    #[error("the database address {url:?} is not understood: {detail}")]
    Address {
        /// The address, without its password.
        url: String,
        /// Why.
        detail: String,
    },
    /// The tables cannot be brought up to date.
    #[error("cannot migrate the database")]
    Migration {
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database cannot be reached or is too busy: trying again may help.
    #[error("the database is not available ({at})")]
    Unavailable {
        /// Where in our source.
        at: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database refused a query for another reason: a bug.
    #[error("the database refused a query ({at})")]
    Database {
        /// Where in our source.
        at: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// Sorts a driver's error into what may be tried again and what is a bug.
    pub(super) fn driver(at: &'static str, source: sqlx::Error) -> Self {
        let lost = matches!(
            &source,
            sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
        );
        // Postgres: connection lost (08…), deadlock or serialisation (40…), out of something (53…), shutting down (57P…).
        // SQLite: busy (5), locked (6), the disk refuses (10), is full (13), no file may be opened (14); extended codes carry the primary one in their low byte.
        let code = source
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        let passing = code.is_some_and(|code| match code.parse::<u32>() {
            Ok(number) if code.len() < 5 => matches!(number & 0xff, 5 | 6 | 10 | 13 | 14),
            Ok(_) | Err(_) => ["08", "40", "53", "57P"]
                .iter()
                .any(|class| code.starts_with(class)),
        });
        let transient = lost || passing;
        let source = Box::new(source);
        if transient {
            Self::Unavailable { at, source }
        } else {
            Self::Database { at, source }
        }
    }

    /// An object was swept after its bytes had been stored and before a row named them: the whole may be tried again.
    pub(super) fn swept(sha256: Digest) -> Self {
        Self::Unavailable {
            at: "an object",
            source: format!("object {sha256} was swept before it was named").into(),
        }
    }

    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::IdempotencyInFlight)
    }
}

/// Whether a driver's error says that a unique index was hit.
pub(super) fn is_unique_violation(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    error
        .downcast_ref::<sqlx::Error>()
        .and_then(sqlx::Error::as_database_error)
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
