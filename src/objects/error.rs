//! What can go wrong with objects, told apart by what the caller can do about it.

use std::path::PathBuf;

use api::digest::Digest;

/// What object functions return.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed operation on objects.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store's address is not understood.
    #[error("the object store's address {url:?} is not understood: {detail}")]
    Address {
        /// The address.
        url: String,
        /// Why.
        detail: String,
    },
    /// There is no such object.
    #[error("no object {digest}")]
    NotFound {
        /// Its name.
        digest: Digest,
    },
    /// The object is not as long as it should be: somebody else's hand in the store.
    #[error("object {digest} has {found_bytes} bytes instead of {expected_bytes}")]
    WrongLength {
        /// Its name.
        digest: Digest,
        /// As recorded or asked for.
        expected_bytes: u64,
        /// As found.
        found_bytes: u64,
    },
    /// The object's bytes are not those that its name promises: a broken disk, or somebody else's hand in the store.
    #[error("object {digest} is damaged: the SHA-256 of its bytes is {found}")]
    Damaged {
        /// Its name.
        digest: Digest,
        /// As found.
        found: Digest,
    },
    /// The file system refused.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// `read`, `link`, …
        doing: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The object store refused or could not be reached.
    #[error("cannot {doing} in the object store")]
    Backend {
        /// `put`, `get`, …
        doing: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// Whether the same call may succeed later: a full disk and a network that is away, but not what is missing.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Io { .. } | Self::Backend { .. } => true,
            Self::Address { .. }
            | Self::NotFound { .. }
            | Self::WrongLength { .. }
            | Self::Damaged { .. } => false,
        }
    }

    pub(super) fn backend(
        doing: &'static str,
        digest: Digest,
        source: object_store::Error,
    ) -> Self {
        // What is put cannot be missing; the bucket can.
        if doing != "put" && matches!(source, object_store::Error::NotFound { .. }) {
            return Self::NotFound { digest };
        }
        Self::Backend {
            doing,
            source: Box::new(source),
        }
    }
}
