//! Conditional and range requests (RFC 9110 §13, §14): entity tags, `If-Match`, `If-None-Match`, `If-Range`, `Range`.
//!
//! Pure functions on header values. It answers nothing itself; the handlers' answers are built in `answer.rs`.

use std::ops::Range;

use axum::http::{HeaderMap, header};
use sha2::{Digest as _, Sha256};

/// A strong entity tag with its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntityTag(String);

impl EntityTag {
    /// The tag of a representation: any change of any byte changes it.
    pub(crate) fn of(representation: &[u8]) -> Self {
        let digest = Sha256::digest(representation);
        let mut text = String::with_capacity(34);
        text.push('"');
        for byte in digest.iter().take(16) {
            text.extend(
                [byte >> 4, byte & 15]
                    .map(|nibble| char::from_digit(nibble.into(), 16).unwrap_or('0')),
            );
        }
        text.push('"');
        Self(text)
    }

    /// As it stands in the header.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a list such as `"a", W/"b"` or `*` names this tag. The weak form matches only where `weak` says so:
    /// `If-None-Match` compares weakly, `If-Match` and `If-Range` strongly.
    fn is_named_by(&self, list: &str, weak: bool) -> bool {
        list.split(',')
            .map(str::trim)
            .any(|one| match one.strip_prefix("W/") {
                Some(tag) => weak && tag == self.0,
                None => one == "*" || one == self.0,
            })
    }
}

fn joined(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    let values: Vec<&str> = headers
        .get_all(name)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .collect();
    if values.is_empty() {
        None
    } else {
        Some(values.join(","))
    }
}

/// Whether a write may go on: there is no `If-Match`, or it names the present tag.
pub(crate) fn may_write(headers: &HeaderMap, present: &EntityTag) -> bool {
    joined(headers, header::IF_MATCH).is_none_or(|list| present.is_named_by(&list, false))
}

/// Whether the client has this representation already (304).
pub(crate) fn is_not_modified(headers: &HeaderMap, present: &EntityTag) -> bool {
    joined(headers, header::IF_NONE_MATCH).is_some_and(|list| present.is_named_by(&list, true))
}

/// Which bytes of a representation are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// All of it: no `Range`, one that is not understood, several, or an `If-Range` that does not match.
    Whole,
    /// One range, inside the representation and not empty.
    Part(Range<u64>),
    /// A range that begins behind the end (416).
    Nothing,
}

/// Reads `Range` and `If-Range`. Several ranges answer the whole, which RFC 9110 §14.2 permits.
pub(crate) fn asked(headers: &HeaderMap, present: &EntityTag, size_bytes: u64) -> Asked {
    if joined(headers, header::IF_RANGE).is_some_and(|tag| !present.is_named_by(&tag, false)) {
        return Asked::Whole;
    }
    let Some(range) = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok())
    else {
        return Asked::Whole;
    };
    parse(range, size_bytes)
}

fn parse(range: &str, size_bytes: u64) -> Asked {
    let Some((first, last)) = range
        .trim()
        .strip_prefix("bytes=")
        .filter(|set| !set.contains(','))
        .and_then(|one| one.trim().split_once('-'))
    else {
        return Asked::Whole;
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(first) || !digits(last) {
        return Asked::Whole;
    }
    // A number too large for u64 is behind every end.
    let number = |text: &str| text.parse::<u64>().unwrap_or(u64::MAX);
    match (first.is_empty(), last.is_empty()) {
        (true, true) => Asked::Whole,
        (true, false) => match number(last).min(size_bytes) {
            0 => Asked::Nothing,
            count => Asked::Part(size_bytes - count..size_bytes),
        },
        (false, _) if number(first) >= size_bytes => Asked::Nothing,
        (false, true) => Asked::Part(number(first)..size_bytes),
        (false, false) if number(last) < number(first) => Asked::Whole,
        (false, false) => {
            Asked::Part(number(first)..number(last).saturating_add(1).min(size_bytes))
        }
    }
}
