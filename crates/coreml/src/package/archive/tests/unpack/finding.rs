//! Where a package lies in its archive, and what stays in the archive.

use super::attempt::*;
use crate::error::Error;
use crate::limits::Limits;
use crate::number::wide;
use crate::package::archive::unpack;
use crate::package::tests::made::{self, stored};
use std::fs;

#[test]
fn a_package_is_found_wherever_it_lies() {
    for (top, name) in [
        ("", None),
        (TOP, Some("Net.mlpackage")),
        ("a/b/c/d.mlpackage/", Some("d.mlpackage")),
        ("no extension/", Some("no extension")),
    ] {
        let (unpacked, files) =
            unpack_bytes(&made::zip(&made::entries(top)), &Limits::default()).unwrap();
        assert_eq!(
            (unpacked.top.as_deref(), files),
            (name, owned(&made::files()))
        );
        for file in &unpacked.files {
            let bytes = &made::files()
                .into_iter()
                .find(|(path, _)| *path == file.path)
                .unwrap()
                .1;
            assert_eq!(file.sums.sha256, crate::package::Digest::of(bytes));
            assert_eq!(
                (file.sums.crc32, file.size_bytes),
                (crc32fast::hash(bytes), wide(bytes.len()))
            );
        }
    }
}

#[test]
fn a_package_inside_a_broken_one_is_not_taken_for_it() {
    let zip = made::zip(&made::entries("a/Outer.mlpackage/inner.mlpackage/"));
    assert_eq!(
        refused(&zip),
        "bad manifest: a/Outer.mlpackage: there is no Manifest.json in the folder, but in a folder inside it"
    );
}

#[test]
fn litter_and_what_lies_beside_the_package_stay_in_the_archive() {
    let zip = changed(|entries| {
        entries.push(stored("readme.txt", b"hello"));
        for name in [
            "__MACOSX/",
            "__MACOSX/Net.mlpackage/._Manifest.json",
            "Net.mlpackage/.DS_Store",
            "Net.mlpackage/Data/._x",
        ] {
            entries.push(stored(name, b""));
        }
        entries.push(stored(
            "Net.mlpackage/Data/nested.mlpackage/Manifest.json",
            b"{}",
        ));
    });
    let (_, files) = unpack_bytes(&zip, &Limits::default()).unwrap();
    let mut wanted = owned(&made::files_with(
        "Data/nested.mlpackage/Manifest.json",
        b"{}",
    ));
    wanted.sort();
    assert_eq!(files, wanted);
}

#[test]
fn descriptors_in_their_four_forms_are_understood() {
    for (signature, is_wide) in [(false, false), (true, false), (false, true), (true, true)] {
        let zip = changed(|entries| {
            for entry in entries {
                let mut descriptor = if signature {
                    b"PK\x07\x08".to_vec()
                } else {
                    Vec::new()
                };
                made::put(&mut descriptor, &[&entry.crc32.to_le_bytes()]);
                for size in [entry.packed, entry.unpacked] {
                    let (narrow, full) = (size.to_le_bytes(), u64::from(size).to_le_bytes());
                    made::put(
                        &mut descriptor,
                        &[if is_wide { &full[..] } else { &narrow }],
                    );
                }
                entry.flags = 8;
                entry.local_unpacked = 0;
                entry.descriptor = descriptor;
            }
        });
        let (_, files) = unpack_bytes(&zip, &Limits::default()).unwrap();
        assert_eq!(
            files,
            owned(&made::files()),
            "signature {signature}, wide {is_wide}"
        );
    }
}

#[test]
fn a_folder_that_is_not_empty_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let (zip, into) = (home.path().join("a.zip"), home.path().join("into"));
    fs::write(&zip, made::zip(&made::entries(TOP))).unwrap();
    fs::create_dir(&into).unwrap();
    fs::write(into.join("mine"), b"x").unwrap();
    assert!(matches!(
        unpack(&zip, &into, &Limits::default()),
        Err(Error::Exists { .. })
    ));
    assert_eq!(fs::read(into.join("mine")).unwrap(), b"x");
    // A folder that was not there is not there after a refusal.
    let other = home.path().join("other");
    fs::write(&zip, changed(|entries| entries[3].crc32 ^= 1)).unwrap();
    assert!(unpack(&zip, &other, &Limits::default()).is_err());
    assert!(!other.exists());
}
