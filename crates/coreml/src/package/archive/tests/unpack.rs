//! Tests of `unpack`: what it accepts, what it refuses, and with which words.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers in tests")]

use proptest::prelude::*;

use crate::error::Class;
use crate::error::Error;
use crate::limits::Limit;
use crate::limits::Limits;
use crate::number::wide;
use crate::package::archive::{Unpacked, UnpackedFile, unpack};
use crate::package::tests::made::{self, Entry, deflated, stored};
use std::fs;

const TOP: &str = "Net.mlpackage/";
/// Entries of the good package, by their place in `made::entries`.
const MODEL: usize = 0;
const WEIGHTS: usize = 1;

/// Paths and contents.
type Files = Vec<(String, Vec<u8>)>;

/// Unpacks into a fresh folder; a refusal must leave it empty.
fn unpack_bytes(zip: &[u8], limits: &Limits) -> Result<(Unpacked, Files), Error> {
    let home = tempfile::tempdir().unwrap();
    let (path, into) = (home.path().join("a.zip"), home.path().join("into"));
    fs::write(&path, zip).unwrap();
    fs::create_dir(&into).unwrap();
    match unpack(&path, &into, limits) {
        Ok(unpacked) => {
            let read =
                |file: &UnpackedFile| (file.path.clone(), fs::read(into.join(&file.path)).unwrap());
            let files = unpacked.files.iter().map(read).collect();
            Ok((unpacked, files))
        }
        Err(error) => {
            assert_eq!(
                fs::read_dir(&into).unwrap().count(),
                0,
                "left something: {error}"
            );
            assert_eq!(
                fs::read_dir(home.path()).unwrap().count(),
                2,
                "left something beside: {error}"
            );
            Err(error)
        }
    }
}

fn owned(files: &[(&str, Vec<u8>)]) -> Files {
    files
        .iter()
        .map(|(path, bytes)| ((*path).to_owned(), bytes.clone()))
        .collect()
}

/// The good archive, changed.
fn changed(change: impl FnOnce(&mut Vec<Entry>)) -> Vec<u8> {
    let mut entries = made::entries(TOP);
    change(&mut entries);
    made::zip(&entries)
}

fn with(entry: Entry) -> Vec<u8> {
    changed(|entries| entries.push(entry))
}

fn refused(zip: &[u8]) -> String {
    unpack_bytes(zip, &Limits::default())
        .unwrap_err()
        .to_string()
}

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
fn entries_that_lie_are_refused() {
    type Lie = fn(&mut Entry);
    let rows: [(usize, Lie, &str); 13] = [
        (
            WEIGHTS,
            |entry| entry.crc32 ^= 1,
            "its content does not have the CRC-32 of its headers",
        ),
        (
            MODEL,
            |entry| entry.crc32 ^= 1,
            "its content does not have the CRC-32 of its headers",
        ),
        (
            WEIGHTS,
            |entry| (entry.unpacked, entry.local_unpacked) = (4_999, 4_999),
            "more bytes come out than its headers say",
        ),
        (
            WEIGHTS,
            |entry| (entry.unpacked, entry.local_unpacked) = (5_001, 5_001),
            "fewer bytes come out than its headers say",
        ),
        (
            WEIGHTS,
            |entry| entry.unpacked = 4_999,
            "its header has other sizes or another CRC-32 than the directory",
        ),
        (
            WEIGHTS,
            |entry| entry.directory_name[0] = b'M',
            "its header has another name than the directory",
        ),
        (
            MODEL,
            |entry| (entry.unpacked, entry.local_unpacked) = (3, 3),
            "it is stored, but its two sizes differ",
        ),
        (
            WEIGHTS,
            |entry| entry.packed = 0x7fff_ffff,
            "its data goes beyond the file",
        ),
        (
            WEIGHTS,
            |entry| entry.flags = 8,
            "its data descriptor is missing or contradicts the directory",
        ),
        (
            WEIGHTS,
            |entry| (entry.flags, entry.descriptor) = (8, vec![7; 16]),
            "its data descriptor is missing or contradicts the directory",
        ),
        (
            WEIGHTS,
            |entry| entry.extra = vec![1, 0, 200, 0, 1],
            "its extra field is longer than its space",
        ),
        (
            WEIGHTS,
            |entry| entry.data.truncate(3),
            "its data goes beyond the file",
        ),
        (WEIGHTS, |entry| entry.data[2] ^= 0xff, ""),
    ];
    for (index, lie, why) in rows {
        let error = refused(&changed(|entries| lie(&mut entries[index])));
        // Shortened data makes later entries overlap or leave a gap; which is seen first does not matter.
        let structural =
            error.starts_with("overlapping zip entries") || error.starts_with("bad zip: byte");
        assert!(
            error.ends_with(why) && error.starts_with("bad zip entry: ") || structural,
            "{why}: {error}"
        );
    }
}

