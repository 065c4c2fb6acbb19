//! Every way to end: the exit status and the line on standard error.
//!
//! The one place that maps errors of other rooms to exit statuses; each match names every variant, so that a new error
//! cannot be forgotten.

use std::fmt;
use std::process::ExitCode;

use client::Error as ClientError;

use crate::app::{Chain, Error as AppError};
use crate::objects::Error as ObjectsError;
use crate::store::Error as StoreError;

/// The exit statuses of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The answer is no: a gate failed, two things differ.
    No,
    /// Wrong usage or configuration.
    Usage,
    /// A malformed or hostile input file.
    Malformed,
    /// A correct input that this version or this opset does not support.
    Unsupported,
    /// Neither yes nor no, yet.
    Inconclusive,
    /// The server refused.
    Refused,
    /// The server, or this machine, could not: a retry may help.
    Unavailable,
    /// The job failed.
    JobFailed,
    /// Interrupted by a signal.
    Interrupted,
}

impl Exit {
    /// The number that the shell sees.
    pub(crate) fn status(self) -> u8 {
        match self {
            Self::No => 1,
            Self::Usage => 2,
            Self::Malformed => 3,
            Self::Unsupported => 4,
            Self::Inconclusive => 5,
            Self::Refused => 6,
            Self::Unavailable => 7,
            Self::JobFailed => 8,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.status())
    }
}

