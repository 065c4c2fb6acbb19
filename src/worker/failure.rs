//! Why an attempt could not make its outcome, in the words of the API.

use api::jobs::{Fault, JobError};
use api::problem::Code;

use crate::app::{Chain, Error as AppError};

/// How an attempt ends without an outcome.
#[derive(Debug)]
pub enum Failure {
    /// It was asked to stop, and did.
    Stopped,
    /// It could not.
    Error(JobError),
}

impl From<engine::Error> for Failure {
    fn from(error: engine::Error) -> Self {
        let (code, fault, retryable) = match error.class() {
            engine::Class::Cancelled => return Self::Stopped,
            engine::Class::Malformed => (Code::BadPackage, Fault::User, false),
            engine::Class::Unsupported => (Code::Unsupported, Fault::User, false),
            engine::Class::Recipe => (Code::BadRecipe, Fault::User, false),
            engine::Class::Io => {
                tracing::error!(%error, "the engine could not read or write");
                let message = "the service's disk refused; the operator's log says more".to_owned();
                return Self::Error(internal(message));
            }
        };
        Self::Error(JobError {
            code,
            message: error.to_string(),
            fault,
            retryable,
        })
    }
}

impl From<coreml::Error> for Failure {
    fn from(error: coreml::Error) -> Self {
        Self::from(engine::Error::from(error))
    }
}

impl From<AppError> for Failure {
    /// What the object store or the database refused. What only the operator may read goes to the log.
    fn from(error: AppError) -> Self {
        tracing::warn!(error = %Chain(&error), "an attempt could not reach what it needs");
        let gone = matches!(error, AppError::NotFound { .. });
        let code = if gone {
            Code::NotFound
        } else {
            Code::Unavailable
        };
        Self::Error(JobError {
            code,
            message: error.to_string(),
            fault: Fault::Service,
            retryable: !gone,
        })
    }
}

impl Failure {
    /// The file system of this machine.
    pub(super) fn disk(doing: &str, error: &std::io::Error) -> Self {
        tracing::error!(%error, doing, "the scratch folder refuses");
        Self::Error(internal(
            "the service's disk refused; the operator's log says more".to_owned(),
        ))
    }

    /// The engine panicked.
    pub(super) fn panicked(error: &tokio::task::JoinError) -> Self {
        tracing::error!(%error, "the engine panicked");
        Self::Error(internal(
            "the engine failed in a way it should not; the operator's log says more".to_owned(),
        ))
    }
}

/// A fault of ours that may pass.
fn internal(message: String) -> JobError {
    JobError {
        code: Code::Internal,
        message,
        fault: Fault::Service,
        retryable: true,
    }
}
