//! Who asks, and what they may: a token's scope and the projects it reaches.
//!
//! What is out of reach does not exist for the caller (404); what is in reach but above the scope is refused (403).

use api::ids::TokenId;
use api::tokens::Scope;

use super::error::{Error, Result};
use crate::store::Reach;

/// The condition under which a write may go on, given what is there now: `If-Match`.
pub type Guard<'a, T> = &'a (dyn Fn(&T) -> bool + Send + Sync);

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    /// The token.
    pub token_id: TokenId,
    /// What it allows.
    pub scope: Scope,
    /// Which projects it reaches.
    pub reach: Reach,
}

impl Caller {
    /// Refuses unless the token allows `needed`.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub fn need(&self, needed: Scope) -> Result<()> {
        if self.scope >= needed {
            return Ok(());
        }
        Err(Error::Forbidden {
            needed: needed.as_str(),
            held: self.scope.as_str(),
        })
    }
}
