//! Walking a folder: which files it has, and that nothing in it leads out.
//!
//! Links are refused and never followed, devices and pipes are refused and never opened, litter is passed over. The
//! walk keeps its own stack, so that depth is bounded by a limit and not by the thread's stack. It maps files and
//! looks at none of their bytes.

use std::fs::{self, File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::PackageFile;
use super::names::{Entry, Names};
use super::path::{check, is_litter};
use crate::error::{Error, Shown};
use crate::limits::{Limit, Limits};
use crate::map::Mapped;

/// What lies in a folder.
#[derive(Debug, Default)]
pub(super) struct Folder {
    /// All files, sorted bytewise by path, mapped.
    pub(super) files: Vec<PackageFile>,
    /// Folders in which there is nothing, sorted.
    pub(super) empty_folders: Vec<String>,
}

/// Reads a whole folder.
pub(super) fn read(root: &Path, limits: &Limits) -> Result<Folder, Error> {
    let mut found = Folder::default();
    let mut names = Names::default();
    let mut entries = 0_u64;
    let mut size_bytes = 0_u64;
    let mut open_folders = vec![String::new()];
    while let Some(folder) = open_folders.pop() {
        let mut empty = true;
        for name in list(root, &folder, limits, &mut entries)? {
            empty = false;
            let path = if folder.is_empty() {
                name
            } else {
                format!("{folder}/{name}")
            };
            check(&path, limits)?;
            let place = root.join(&path);
            let metadata =
                fs::symlink_metadata(&place).map_err(Error::io("read", place.as_path()))?;
            match kind(&path, &metadata)? {
                Entry::File => {
                    names.insert(&path, Entry::File)?;
                    size_bytes = sum(size_bytes, metadata.len(), &path, limits)?;
                    found
                        .files
                        .push(PackageFile::new(path, map(&place, Some(&metadata))?));
                }
                Entry::Folder => {
                    names.insert(&path, Entry::Folder)?;
                    open_folders.push(path);
                }
            }
        }
        if empty && !folder.is_empty() {
            found.empty_folders.push(folder);
        }
    }
    found.files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    found.empty_folders.sort_unstable();
    Ok(found)
}

/// Maps a file that was looked at before, and makes sure that it is still the same one.
pub(super) fn map(place: &Path, seen: Option<&Metadata>) -> Result<Mapped, Error> {
    let file = File::open(place).map_err(Error::io("open", place))?;
    let now = file.metadata().map_err(Error::io("read", place))?;
    if !now.is_file() || seen.is_some_and(|seen| (seen.dev(), seen.ino()) != (now.dev(), now.ino()))
    {
        return Err(Error::SpecialFile {
            place: place.into(),
        });
    }
    Mapped::map(&file).map_err(Error::io("map", place))
}

/// The names in a folder without litter, sorted; counts all of them.
fn list(
    root: &Path,
    folder: &str,
    limits: &Limits,
    entries: &mut u64,
) -> Result<Vec<String>, Error> {
    let place = root.join(folder);
    let mut names = Vec::new();
    for entry in fs::read_dir(&place).map_err(Error::io("list", place.as_path()))? {
        let entry = entry.map_err(Error::io("list", place.as_path()))?;
        *entries = entries.saturating_add(1);
        if *entries > limits.package_files {
            return Err(Error::TooMuch {
                limit: Limit::PackageFiles,
                place: root.into(),
                found: *entries,
                most: limits.package_files,
            });
        }
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            return Err(Error::UnsafePath {
                place: Shown::from(entry.path().as_path()),
                why: "it is not UTF-8",
            });
        };
        if !is_litter(name) {
            names.push(name.to_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}

fn kind(path: &str, metadata: &Metadata) -> Result<Entry, Error> {
    let kind = metadata.file_type();
    if kind.is_symlink() {
        Err(Error::Link { place: path.into() })
    } else if kind.is_dir() {
        Ok(Entry::Folder)
    } else if kind.is_file() {
        Ok(Entry::File)
    } else {
        Err(Error::SpecialFile { place: path.into() })
    }
}

fn sum(before: u64, size_bytes: u64, path: &str, limits: &Limits) -> Result<u64, Error> {
    let too_much = |limit, found, most| {
        Err(Error::TooMuch {
            limit,
            place: path.into(),
            found,
            most,
        })
    };
    if size_bytes > limits.file_bytes {
        return too_much(Limit::FileBytes, size_bytes, limits.file_bytes);
    }
    let total = before.saturating_add(size_bytes);
    if total > limits.package_bytes {
        return too_much(Limit::PackageBytes, total, limits.package_bytes);
    }
    Ok(total)
}
