//! Lists: a page of items and where the next one begins.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::names::AliasName;

/// Items a list answers when `limit` is not given.
pub const LIMIT_DEFAULT: u32 = 50;
/// Most items a list answers.
pub const LIMIT_MAX: u32 = 200;

/// A page of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Give it as `cursor` to get the next page; null on the last one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page of at most `limit` items out of one more, which tells whether there is a next page; `cursor` names the last.
    pub fn cut(mut items: Vec<T>, limit: u32, cursor: impl FnOnce(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).map(cursor);
        Self { items, next_cursor }
    }

    /// The same page of other things.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(f).collect(),
            next_cursor: self.next_cursor,
        }
    }
}

/// Where a page begins: after this id. Opaque to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor(pub Uuid);

/// A cursor that no list gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidCursor;

impl fmt::Display for InvalidCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a cursor that a list gave")
    }
}

impl std::error::Error for InvalidCursor {}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}", self.0.as_simple())
    }
}

impl Cursor {
    /// After an item that a number names.
    pub const fn number(number: u64) -> Self {
        Self(Uuid::from_u128(number as u128))
    }

    /// The number, when it was made from one.
    pub fn as_number(self) -> Option<u64> {
        u64::try_from(self.0.as_u128()).ok()
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let digits = text
            .strip_prefix('c')
            .filter(|digits| digits.len() == 32)
            .ok_or(InvalidCursor)?;
        Uuid::try_parse(digits).map(Self).or(Err(InvalidCursor))
    }
}

/// Where a page of a list by name begins: after this name. Opaque to clients too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameCursor(pub AliasName);

impl fmt::Display for NameCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{}", self.0)
    }
}

impl FromStr for NameCursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let name = text.strip_prefix('n').ok_or(InvalidCursor)?;
        name.parse().map(Self).or(Err(InvalidCursor))
    }
}

/// Which page is wanted: parsed `limit` and `cursor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// At most so many items; 1 to [`LIMIT_MAX`].
    pub limit: u32,
    /// Begin after this one.
    pub after: Option<Cursor>,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self {
            limit: LIMIT_DEFAULT,
            after: None,
        }
    }
}
