//! How a command names a revision: by its id, or as `MODEL@ALIAS`.

use std::str::FromStr;

use api::ids::RevisionId;
use client::Client;

use super::exit::Failure;

/// A revision as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    /// `01890000-…`.
    Id(RevisionId),
    /// `mobilenet@prod`.
    Alias {
        /// Name or id of the model.
        model: String,
        /// Name of the alias.
        alias: String,
    },
}

impl FromStr for Reference {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((model, alias)) = text.rsplit_once('@')
            && !model.is_empty()
            && !alias.is_empty()
        {
            return Ok(Self::Alias {
                model: model.to_owned(),
                alias: alias.to_owned(),
            });
        }
        text.parse()
            .map(Self::Id)
            .map_err(|_invalid| "expected the id of a revision, or MODEL@ALIAS".to_owned())
    }
}

impl Reference {
    /// The id it stands for now.
    pub(crate) async fn resolve(&self, client: &Client) -> Result<RevisionId, Failure> {
        match self {
            Self::Id(id) => Ok(*id),
            Self::Alias { model, alias } => Ok(client.alias(model, alias).await?.revision_id),
        }
    }
}
