//! Names that people choose: checked once at the edge, valid ever after.
//!
//! A name is 1 to 100 characters of `A-Z a-z 0-9 . _ -`, begins with a letter or digit, and does not look like an id:
//! so it can stand in a URL, a file name and `MODEL@ALIAS` as it is. It says nothing about whether the name is taken.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// Longest name, in bytes.
pub const NAME_MAX_BYTES: usize = 100;
/// Longest value of a tag, in bytes.
pub const TAG_VALUE_MAX_BYTES: usize = 500;

/// Why a name or tag is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidName {
    /// It has no characters.
    Empty,
    /// It has more bytes than allowed.
    TooLong {
        /// The most there may be.
        max_bytes: usize,
    },
    /// A character that is not allowed, or not allowed in front.
    Character(char),
    /// It could be taken for an id.
    LooksLikeAnId,
    /// A tag without `:` or `=` between key and value.
    NoSeparator,
}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::TooLong { max_bytes } => write!(f, "is longer than {max_bytes} bytes"),
            Self::Character(c) => write!(
                f,
                "has {c:?} where it may not: letters, digits, '.', '_' and '-' are allowed, a letter or digit first"
            ),
            Self::LooksLikeAnId => f.write_str("looks like an id"),
            Self::NoSeparator => f.write_str("has no ':' between key and value"),
        }
    }
}

impl std::error::Error for InvalidName {}

fn check(text: &str) -> Result<(), InvalidName> {
    if text.len() > NAME_MAX_BYTES {
        return Err(InvalidName::TooLong {
            max_bytes: NAME_MAX_BYTES,
        });
    }
    let first = text.chars().next().ok_or(InvalidName::Empty)?;
    if !first.is_ascii_alphanumeric() {
        return Err(InvalidName::Character(first));
    }
    if let Some(bad) = text
        .chars()
        .find(|&c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')))
    {
        return Err(InvalidName::Character(bad));
    }
    if uuid::Uuid::try_parse(text).is_ok() {
        return Err(InvalidName::LooksLikeAnId);
    }
    Ok(())
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                check(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(|why| serde::de::Error::custom(format_args!("name {why}")))
            }
        }
    )+};
}

names! {
    /// Name of a project.
    ProjectName,
    /// Name of a model, unique in its project.
    ModelName,
    /// Name of an alias, unique in its model.
    AliasName,
    /// Key of a tag.
    TagKey,
}

/// Value of a tag: at most 500 bytes, no control characters, possibly empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, max_length = 500)]
pub struct TagValue(String);

impl TagValue {
    /// The value as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TagValue {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if text.len() > TAG_VALUE_MAX_BYTES {
            return Err(InvalidName::TooLong {
                max_bytes: TAG_VALUE_MAX_BYTES,
            });
        }
        match text.chars().find(|c| c.is_control()) {
            Some(bad) => Err(InvalidName::Character(bad)),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for TagValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<'de> Deserialize<'de> for TagValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|why| serde::de::Error::custom(format_args!("tag value {why}")))
    }
}

/// A tag as a query (`commit:abc`) or the command line (`commit=abc`) writes it.
///
/// # Errors
/// [`InvalidName`] when there is no separator, or when key or value is refused.
pub fn parse_tag(text: &str) -> Result<(TagKey, TagValue), InvalidName> {
    let (key, value) = text
        .split_once([':', '='])
        .ok_or(InvalidName::NoSeparator)?;
    Ok((key.parse()?, value.parse()?))
}

/// For descriptions, notes and names of tokens: refuses NUL, which Postgres cannot keep. How long it may be is decided
/// where it is used.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    without_nul(String::deserialize(deserializer)?)
}

/// As [`text`], where it may be missing.
pub(crate) fn text_option<'de, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    D: Deserializer<'de>,
{
    Option::<String>::deserialize(deserializer)?
        .map(without_nul)
        .transpose()
}

fn without_nul<E: serde::de::Error>(text: String) -> Result<String, E> {
    if text.contains('\0') {
        Err(E::custom("text has a NUL character"))
    } else {
        Ok(text)
    }
}
