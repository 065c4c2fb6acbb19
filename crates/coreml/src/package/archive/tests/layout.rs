//! Tests of `layout`: what it accepts, what it refuses, and with which words.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers in tests")]

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::Path;

use proptest::prelude::*;

use crate::limits::Limits;
use crate::number::wide;
use crate::package::archive::{Segment, ZipEntry, ZipLayout};
use crate::package::archive::{pack, unpack};
use crate::package::tests::made;
use crate::package::{Package, Publish};
use std::ops::Range;

fn entry(path: &str, content: &[u8]) -> ZipEntry {
    ZipEntry {
        path: path.to_owned(),
        size_bytes: wide(content.len()),
        crc32: crc32fast::hash(content),
    }
}

/// The bytes of a range, with the contents filled in.
fn bytes(layout: &ZipLayout, contents: &[Vec<u8>], range: Range<u64>) -> Vec<u8> {
    let at = |offset: u64| usize::try_from(offset).unwrap();
    layout
        .segments(range)
        .into_iter()
        .fold(Vec::new(), |mut out, segment| {
            match segment {
                Segment::Bytes(bytes) => out.extend(bytes),
                Segment::File { index, range } => {
                    out.extend_from_slice(&contents[index][at(range.start)..at(range.end)]);
                }
            }
            out
        })
}

#[test]
fn the_bytes_are_the_same_for_ever() {
    let contents = [b"{}".to_vec(), vec![7; 300], Vec::new()];
    let entries = [
        entry("Manifest.json", &contents[0]),
        entry("Data/w.bin", &contents[1]),
        entry("Data/empty/", b""),
    ];
    let layout = ZipLayout::new("Net.mlpackage", &entries);
    let zip = bytes(&layout, &contents, 0..layout.len());
    assert_eq!(layout.len(), wide(zip.len()));
    assert_eq!(crate::package::Digest::of(&zip).to_string(), GOLDEN);
    // The order in which the entries are given does not matter.
    let turned = [entries[2].clone(), entries[0].clone(), entries[1].clone()];
    let turned_contents = [
        contents[2].clone(),
        contents[0].clone(),
        contents[1].clone(),
    ];
    let layout = ZipLayout::new("Net.mlpackage", &turned);
    assert_eq!(bytes(&layout, &turned_contents, 0..layout.len()), zip);
}

const GOLDEN: &str = "sha256:1a93968195e6ed98e9881e6892d13434b9121c4df79f3b7ea390e5e48b89fd32";

#[test]
fn a_package_comes_back_from_its_zip() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("Net.mlpackage");
    made::write(&folder, &made::files());
    fs::create_dir_all(folder.join("Data/empty")).unwrap();
    let package = Package::open_folder(&folder, &Limits::default()).unwrap();
    let zip = home.path().join("Net.zip");
    pack(&package, "Größe.mlpackage", &zip, Publish::New).unwrap();
    let again = Package::open(&zip, home.path(), &Limits::default()).unwrap();
    assert_eq!(
        (again.digest(), again.name(), again.empty_folders()),
        (package.digest(), "Größe", package.empty_folders())
    );
    drop(again);
    assert_eq!(
        fs::read_dir(home.path()).unwrap().count(),
        2,
        "what was unpacked is gone"
    );
}

/// Writes the archive with holes where the contents are; a hole reads as zeros.
fn write_sparse(layout: &ZipLayout, place: &Path) -> File {
    let file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(place)
        .unwrap();
    let mut at = 0;
    for segment in layout.segments(0..layout.len()) {
        at += match segment {
            Segment::Bytes(bytes) => {
                file.write_all_at(&bytes, at).unwrap();
                wide(bytes.len())
            }
            Segment::File { range, .. } => range.end - range.start,
        };
    }
    assert_eq!(at, layout.len());
    file.set_len(at).unwrap();
    file
}

