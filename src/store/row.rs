//! From what a row holds to valid values, and back.
//!
//! A value that does not fit is [`Error::Corrupt`]: never a panic, never a guess.

use std::fmt::Display;
use std::str::FromStr;

use api::digest::Digest;
use api::time::Time;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::{Error, Result};

fn corrupt(what: &'static str, detail: impl Display) -> Error {
    Error::Corrupt {
        what,
        detail: detail.to_string(),
    }
}

/// A moment.
pub(super) fn time(unix_ms: i64) -> Result<Time> {
    Time::from_unix_ms(unix_ms).ok_or_else(|| corrupt("time", unix_ms))
}

/// A moment that may not have come.
pub(super) fn time_option(unix_ms: Option<i64>) -> Result<Option<Time>> {
    unix_ms.map(time).transpose()
}

/// A digest.
pub(super) fn digest(bytes: &[u8]) -> Result<Digest> {
    let Ok(bytes) = bytes.try_into() else {
        return Err(corrupt("digest", format_args!("{} bytes", bytes.len())));
    };
    Ok(Digest(bytes))
}

/// A word or name.
pub(super) fn word<T: FromStr<Err: Display>>(what: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|why| corrupt(what, why))
}

/// A word or name that may be missing.
pub(super) fn word_option<T: FromStr<Err: Display>>(
    what: &'static str,
    text: Option<&str>,
) -> Result<Option<T>> {
    text.map(|text| word(what, text)).transpose()
}

/// A number without a sign.
pub(super) fn count<T: TryFrom<i64>>(what: &'static str, number: i64) -> Result<T> {
    T::try_from(number)
        .ok()
        .ok_or_else(|| corrupt(what, number))
}

/// A number for a signed column.
pub(super) fn signed(what: &'static str, number: u64) -> Result<i64> {
    i64::try_from(number)
        .ok()
        .ok_or_else(|| corrupt(what, number))
}

/// JSON that we wrote.
pub(super) fn json<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|why| corrupt(what, why))
}

/// JSON that may be missing.
pub(super) fn json_option<T: DeserializeOwned>(
    what: &'static str,
    text: Option<&str>,
) -> Result<Option<T>> {
    text.map(|text| json(what, text)).transpose()
}

/// Writes JSON.
pub(super) fn to_json<T: Serialize + ?Sized>(what: &'static str, value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|why| corrupt(what, why))
}

/// Writes JSON that may be missing.
pub(super) fn to_json_option<T: Serialize>(
    what: &'static str,
    value: Option<&T>,
) -> Result<Option<String>> {
    value.map(|value| to_json(what, value)).transpose()
}
