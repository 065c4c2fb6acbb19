//! Why something may not happen, free of HTTP and of SQL.
//!
//! One variant per code of the contract. What a user may read stands in `detail`; what only the operator may read
//! stands in `source`. `http::problem` turns it into a status; nothing here knows that there is one.

use super::machine;
use crate::{objects, queue, store};

/// A refusal, or a failure of ours.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request is not understood: a parameter or a field has the wrong form.
    #[error("{detail}")]
    BadRequest {
        /// What is wrong.
        detail: String,
        /// Field by field, with JSON pointers; empty where it is not about a body.
        fields: Vec<Field>,
    },
    /// The package is malformed or hostile.
    #[error("{detail}")]
    BadPackage {
        /// What, where and why.
        detail: String,
    },
    /// The package, or what is asked of it, is fine but not supported.
    #[error("{detail}")]
    Unsupported {
        /// What is missing.
        detail: String,
    },
    /// The recipe is refused.
    #[error("{detail}")]
    BadRecipe {
        /// Key, line, and the nearest known key.
        detail: String,
    },
    /// What is wrong with one place in the body.
    #[error("{pointer}: {error}")]
    At {
        /// Where, as a JSON pointer.
        pointer: String,
        /// What; not [`Error::At`] again.
        error: Box<Error>,
    },
    /// The bytes are not those that `Content-Digest` promised.
    #[error("the body's SHA-256 is {found}, not {promised}")]
    DigestMismatch {
        /// What the client said, hex.
        promised: String,
        /// What arrived, hex.
        found: String,
    },
    /// No token, or one that is unknown, revoked or expired.
    #[error("{detail}")]
    Unauthenticated {
        /// Why.
        detail: &'static str,
    },
    /// Known, but not allowed.
    #[error("this needs the scope `{needed}`; the token has `{held}`")]
    Forbidden {
        /// The scope that would do.
        needed: &'static str,
        /// The caller's.
        held: &'static str,
    },
    /// Does not exist, or may not be seen.
    #[error("there is no {what}{}", Quoted(name))]
    NotFound {
        /// The noun.
        what: &'static str,
        /// As it was named.
        name: String,
    },
    /// Another thing has the name.
    #[error("the {what} `{name}` exists")]
    NameTaken {
        /// The noun.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Something holds what should be deleted.
    #[error("{detail}")]
    InUse {
        /// What holds it.
        detail: String,
    },
    /// The bytes do not begin where the upload stands.
    #[error("the upload stands at byte {expected}, not {found}")]
    WrongOffset {
        /// Where it stands.
        expected: u64,
        /// Where the request begins.
        found: u64,
    },
    /// Another connection writes to the upload.
    #[error(
        "another connection is writing to this upload; it lets go within seconds when it is dead"
    )]
    Locked,
    /// The bytes of one request are not those that its checksum promises.
    #[error("the bytes of this request are not those of `Upload-Checksum`; none of them is kept")]
    ChecksumMismatch,
    /// The request does not speak the version of the protocol that the call needs.
    #[error("{detail}")]
    WrongProtocol {
        /// What it should say.
        detail: &'static str,
    },
    /// `If-Match` names another version.
    #[error("the {what} has changed since: its present tag is not in `If-Match`")]
    PreconditionFailed {
        /// The noun.
        what: &'static str,
    },
    /// The body exceeds a limit.
    #[error("the body is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// The body is not what this route takes.
    #[error("{detail}")]
    UnsupportedMediaType {
        /// What it takes.
        detail: String,
    },
    /// The key came before with another body.
    #[error("the `Idempotency-Key` came before with another request")]
    IdempotencyKeyReused,
    /// The first request with the key has no answer yet.
    #[error("a request with this `Idempotency-Key` is still being answered")]
    IdempotencyInFlight,
    /// More than one client may ask for.
    #[error("{detail}")]
    RateLimited {
        /// Which limit.
        detail: String,
        /// Seconds until it is worth trying again.
        retry_after_s: u32,
    },
    /// The project has as many jobs in flight as it may have.
    #[error(
        "the project has {in_flight} jobs in flight, with those that are to follow, and may have {limit}: {asked} more have no room"
    )]
    NoRoom {
        /// Jobs it has.
        in_flight: u32,
        /// Jobs asked for.
        asked: u32,
        /// Jobs it may have.
        limit: u32,
    },
    /// The lease that a worker names is not the present one.
    #[error("the lease is no longer held")]
    StaleLease,
    /// Not now.
    #[error("{detail}")]
    Unavailable {
        /// Why.
        detail: &'static str,
        /// Seconds until it is worth trying again.
        retry_after_s: u32,
    },
    /// Ours. The user reads only that; the log reads `doing` and the chain of `source`.
    #[error("{doing}")]
    Internal {
        /// What was being done, to what.
        doing: String,
        /// Why it failed.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// A field of a body and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong.
    pub detail: String,
}

