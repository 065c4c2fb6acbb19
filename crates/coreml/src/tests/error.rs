//! Tests of `error`: what it accepts, what it refuses, and with which words.

use std::io;

use crate::error::{Class, Error, Shown};
use crate::limits::Limit;

#[test]
fn shown_text_is_escaped_and_cut() {
    let rows = [
        ("plain/name.bin", "plain/name.bin"),
        ("\u{1b}[31mred\n\r\u{7}", "\\u{1b}[31mred\\n\\r\\u{7}"),
        (
            "a\u{202e}b\u{200b}\u{2028}",
            "a\\u{202e}b\\u{200b}\\u{2028}",
        ),
        ("äß…中", "äß…中"),
    ];
    for (text, shown) in rows {
        assert_eq!(Shown::from(text).as_str(), shown);
    }
    let long = format!("begin{}end", "x".repeat(1_000_000));
    let shown = Shown::from(long);
    assert!(shown.as_str().starts_with("begin") && shown.as_str().ends_with("end"));
    assert!(shown.as_str().chars().count() <= 171);
}

#[test]
fn an_error_is_one_printable_line_and_has_a_class() {
    let place = || Shown::from("a\nb\u{1b}[2J\u{202e}c");
    let other = place;
    let gone = io::Error::from(io::ErrorKind::PermissionDenied);
    let too_much = Error::TooMuch {
        limit: Limit::FileBytes,
        place: place(),
        found: 8,
        most: 7,
    };
    let rows = [
        (
            Error::io("read", place())(gone),
            Class::Io,
            "cannot read: @: permission denied",
        ),
        (
            Error::NotFound { place: place() },
            Class::Io,
            "no such file or folder: @",
        ),
        (
            Error::Exists { place: place() },
            Class::Io,
            "exists already: @: it would be overwritten",
        ),
        (
            too_much,
            Class::Malformed,
            "file too large: @: 8 bytes, at most 7 (limits.file_bytes)",
        ),
        (
            Error::Link { place: place() },
            Class::Malformed,
            "a link: @: packages must not contain links",
        ),
        (
            Error::Conflict {
                place: place(),
                why: "is",
                other: other(),
            },
            Class::Malformed,
            "conflicting names: @: is @",
        ),
        (
            Error::Manifest {
                place: place(),
                why: other(),
            },
            Class::Malformed,
            "bad manifest: @: @",
        ),
        (
            Error::ManifestVersion { found: place() },
            Class::Unsupported,
            "unsupported manifest: fileFormatVersion @: this version reads 1.x",
        ),
        (
            Error::ZipUnsupported {
                place: place(),
                why: "compression method",
                number: 14,
            },
            Class::Unsupported,
            "unsupported zip: @: compression method 14; only stored and deflated entries in one file are read",
        ),
    ];
    for (error, class, line) in rows {
        assert_eq!(
            error.to_string(),
            line.replace('@', "a\\nb\\u{1b}[2J\\u{202e}c")
        );
        assert_eq!(error.class(), class, "{error}");
        assert!(
            std::error::Error::source(&error).is_none(),
            "the line is complete: {error}"
        );
    }
}
