//! Models: names under which revisions are collected.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{DataSetId, ModelId, RevisionId};
use crate::names::{ModelName, ProjectName};
use crate::time::Time;

/// A model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Model {
    /// Its id.
    pub id: ModelId,
    /// Its name, unique in its project.
    pub name: ModelName,
    /// The project it belongs to.
    pub project: ProjectName,
    /// What it is, in the owner's words.
    pub description: String,
    /// The data set that accuracy is measured on.
    pub data_set_id: Option<DataSetId>,
    /// How many revisions it has.
    pub revision_count: u64,
    /// The newest revision.
    pub latest_revision_id: Option<RevisionId>,
    /// When it was made.
    pub created_at: Time,
    /// When name, description or data set last changed.
    pub updated_at: Time,
}

/// `POST /models`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewModel {
    /// The name, unique in its project.
    pub name: ModelName,
    /// The project; the token's own, or `default`, when not given.
    #[serde(default)]
    pub project: Option<ProjectName>,
    /// What it is.
    #[serde(default, deserialize_with = "crate::names::text")]
    #[schema(max_length = 10_000)]
    pub description: String,
}

/// `PATCH /models/{model}`: what is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelPatch {
    /// A new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<ModelName>,
    /// A new description.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::names::text_option"
    )]
    #[schema(max_length = 10_000)]
    pub description: Option<String>,
}