#[test]
fn deflate_streams_end_where_their_data_ends() {
    let cut = changed(|entries| {
        let entry = &mut entries[WEIGHTS];
        entry.data.truncate(entry.data.len() - 2);
        entry.packed -= 2;
    });
    assert!(refused(&cut).ends_with("its deflate stream is cut"));
    let trailing = changed(|entries| {
        entries[WEIGHTS].data.extend([0; 10]);
        entries[WEIGHTS].packed += 10;
    });
    assert!(refused(&trailing).ends_with("there is data behind the end of its deflate stream"));
}

#[test]
fn overlaps_and_gaps_are_refused() {
    let shared = changed(|entries| {
        let copy = Entry {
            header_at: Some(0),
            data: Vec::new(),
            ..entries[MODEL].clone()
        };
        entries.push(Entry {
            directory_name: b"Net.mlpackage/copy".to_vec(),
            ..copy
        });
    });
    assert!(
        refused(&shared).starts_with(
            "overlapping zip entries: Net.mlpackage/copy: its bytes are also those of "
        )
    );
    // A stored entry that holds the next one's header.
    let quoted = changed(|entries| {
        let length = u32::try_from(100).unwrap();
        (
            entries[MODEL].packed,
            entries[MODEL].unpacked,
            entries[MODEL].local_unpacked,
        ) = (length, length, length);
    });
    assert!(refused(&quoted).starts_with("overlapping zip entries: "));
    let gap = changed(|entries| entries[MODEL].descriptor = vec![0; 9]);
    assert!(refused(&gap).ends_with("there are bytes that belong to no entry"));
}

#[test]
fn end_records_that_lie_are_refused() {
    let zip = |lie: fn(&mut made::End)| made::zip_with(&made::entries(TOP), lie);
    let locator = |at: u64, disks: u32| {
        let mut bytes = Vec::new();
        made::put(
            &mut bytes,
            &[
                b"PK\x06\x07",
                &[0; 4],
                &at.to_le_bytes(),
                &disks.to_le_bytes(),
            ],
        );
        bytes
    };
    let rows = [
        (
            zip(|end| (end.here, end.entries) = (60_000, 60_000)),
            "too many entries in the archive: ",
        ),
        (
            zip(|end| (end.here, end.entries) = (5, 5)),
            "bad zip: byte ",
        ),
        (
            zip(|end| (end.here, end.entries) = (3, 3)),
            "bad zip: byte ",
        ),
        (zip(|end| end.here = 3), "bad zip: byte "),
        (zip(|end| end.at += 1), "bad zip: byte "),
        (zip(|end| end.at = u32::MAX), "bad zip: byte "),
        (zip(|end| end.bytes -= 1), "bad zip: byte "),
        (zip(|end| end.before = vec![0; 7]), "bad zip: byte "),
        (
            zip(|end| end.disk = 1),
            "unsupported zip: the end record: it is on disk 1",
        ),
        (
            made::zip_with(&made::entries(TOP), |end| end.before = locator(1 << 62, 1)),
            "bad zip: byte ",
        ),
        (
            made::zip_with(&made::entries(TOP), |end| end.before = locator(0, 1)),
            "bad zip: byte ",
        ),
        (
            made::zip_with(&made::entries(TOP), |end| end.before = locator(0, 2)),
            "unsupported zip: the zip64 locator: it is for disk 2",
        ),
        (
            [&made::zip(&made::entries(TOP))[..], b"trailing"].concat(),
            "bad zip: byte ",
        ),
        (
            [
                &made::zip(&made::entries(TOP))[..],
                &made::zip(&made::entries(TOP)),
            ]
            .concat(),
            "bad zip: byte ",
        ),
        (made::zip(&[]), "no package in the zip: "),
        (
            made::zip(&[stored("readme.txt", b"x")]),
            "no package in the zip: ",
        ),
    ];
    for (zip, message) in rows {
        let error = refused(&zip);
        assert!(error.starts_with(message), "{message}: {error}");
    }
    // A comment is in order; one that could be an end record itself is not.
    let comment = made::zip_with(&made::entries(TOP), |end| {
        end.comment = b"PK\x05\x06 a comment of some length".to_vec();
    });
    assert!(unpack_bytes(&comment, &Limits::default()).is_ok());
    let two_ends = made::zip_with(&made::entries(TOP), |end| end.comment = made::zip(&[]));
    assert!(refused(&two_ends).ends_with("there are two end records"));
}