/// The result of what the app does.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A parameter or header with the wrong form.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::BadRequest {
            detail: detail.into(),
            fields: Vec::new(),
        }
    }

    /// One field of the body with the wrong form.
    pub fn bad_field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let field = Field {
            pointer: pointer.into(),
            detail: detail.into(),
        };
        Self::BadRequest {
            detail: format!("{}: {}", field.pointer, field.detail),
            fields: vec![field],
        }
    }

    /// Something that is not there, or may not be seen.
    pub fn not_found(what: &'static str, name: impl Into<String>) -> Self {
        Self::NotFound {
            what,
            name: name.into(),
        }
    }

    /// The same about a place in the body.
    #[must_use]
    pub(super) fn at(self, pointer: String) -> Self {
        Self::At {
            pointer,
            error: Box::new(self),
        }
    }

    /// The same with another text, where the text came out of the package.
    #[must_use]
    pub(super) fn with_package_detail(self, change: impl FnOnce(String) -> String) -> Self {
        if let Self::BadPackage { detail } = self {
            return Self::BadPackage {
                detail: change(detail),
            };
        }
        if let Self::Unsupported { detail } = self {
            return Self::Unsupported {
                detail: change(detail),
            };
        }
        self
    }

    /// What is uploaded is no package, as its first bytes tell.
    pub(super) fn not_a_package() -> Self {
        let detail = "the body is neither a zip of a .mlpackage nor a .mlmodel".to_owned();
        Self::UnsupportedMediaType { detail }
    }

    /// A failure of ours, with what was being done; of this machine, where its disk is full and the like.
    pub fn internal(
        doing: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        let (doing, source) = (doing.into(), source.into());
        if machine::lacks_room(&*source) {
            tracing::error!(doing, error = %Chain(&*source), "the machine has no room");
            return Self::Unavailable {
                detail: "the service has no room for this just now: its disk, memory or file descriptors",
                retry_after_s: 30,
            };
        }
        Self::Internal { doing, source }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::about(error, "")
    }
}

impl Error {
    /// What the queue says, about a thing that the caller named so.
    pub(super) fn about_job(error: queue::Error, name: &str) -> Self {
        match error {
            queue::Error::StaleLease { .. } => Self::StaleLease,
            queue::Error::Store(error) => Self::about(error, name),
        }
    }

    /// What the store says about an upload.
    pub(super) fn about_upload(error: store::Error) -> Self {
        if let store::Error::InUse { .. } = error {
            return Self::Locked;
        }
        Self::about(error, "")
    }

    /// What the store says, about a thing that the caller named so.
    pub(super) fn about(error: store::Error, name: &str) -> Self {
        match error {
            store::Error::NotFound { what } => Self::not_found(what, name),
            store::Error::NameTaken { what, name } => Self::NameTaken { what, name },
            store::Error::InUse { what, by } => Self::InUse {
                detail: format!("the {what} is in use by {by}"),
            },
            store::Error::NoRoom {
                in_flight,
                asked,
                limit,
            } => Self::NoRoom {
                in_flight,
                asked,
                limit,
            },
            store::Error::Precondition { what } => Self::PreconditionFailed { what },
            store::Error::StaleLease { .. } => Self::StaleLease,
            store::Error::IdempotencyKeyReused => Self::IdempotencyKeyReused,
            store::Error::IdempotencyInFlight => Self::IdempotencyInFlight,
            store::Error::Unavailable { .. } => {
                tracing::warn!(error = %Chain(&error), "the database is not available");
                Self::Unavailable {
                    detail: "the database is not available",
                    retry_after_s: 5,
                }
            }
            store::Error::Corrupt { .. }
            | store::Error::Address { .. }
            | store::Error::Migration { .. }
            | store::Error::Database { .. } => Self::internal("asking the database", error),
        }
    }
}

/// A name in backticks after a noun; nothing where there is no name.
struct Quoted<'a>(&'a str);

impl std::fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            Ok(())
        } else {
            write!(f, " `{}`", self.0.escape_debug())
        }
    }
}

impl From<objects::Error> for Error {
    fn from(error: objects::Error) -> Self {
        if error.is_transient() {
            tracing::warn!(error = %Chain(&error), "the object store is not available");
            return Self::Unavailable {
                detail: "the object store is not available",
                retry_after_s: 10,
            };
        }
        Self::internal("asking the object store", error)
    }
}

impl From<queue::Error> for Error {
    fn from(error: queue::Error) -> Self {
        match error {
            queue::Error::StaleLease { .. } => Self::StaleLease,
            queue::Error::Store(error) => error.into(),
        }
    }
}

impl From<engine::Error> for Error {
    fn from(error: engine::Error) -> Self {
        let detail = match error.hint() {
            Some(hint) => format!("{error}; {hint}"),
            None => error.to_string(),
        };
        match error.class() {
            engine::Class::Malformed => Self::BadPackage { detail },
            engine::Class::Unsupported => Self::Unsupported { detail },
            engine::Class::Recipe => Self::BadRecipe { detail },
            engine::Class::Cancelled => Self::Unavailable {
                detail: "stopped before it was done",
                retry_after_s: 5,
            },
            engine::Class::Io => Self::internal("working on a package", error),
        }
    }
}

impl From<coreml::Error> for Error {
    fn from(error: coreml::Error) -> Self {
        if let coreml::Error::NotAPackage { .. } = error {
            return Self::not_a_package();
        }
        engine::Error::from(error).into()
    }
}

/// An error and what is behind it, on one line.
#[derive(Debug)]
pub struct Chain<'a>(pub &'a (dyn std::error::Error + 'a));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(source) = next {
            write!(f, ": {source}")?;
            next = source.source();
        }
        Ok(())
    }
}
