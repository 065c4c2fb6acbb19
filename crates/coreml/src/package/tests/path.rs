//! Tests of `path`: what it accepts, what it refuses, and with which words.

use crate::limits::Limits;
use crate::package::path::{check, is_litter};

#[test]
fn a_path_is_harmless_or_refused_with_its_rule() {
    let rows = [
        ("Manifest.json", None),
        ("Data/com.apple.CoreML/net v1.mlmodel", None),
        ("Data/größe/重み…/..a/b..", None),
        ("", Some("empty")),
        ("/etc/passwd", Some("absolute")),
        ("C:/x", Some("absolute")),
        ("c:x", Some("absolute")),
        ("a/../b", Some("empty part, or one that is . or ..")),
        ("..", Some("empty part")),
        (".", Some("empty part")),
        ("a/./b", Some("empty part")),
        ("a//b", Some("empty part")),
        ("a/", Some("empty part")),
        ("a\\b", Some("backslash")),
        ("a\0b", Some("control")),
        ("a\nb", Some("control")),
        ("a\u{7f}b", Some("control")),
        ("a\u{85}b", Some("control")),
    ];
    for (path, rule) in rows {
        match (check(path, &Limits::default()), rule) {
            (Ok(()), None) => {}
            (Err(error), Some(rule)) => {
                assert!(error.to_string().contains(rule), "{path:?}: {error}");
            }
            (got, wanted) => panic!("{path:?}: {got:?}, wanted {wanted:?}"),
        }
    }
}

#[test]
fn limits_hold_to_the_byte() {
    let limits = Limits {
        path_bytes: 9,
        path_depth: 3,
        ..Limits::default()
    };
    let limited = |path: &str| check(path, &limits).map_err(|error| error.to_string());
    assert_eq!(limited("a/b/45678"), Ok(()));
    assert_eq!(
        limited("a/b/456789").unwrap_err(),
        "path too long: a/b/456789: 10 bytes, at most 9 (limits.path_bytes)"
    );
    assert_eq!(
        limited("a/b/c/d").unwrap_err(),
        "path too deep: a/b/c/d: 4 parts, at most 3 (limits.path_depth)"
    );
    let boundless = Limits {
        path_bytes: u64::MAX,
        ..Limits::default()
    };
    assert!(check(&"x".repeat(4096), &boundless).is_ok());
    assert!(check(&"x".repeat(4097), &boundless).is_err());
}

#[test]
fn litter_is_known_by_name() {
    for (name, litter) in [
        ("__MACOSX", true),
        (".DS_Store", true),
        ("._weight.bin", true),
        ("._", true),
        (".hidden", false),
        ("DS_Store", false),
        ("_", false),
    ] {
        assert_eq!(is_litter(name), litter, "{name}");
    }
}