/// An end that is not a success: what a command answers instead of `Ok`.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The status.
    pub(crate) exit: Exit,
    /// `WHAT: WHERE: WHY`.
    pub(crate) line: String,
    /// What may help.
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// With this line.
    pub(crate) fn new(exit: Exit, line: impl fmt::Display) -> Self {
        Self {
            exit,
            line: one_line(&line.to_string()),
            hint: None,
        }
    }

    /// With a hint.
    pub(crate) fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.hint = Some(one_line(&hint.to_string()));
        self
    }

    /// A local file or folder that cannot be read or written.
    pub(crate) fn file(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let of_the_user = matches!(
            error.kind(),
            std::io::ErrorKind::NotFound
                | std::io::ErrorKind::AlreadyExists
                | std::io::ErrorKind::NotADirectory
                | std::io::ErrorKind::IsADirectory
                | std::io::ErrorKind::InvalidInput
                | std::io::ErrorKind::InvalidFilename
                | std::io::ErrorKind::PermissionDenied
                | std::io::ErrorKind::ReadOnlyFilesystem
        );
        let exit = if of_the_user {
            Exit::Usage
        } else {
            Exit::Unavailable
        };
        Self::new(exit, format!("cannot {doing}: {}: {error}", path.display()))
    }

    /// A command that a signal ended.
    pub(crate) fn interrupted() -> Self {
        Self::new(Exit::Interrupted, "interrupted: nothing was left behind")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "error: {}", self.line)?;
        match &self.hint {
            Some(hint) => write!(formatter, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl From<crate::config::Error> for Failure {
    fn from(error: crate::config::Error) -> Self {
        let failure = Self::new(Exit::Usage, &error);
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<coreml::Error> for Failure {
    fn from(error: coreml::Error) -> Self {
        let exit = match error.class() {
            coreml::Class::Malformed => Exit::Malformed,
            coreml::Class::Unsupported => Exit::Unsupported,
            coreml::Class::Io => {
                let of_the_user = matches!(
                    error,
                    coreml::Error::NotFound { .. } | coreml::Error::Exists { .. }
                );
                if of_the_user {
                    Exit::Usage
                } else {
                    Exit::Unavailable
                }
            }
        };
        Self::new(exit, error)
    }
}

impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Self {
        let exit = match error.class() {
            engine::Class::Malformed => Exit::Malformed,
            engine::Class::Unsupported => Exit::Unsupported,
            engine::Class::Recipe => Exit::Usage,
            engine::Class::Cancelled => return Self::interrupted(),
            engine::Class::Io => Exit::Unavailable,
        };
        let failure = Self::new(exit, &error);
        match error.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<engine::RecipeError> for Failure {
    fn from(error: engine::RecipeError) -> Self {
        Self::from(engine::Error::from(error))
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let exit = match &error {
            ClientError::Address { .. } => Exit::Usage,
            ClientError::Refused { .. } => Exit::Refused,
            ClientError::Unreachable { .. }
            | ClientError::Failed { .. }
            | ClientError::Unexpected { .. }
            | ClientError::Damaged { .. } => Exit::Unavailable,
            ClientError::File { path, source } => return Self::file("write", path, source),
        };
        let hint = match &error {
            ClientError::Unreachable { .. } => {
                Some("is the server running? its address is COREANVIL_URL or --url")
            }
            ClientError::Refused { problem, .. } => match problem.status {
                401 => Some(
                    "give a token with COREANVIL_TOKEN or --token; the first start of the server prints one",
                ),
                _ => None,
            },
            ClientError::Address { .. }
            | ClientError::Failed { .. }
            | ClientError::Unexpected { .. }
            | ClientError::Damaged { .. }
            | ClientError::File { .. } => None,
        };
        let failure = Self::new(exit, &error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let exit = match &error {
            StoreError::Address { .. }
            | StoreError::NotFound { .. }
            | StoreError::NameTaken { .. }
            | StoreError::InUse { .. } => Exit::Usage,
            StoreError::NoRoom { .. }
            | StoreError::Precondition { .. }
            | StoreError::StaleLease { .. }
            | StoreError::IdempotencyKeyReused
            | StoreError::IdempotencyInFlight
            | StoreError::Corrupt { .. }
            | StoreError::Migration { .. }
            | StoreError::Unavailable { .. }
            | StoreError::Database { .. } => Exit::Unavailable,
        };
        Self::new(exit, format!("database: {}", Chain(&error)))
    }
}

impl From<ObjectsError> for Failure {
    fn from(error: ObjectsError) -> Self {
        let exit = match &error {
            ObjectsError::Address { .. } => Exit::Usage,
            ObjectsError::NotFound { .. }
            | ObjectsError::WrongLength { .. }
            | ObjectsError::Io { .. }
            | ObjectsError::Damaged { .. }
            | ObjectsError::Backend { .. } => Exit::Unavailable,
        };
        Self::new(exit, format!("object store: {}", Chain(&error)))
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        let inner = if let AppError::At { error, .. } = &error {
            error
        } else {
            &error
        };
        let exit = match inner {
            AppError::At { .. }
            | AppError::BadRequest { .. }
            | AppError::NotFound { .. }
            | AppError::NameTaken { .. }
            | AppError::InUse { .. }
            | AppError::BadRecipe { .. }
            | AppError::WrongOffset { .. }
            | AppError::WrongProtocol { .. }
            | AppError::PreconditionFailed { .. }
            | AppError::IdempotencyKeyReused
            | AppError::UnsupportedMediaType { .. }
            | AppError::Unauthenticated { .. }
            | AppError::Forbidden { .. } => Exit::Usage,
            AppError::BadPackage { .. }
            | AppError::DigestMismatch { .. }
            | AppError::ChecksumMismatch
            | AppError::TooLarge { .. } => Exit::Malformed,
            AppError::Unsupported { .. } => Exit::Unsupported,
            AppError::IdempotencyInFlight
            | AppError::StaleLease
            | AppError::Locked
            | AppError::Unavailable { .. }
            | AppError::RateLimited { .. }
            | AppError::NoRoom { .. }
            | AppError::Internal { .. } => Exit::Unavailable,
        };
        Self::new(exit, format!("service: {}", Chain(&error)))
    }
}

/// Without control characters: an error is one line, and a file's name may not move the cursor.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.trim_end().chars() {
        match c {
            '\n' | '\t' | '\r' => line.push(' '),
            c if c.is_control() => line.extend(c.escape_default()),
            c => line.push(c),
        }
    }
    line
}