/// Files around the sizes and offsets at which the old fields are full.
#[test]
fn sizes_and_offsets_beyond_32_bits_are_read_by_another_reader() {
    let full = u64::from(u32::MAX);
    let rows: [&[u64]; 6] = [
        &[full - 1, 5],
        &[full, 5],
        &[full + 1, 5],
        &[5, full - 80, 5, 5],
        &[3 << 30, 3 << 30, 7],
        &[5 << 30, 6 << 30],
    ];
    let home = tempfile::tempdir().unwrap();
    for (row, sizes) in rows.into_iter().enumerate() {
        let name = |index: usize| format!("f{index}");
        let entries: Vec<_> = sizes
            .iter()
            .enumerate()
            .map(|(index, &size_bytes)| ZipEntry {
                path: name(index),
                size_bytes,
                crc32: 0,
            })
            .collect();
        let layout = ZipLayout::new("x", &entries);
        let place = home.path().join(row.to_string());
        let mut archive = zip::ZipArchive::new(write_sparse(&layout, &place)).unwrap();
        assert_eq!(archive.len(), sizes.len());
        let mut expected_at = 0;
        for (index, &size) in sizes.iter().enumerate() {
            let file = archive.by_index_raw(index).unwrap();
            assert_eq!(
                (&*file.name().unwrap(), file.size(), file.header_start()),
                (format!("x/{}", name(index)).as_str(), size, expected_at)
            );
            expected_at = file.data_start().unwrap() + size;
        }
        // Our own reader finds no contradiction either: it refuses for the package that is not there.
        let error = unpack(&place, &home.path().join("into"), &Limits::default())
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("no package in the zip"),
            "{sizes:?}: {error}"
        );
        fs::remove_file(place).unwrap();
    }
}

#[test]
fn counts_beyond_16_bits_are_read_by_another_reader() {
    for count in [65_534, 65_535, 65_536, 70_000] {
        let entries: Vec<_> = (0..count)
            .map(|index| ZipEntry {
                path: format!("{index:06}"),
                size_bytes: 0,
                crc32: 0,
            })
            .collect();
        let layout = ZipLayout::new("x", &entries);
        let zip = bytes(&layout, &[], 0..layout.len());
        let archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
        assert_eq!(
            (
                archive.len(),
                archive.name_for_index(count - 1).unwrap().unwrap().as_ref()
            ),
            (count, format!("x/{:06}", count - 1).as_str())
        );
    }
}

fn trees() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let content = prop::collection::vec(any::<u8>(), 0..200);
    prop::collection::btree_map("[a-c]{1,2}(/[a-zé ]{1,3}f){0,2}", content, 0..8).prop_map(|tree| {
        // A file must not be a folder too.
        let paths: Vec<String> = tree.keys().cloned().collect();
        let is_folder = |path: &str| {
            paths
                .iter()
                .any(|other| other.starts_with(&format!("{path}/")))
        };
        let mut tree: Vec<_> = tree
            .into_iter()
            .filter(|(path, _)| !is_folder(path))
            .collect();
        tree.push(("Manifest.json".to_owned(), b"{}".to_vec()));
        tree
    })
}

proptest! {
    #[test]
    fn both_readers_get_the_files_back(tree in trees()) {
        let (paths, contents): (Vec<_>, Vec<_>) = tree.iter().cloned().unzip();
        let entries: Vec<_> = paths.iter().zip(&contents).map(|(path, content)| entry(path, content)).collect();
        let layout = ZipLayout::new("x.mlpackage", &entries);
        let zip = bytes(&layout, &contents, 0..layout.len());
        prop_assert_eq!(wide(zip.len()), layout.len());

        let mut other = zip::ZipArchive::new(std::io::Cursor::new(&zip)).unwrap();
        for (path, content) in &tree {
            let mut read = Vec::new();
            other.by_name(&format!("x.mlpackage/{path}")).unwrap().read_to_end(&mut read).unwrap();
            prop_assert_eq!(&read, content);
        }
        let home = tempfile::tempdir().unwrap();
        let place = home.path().join("x.zip");
        fs::write(&place, &zip).unwrap();
        unpack(&place, &home.path().join("into"), &Limits::default()).unwrap();
        for (path, content) in &tree {
            prop_assert_eq!(&fs::read(home.path().join("into").join(path)).unwrap(), content);
        }
    }

    #[test]
    fn a_range_is_that_part_of_the_whole(tree in trees(), a in 0..3_000_u64, b in 0..3_000_u64) {
        let (paths, contents): (Vec<_>, Vec<_>) = tree.into_iter().unzip();
        let entries: Vec<_> = paths.iter().zip(&contents).map(|(path, content)| entry(path, content)).collect();
        let layout = ZipLayout::new("x", &entries);
        let whole = bytes(&layout, &contents, 0..layout.len());
        let range = a.min(b)..a.max(b);
        let cut = |at: u64| usize::try_from(at).unwrap().min(whole.len());
        prop_assert_eq!(bytes(&layout, &contents, range.clone()), &whole[cut(range.start)..cut(range.end)]);
    }
}
