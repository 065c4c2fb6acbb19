//! Revisions: immutable packages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::digest::Digest;
use crate::ids::{JobId, ModelId, RevisionId};
use crate::names::{ModelName, TagKey, TagValue};
use crate::report::RecipeEcho;
use crate::time::Time;

/// Tags of a revision.
pub type Tags = BTreeMap<TagKey, TagValue>;

/// A revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Revision {
    /// Its id.
    pub id: RevisionId,
    /// Name of its model.
    pub model: ModelName,
    /// Id of its model.
    pub model_id: ModelId,
    /// Canonical digest of the package.
    pub digest: Digest,
    /// Digest after setting aside what an exporter draws at random.
    pub content_digest: Digest,
    /// The earliest revision of the model with the same content digest, when that is another one.
    pub same_content_as: Option<RevisionId>,
    /// `mlpackage` or `mlmodel`; an open set.
    pub kind: String,
    /// Sum of the lengths of the package's files.
    pub size_bytes: u64,
    /// The revision it was made from.
    pub parent_id: Option<RevisionId>,
    /// The recipe that made it.
    pub recipe: Option<RecipeEcho>,
    /// The job that made it.
    pub job_id: Option<JobId>,
    /// Its tags.
    #[schema(value_type = BTreeMap<String, String>)]
    pub tags: Tags,
    /// What somebody wrote about it.
    pub notes: String,
    /// When it was stored.
    pub created_at: Time,
}

/// `PATCH /revisions/{id}`: what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevisionPatch {
    /// All tags anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub tags: Option<Tags>,
    /// New notes.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::names::text_option"
    )]
    #[schema(max_length = 10_000)]
    pub notes: Option<String>,
}
