//! Bearer tokens: who may do what.
//!
//! The secret itself is only in [`CreatedToken`], once. Minting and parsing it belongs to the service.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::TokenId;
use crate::names::ProjectName;
use crate::time::Time;
use crate::words::words;

words! {
    /// What a token allows; each includes the one before.
    Scope, "scope" {
        /// Look and download.
        Reader = "reader",
        /// Upload, submit, change, delete.
        Writer = "writer",
        /// Tokens and projects too.
        Admin = "admin",
    }
}

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// What it is for, in the owner's words.
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// The only project it reaches; null reaches all.
    pub project: Option<ProjectName>,
    /// When it was made.
    pub created_at: Time,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Time>,
    /// Since when it is worthless.
    pub revoked_at: Option<Time>,
}

/// `POST /tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100)]
    #[serde(deserialize_with = "crate::names::text")]
    pub name: String,
    /// What it allows.
    pub scope: Scope,
    /// The only project it reaches; all when not given.
    #[serde(default)]
    pub project: Option<ProjectName>,
}

/// The answer to `POST /tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatedToken {
    /// The token.
    #[serde(flatten)]
    pub token: Token,
    /// `ca_…`; shown this once.
    pub secret: String,
}
