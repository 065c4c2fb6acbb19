//! What the queue refuses.

use api::ids::{Fence, JobId};

/// What queue functions return.
pub type Result<T> = std::result::Result<T, Error>;

/// A refusal of the queue, or a failure of the store below it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The writer does not hold the lease (any more); only the job's events changed.
    #[error("attempt {fence} of job {job_id} no longer holds the lease")]
    StaleLease {
        /// The job.
        job_id: JobId,
        /// The attempt's fencing number.
        fence: Fence,
    },
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] crate::store::Error),
}

impl Error {
    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::StaleLease { .. } => false,
            Self::Store(error) => error.is_transient(),
        }
    }
}
