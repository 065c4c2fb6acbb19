//! Tests of `unpack`: what it accepts, what it refuses, and with which words.

#![expect(clippy::arithmetic_side_effects, reason = "small numbers in tests")]

mod finding;
mod limits;
mod names;
mod random;
mod records;

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
