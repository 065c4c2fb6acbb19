//! Tests of `manifest`: what it accepts, what it refuses, and with which words.

use crate::limits::Limits;
use crate::package::Manifest;
use crate::package::json::nesting;
use crate::package::tests::made;

fn parse(text: &str) -> Result<Manifest, String> {
    Manifest::parse(text.as_bytes(), &Limits::default()).map_err(|error| error.to_string())
}

#[test]
fn a_manifest_is_read_and_what_is_unknown_ignored() {
    let manifest = parse(made::MANIFEST).unwrap();
    assert_eq!(manifest.root_item().unwrap().path, made::MODEL);
    assert_eq!(
        manifest.weights_item().unwrap().path,
        "Data/com.apple.CoreML/weights"
    );
    let notes = &manifest.items[1];
    assert_eq!(
        (
            notes.name.as_deref(),
            notes.author.as_deref(),
            notes.path.as_str()
        ),
        (
            Some("notes"),
            Some("org.example"),
            "Data/org.example/notes.txt"
        )
    );
}

#[test]
fn a_bad_manifest_is_refused_with_its_place() {
    // Each row replaces one text of a good manifest.
    let rows = [
        (
            "\"1.0.0\"",
            "\"9.0.0\"",
            "unsupported manifest: fileFormatVersion 9.0.0: this version reads 1.x",
        ),
        (
            "\"1.0.0\"",
            "\"new\\u0007\"",
            "bad manifest: fileFormatVersion: new\\u{7} is not a version",
        ),
        (
            "\"1.0.0\"",
            "1",
            "bad manifest: fileFormatVersion: it is not a string",
        ),
        (
            "fileFormatVersion",
            "x",
            "bad manifest: fileFormatVersion: it is missing",
        ),
        (
            "rootModelIdentifier",
            "x",
            "bad manifest: rootModelIdentifier: it is missing",
        ),
        (
            "\"rootModelIdentifier\": \"M\"",
            "\"rootModelIdentifier\": \"Q\"",
            "bad manifest: rootModelIdentifier: no item has the identifier Q",
        ),
        (
            "itemInfoEntries",
            "x",
            "bad manifest: itemInfoEntries: it is missing",
        ),
        (
            "\"path\": \"com.apple.CoreML/net v1.mlmodel\"",
            "\"x\": 1",
            "bad manifest: M.path: it is missing",
        ),
        (
            "\"name\": \"notes\"",
            "\"name\": 1",
            "bad manifest: N.name: it is not a string",
        ),
        (
            "org.example/notes.txt",
            "/etc/passwd",
            "unsafe path: /etc/passwd: it is absolute",
        ),
        ("org.example/notes.txt", "", "unsafe path: : it is empty"),
        (
            "org.example/notes.txt",
            "../x",
            "unsafe path: ../x: it has an empty part, or one that is . or ..",
        ),
        (
            "org.example/notes.txt",
            "a\\u0000b",
            "unsafe path: a\\u{0}b: it has control characters",
        ),
    ];
    for (old, new, message) in rows {
        assert_eq!(
            parse(&made::MANIFEST.replacen(old, new, 1)).unwrap_err(),
            message
        );
    }
    for text in ["", "[]", "1", "{", "{\"a\":1}x", "\u{feff}{}"] {
        assert!(
            parse(text)
                .unwrap_err()
                .starts_with("bad manifest: Manifest.json: "),
            "{text:?}"
        );
    }
}

#[test]
fn a_key_that_is_there_twice_is_refused_at_any_depth() {
    let rows = [
        (
            "\"x-unknown\": [1, {\"keep\": null}]",
            "\"x-unknown\": [1, {\"keep\": null, \"keep\": 2}]",
            "keep",
        ),
        ("\"N\":", "\"M\":", "M"),
        (
            "\"x-unknown\"",
            "\"rootModelIdentifier\"",
            "rootModelIdentifier",
        ),
        (
            "\"x-unknown\"",
            "\"root\\u004dodelIdentifier\"",
            "rootModelIdentifier",
        ),
        ("\"description\": \"model\"", "\"path\": \"q\"", "path"),
    ];
    for (old, new, key) in rows {
        let error = parse(&made::MANIFEST.replacen(old, new, 1)).unwrap_err();
        assert!(
            error.contains(&format!("the key {key} is there twice")),
            "{error}"
        );
    }
}

#[test]
fn nesting_is_counted_outside_of_strings() {
    for (text, depth) in [
        ("{}", 1),
        ("[[{}]]", 3),
        ("{\"[[[[\": \"\\\"[[[\"}", 1),
        ("[\"\\\\\", []]", 2),
        ("]]][", 1),
        ("", 0),
    ] {
        assert_eq!(nesting(text.as_bytes()), depth, "{text}");
    }
}
