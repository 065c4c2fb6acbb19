//! Aliases: movable names for a revision of a model.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::RevisionId;
use crate::names::{AliasName, ModelName};
use crate::time::Time;

/// An alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Alias {
    /// Its name.
    pub name: AliasName,
    /// The model it belongs to.
    pub model: ModelName,
    /// The revision it points to.
    pub revision_id: RevisionId,
    /// When it last moved.
    pub updated_at: Time,
}

/// `PUT /models/{model}/aliases/{alias}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AliasTarget {
    /// The revision to point to.
    pub revision: RevisionId,
}
