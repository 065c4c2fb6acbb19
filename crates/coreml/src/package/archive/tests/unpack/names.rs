//! Names, kinds, methods and flags that a package has not.

use super::attempt::*;
use crate::error::Class;
use crate::limits::Limits;
use crate::package::tests::made::{self, Entry, stored};

#[test]
fn names_that_lead_out_or_deceive_are_refused() {
    let rows = [
        (
            "../evil",
            "unsafe path: ../evil: it has an empty part, or one that is . or ..",
        ),
        (
            "Net.mlpackage/a/../../evil",
            "unsafe path: Net.mlpackage/a/../../evil: it has an empty part, or one that is . or ..",
        ),
        ("/evil", "unsafe path: /evil: it is absolute"),
        ("C:evil", "unsafe path: C:evil: it is absolute"),
        ("..\\evil", "unsafe path: ..\\evil: it has a backslash"),
        ("", "unsafe path: : it is empty"),
        ("a\0b", "unsafe path: a\\u{0}b: it has control characters"),
        (
            "__MACOSX/../evil",
            "unsafe path: __MACOSX/../evil: it has an empty part, or one that is . or ..",
        ),
        (
            "Net.mlpackage/manifest.JSON",
            "conflicting names: Net.mlpackage/manifest.JSON: differs only in case or Unicode form from Net.mlpackage/Manifest.json",
        ),
        (
            "Net.mlpackage/Manifest.json",
            "conflicting names: Net.mlpackage/Manifest.json: is there twice, as Net.mlpackage/Manifest.json",
        ),
        (
            "Net.mlpackage/Data",
            "conflicting names: Net.mlpackage/Data: is a file where there is the folder Net.mlpackage/Data",
        ),
        (
            "Net.mlpackage/Manifest.json/x",
            "conflicting names: Net.mlpackage/Manifest.json/x: needs a folder where there is the file Net.mlpackage/Manifest.json",
        ),
        (
            "other/Manifest.json",
            "several packages in the zip: Net.mlpackage: also other; send them one by one",
        ),
    ];
    for (name, message) in rows {
        assert_eq!(refused(&with(stored(name, b"x"))), message);
    }
    let latin1 = Entry {
        name: b"\xe9".to_vec(),
        directory_name: b"\xe9".to_vec(),
        ..stored("x", b"")
    };
    assert_eq!(
        refused(&with(latin1)),
        "bad zip entry: \u{fffd}: its name is not UTF-8"
    );
    let mut unicode = vec![0x75, 0x70, 6, 0, 1];
    made::put(&mut unicode, &[&crc32fast::hash(b"x").to_le_bytes(), b"y"]);
    assert_eq!(
        refused(&with(Entry {
            extra: unicode,
            ..stored("x", b"")
        })),
        "bad zip entry: x: its Unicode name is another one"
    );
}

#[test]
fn kinds_methods_and_flags_that_a_package_has_not_are_refused() {
    let entry = |change: &dyn Fn(&mut Entry)| {
        let mut entry = stored("Net.mlpackage/x", b"x");
        change(&mut entry);
        with(entry)
    };
    let mode = |mode: u32| move |entry: &mut Entry| entry.attributes = mode << 16;
    let rows: [(Vec<u8>, &str, Class); 10] = [
        (
            entry(&mode(0o120_777)),
            "a link: Net.mlpackage/x: packages must not contain links",
            Class::Malformed,
        ),
        (
            entry(&mode(0o020_666)),
            "neither a file nor a folder: Net.mlpackage/x",
            Class::Malformed,
        ),
        (
            entry(&mode(0o010_666)),
            "neither a file nor a folder: Net.mlpackage/x",
            Class::Malformed,
        ),
        (
            entry(&mode(0o060_666)),
            "neither a file nor a folder: Net.mlpackage/x",
            Class::Malformed,
        ),
        (
            entry(&mode(0o040_755)),
            "bad zip entry: Net.mlpackage/x: it is a folder with the name of a file",
            Class::Malformed,
        ),
        (
            with(stored("Net.mlpackage/x/", b"x")),
            "bad zip entry: Net.mlpackage/x: it is a folder with content",
            Class::Malformed,
        ),
        (
            entry(&|entry| entry.flags = 1),
            "encrypted zip entry: Net.mlpackage/x",
            Class::Malformed,
        ),
        (
            entry(&|entry| entry.method = 99),
            "encrypted zip entry: Net.mlpackage/x",
            Class::Malformed,
        ),
        (
            entry(&|entry| entry.method = 14),
            "unsupported zip: Net.mlpackage/x: compression method 14",
            Class::Unsupported,
        ),
        (
            entry(&|entry| entry.flags = 1 << 5),
            "unsupported zip: Net.mlpackage/x: it is patched data",
            Class::Unsupported,
        ),
    ];
    for (zip, message, class) in rows {
        let error = unpack_bytes(&zip, &Limits::default()).unwrap_err();
        assert!(error.to_string().starts_with(message), "{error}");
        assert_eq!(error.class(), class, "{error}");
    }
}

#[test]
fn an_entry_for_newer_readers_is_not_supported() {
    let mut zip = made::zip(&made::entries(TOP));
    let at = zip
        .windows(4)
        .position(|window| window == b"PK\x01\x02")
        .unwrap();
    zip[at + 6] = 64;
    let error = refused(&zip);
    assert!(error.contains("it needs version 64"), "{error}");
}
