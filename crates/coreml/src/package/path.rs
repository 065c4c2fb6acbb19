//! Paths inside packages and archives: which are harmless.
//!
//! A path is refused when it could leave the package on any system (`..`, a root, a drive, a backslash) or could be
//! understood differently by two readers (control characters, empty parts). It only looks at text; links are the
//! business of whoever touches the disk.

use crate::error::{Error, Shown};
use crate::limits::{Limit, Limits};
use crate::number::wide;

/// No system opens longer paths, and a zip's 16-bit lengths must hold them with their top folder.
const LONGEST_BYTES: u64 = 4096;

/// Refuses a path that is not harmless or passes a limit.
pub(crate) fn check(path: &str, limits: &Limits) -> Result<(), Error> {
    let too_much = |limit, found, most| Error::TooMuch {
        limit,
        place: path.into(),
        found,
        most,
    };
    let most = limits.path_bytes.min(LONGEST_BYTES);
    if wide(path.len()) > most {
        return Err(too_much(Limit::PathBytes, wide(path.len()), most));
    }
    if let Some(why) = fault(path) {
        return Err(Error::UnsafePath {
            place: Shown::from(path),
            why,
        });
    }
    let depth = wide(path.split('/').count());
    if depth > limits.path_depth {
        return Err(too_much(Limit::PathDepth, depth, limits.path_depth));
    }
    Ok(())
}

/// The rule that a path breaks.
pub(crate) fn fault(path: &str) -> Option<&'static str> {
    let drive =
        |path: &str| matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
    if path.is_empty() {
        Some("it is empty")
    } else if path.contains(char::is_control) {
        Some("it has control characters")
    } else if path.contains('\\') {
        Some("it has a backslash")
    } else if path.starts_with('/') || drive(path) {
        Some("it is absolute")
    } else if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        Some("it has an empty part, or one that is . or ..")
    } else {
        None
    }
}

/// Files that platforms leave in folders and archives (`__MACOSX`, `.DS_Store`, `._name`), which are no part of a
/// package. `name` is one part of a path.
pub(crate) fn is_litter(name: &str) -> bool {
    matches!(name, "__MACOSX" | ".DS_Store") || name.starts_with("._")
}
