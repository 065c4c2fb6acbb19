//! Uploads that can be resumed (tus 1.0): what the server knows of one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::digest::Digest;
use crate::ids::{ModelId, RevisionId, UploadId};
use crate::names::ModelName;
use crate::problem::Code;
use crate::revisions::Tags;
use crate::time::Time;
use crate::words::words;

words! {
    /// How far an upload is.
    UploadState, "upload state" {
        /// Bytes are missing, or all are there and are not stored as a revision yet.
        Receiving = "receiving",
        /// It became a revision.
        Done = "done",
        /// It was refused; nothing of it is kept.
        Failed = "failed",
    }
}

/// An upload that can be resumed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Upload {
    /// Its id.
    pub id: UploadId,
    /// Name of the model that gets the revision.
    pub model: ModelName,
    /// Its id.
    pub model_id: ModelId,
    /// As the client called the file; may be empty.
    pub file_name: String,
    /// Tags of the revision.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub tags: Tags,
    /// SHA-256 of the whole body, where the client said it.
    pub digest: Option<Digest>,
    /// How far it is.
    pub state: UploadState,
    /// Bytes that have arrived and survive whatever happens.
    pub offset_bytes: u64,
    /// Bytes in all.
    pub size_bytes: u64,
    /// The revision that it became.
    pub revision_id: Option<RevisionId>,
    /// Why it was refused.
    pub error: Option<UploadError>,
    /// When it began.
    pub created_at: Time,
    /// When it is forgotten.
    pub expires_at: Time,
}

/// Why an upload was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UploadError {
    /// For programs.
    pub code: Code,
    /// In one sentence.
    pub detail: String,
}
