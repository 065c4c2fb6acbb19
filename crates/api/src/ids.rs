//! A type per id, all in one list: UUIDv7, written in lower case.
//!
//! They only carry; making one needs the injected `Ids` of the service.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A string that is not a UUID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidId {
    /// Which id was expected, for example `job id`.
    pub what: &'static str,
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not a {}: expected a UUID", self.what)
    }
}

impl std::error::Error for InvalidId {}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $what:literal,)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0.as_hyphenated(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                // Only the hyphenated form: one id, one spelling, one URL.
                match Uuid::try_parse(text) {
                    Ok(id) if text.len() == 36 => Ok(Self(id)),
                    Ok(_) | Err(_) => Err(InvalidId { what: $what }),
                }
            }
        }
    )+};
}

ids! {
    /// A project.
    ProjectId "project id",
    /// A model.
    ModelId "model id",
    /// An upload that can be resumed.
    UploadId "upload id",
    /// A revision.
    RevisionId "revision id",
    /// A job.
    JobId "job id",
    /// An attempt.
    AttemptId "attempt id",
    /// A measurement.
    MeasurementId "measurement id",
    /// A data set.
    DataSetId "data set id",
    /// A token.
    TokenId "token id",
    /// One start of a worker process: drawn anew at every start, so that a restarted worker never answers for its predecessor.
    WorkerId "worker id",
}

/// The fencing number of a lease: grows by one with every attempt of a job, so that a stale writer is told apart.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
pub struct Fence(pub u32);

impl std::str::FromStr for Fence {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
