//! What comes with an upload besides its bytes, and how its bytes may end too early.

use api::revisions::Tags;

use crate::app::error::Error;

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    /// Tags of the new revision.
    pub tags: Tags,
    /// SHA-256 of the body, as the client knows it.
    pub promised_sha256: Option<[u8; 32]>,
    /// Length of the body, as the client says; it is counted all the same.
    pub announced_bytes: Option<u64>,
}

/// Why no more bytes come, although the body is not complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The connection broke.
    BrokenOff,
    /// Nothing came for too long.
    Silent,
}

impl From<Stop> for Error {
    fn from(stop: Stop) -> Self {
        Self::bad_request(match stop {
            Stop::BrokenOff => "the body broke off",
            Stop::Silent => "the body stopped coming",
        })
    }
}
