//! A good archive, changed and unpacked into a fresh folder.

use crate::error::Error;
use crate::limits::Limits;
use crate::package::archive::{Unpacked, UnpackedFile, unpack};
use crate::package::tests::made::{self, Entry};
use std::fs;

pub(super) const TOP: &str = "Net.mlpackage/";
/// Entries of the good package, by their place in `made::entries`.
pub(super) const MODEL: usize = 0;
pub(super) const WEIGHTS: usize = 1;

/// Paths and contents.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// Unpacks into a fresh folder; a refusal must leave it empty.
pub(super) fn unpack_bytes(zip: &[u8], limits: &Limits) -> Result<(Unpacked, Files), Error> {
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

pub(super) fn owned(files: &[(&str, Vec<u8>)]) -> Files {
    files
        .iter()
        .map(|(path, bytes)| ((*path).to_owned(), bytes.clone()))
        .collect()
}

/// The good archive, changed.
pub(super) fn changed(change: impl FnOnce(&mut Vec<Entry>)) -> Vec<u8> {
    let mut entries = made::entries(TOP);
    change(&mut entries);
    made::zip(&entries)
}

pub(super) fn with(entry: Entry) -> Vec<u8> {
    changed(|entries| entries.push(entry))
}

pub(super) fn refused(zip: &[u8]) -> String {
    unpack_bytes(zip, &Limits::default())
        .unwrap_err()
        .to_string()
}