/// Sets one limit.
type Set = fn(&mut Limits, u64);

/// What passes at `enough` is refused one below it, with the limit's own error.
fn check_limit(zip: &[u8], set: Set, enough: u64, wanted: Limit) {
    let mut limits = Limits::default();
    set(&mut limits, enough);
    unpack_bytes(zip, &limits).unwrap();
    set(&mut limits, enough - 1);
    match unpack_bytes(zip, &limits) {
        Err(error @ Error::TooMuch { limit, .. }) if limit == wanted => {
            let key = format!("(limits.{})", wanted.key());
            assert!(error.to_string().ends_with(&key), "{error}");
        }
        other => panic!("{wanted:?}: {other:?}"),
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

#[test]
fn each_limit_of_an_archive_has_its_own_error() {
    let total = made::files()
        .iter()
        .map(|(_, bytes)| wide(bytes.len()))
        .sum();
    let rows: [(Set, u64, Limit); 7] = [
        (
            |limits, most| limits.archive_entries = most,
            4,
            Limit::ArchiveEntries,
        ),
        (
            |limits, most| limits.archive_unpacked_bytes = most,
            total,
            Limit::ArchiveUnpackedBytes,
        ),
        (
            |limits, most| limits.package_bytes = most,
            total,
            Limit::PackageBytes,
        ),
        (
            |limits, most| limits.file_bytes = most,
            5_000,
            Limit::FileBytes,
        ),
        (
            |limits, most| limits.path_bytes = most,
            54,
            Limit::PathBytes,
        ),
        (|limits, most| limits.path_depth = most, 5, Limit::PathDepth),
        (
            |limits, most| limits.package_files = most,
            8,
            Limit::PackageFiles,
        ),
    ];
    for (set, enough, limit) in rows {
        check_limit(&made::zip(&made::entries(TOP)), set, enough, limit);
    }
    let zeros = deflated("Net.mlpackage/zeros", &vec![0; 100_000]);
    let ratio = u64::from(zeros.unpacked.div_ceil(zeros.packed));
    let zeros = with(zeros);
    let set_ratio: Set =
        |limits, most| (limits.archive_ratio, limits.archive_ratio_free_bytes) = (most, 0);
    check_limit(&zeros, set_ratio, ratio, Limit::ArchiveRatio);
    check_limit(
        &zeros,
        |limits, most| limits.archive_ratio_free_bytes = most,
        100_000,
        Limit::ArchiveRatio,
    );
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

proptest! {
    /// One changed byte either does not matter or is noticed; it never changes what comes out.
    #[test]
    fn one_changed_byte_never_changes_the_files(at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let mut zip = made::zip(&made::entries(TOP));
        let at = at.index(zip.len());
        zip[at] ^= flip;
        if let Ok((_, files)) = unpack_bytes(&zip, &Limits::default()) {
            prop_assert_eq!(files, owned(&made::files()));
        }
    }

    /// Pieces of an archive in any order are refused or unpacked, never a panic, and a refusal leaves nothing.
    #[test]
    fn shuffled_archives_never_panic(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..6),
        noise in prop::collection::vec(any::<u8>(), 0..40),
        keep_end in any::<bool>(),
    ) {
        let good = made::zip(&made::entries(TOP));
        let mut zip = Vec::new();
        for (a, b) in cuts {
            let (a, b) = (a.index(good.len()), b.index(good.len()));
            zip.extend_from_slice(&good[a.min(b)..a.max(b)]);
            zip.extend_from_slice(&noise);
        }
        if keep_end {
            zip.extend_from_slice(&good[good.len() - 22..]);
        }
        if let Ok((_, files)) = unpack_bytes(&zip, &Limits::default()) {
            prop_assert_eq!(files, owned(&made::files()));
        }
    }
}
