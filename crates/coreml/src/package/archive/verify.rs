//! What may be in an archive of a package: names, kinds, sizes and exactly one package.
//!
//! All of it is decided from the headers, before anything is written. Entries outside of the package's folder and
//! platform litter are held to the same rules and then left where they are.

use std::collections::BTreeSet;
use std::ops::Range;

use super::directory::{Directory, Record};
use super::header::{ENCRYPTED, PATCH};
use crate::error::{Error, Shown};
use crate::limits::{Limit, Limits};
use crate::number::wide;
use crate::package::manifest::MANIFEST;
use crate::package::names::{Entry, Names};
use crate::package::path::{self, is_litter};

/// How an entry is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Stored,
    Deflate,
}

/// What is to be unpacked.
#[derive(Debug)]
pub(super) struct Plan {
    /// The package's folder in the archive, without what is above it; none when it is the archive's top level.
    pub(super) top: Option<String>,
    /// Folders to make, relative to the package.
    pub(super) folders: Vec<String>,
    /// Files to write, sorted by path.
    pub(super) files: Vec<Packed>,
}

/// A file to write.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    /// Relative to the package.
    pub(super) path: String,
    pub(super) method: Method,
    pub(super) crc32: u32,
    pub(super) unpacked_bytes: u64,
    /// Where its data lies in the archive.
    pub(super) data: Range<u64>,
}

/// Decides what to unpack; `data` is where each entry's data lies.
pub(super) fn plan(
    directory: &Directory<'_>,
    data: &[Range<u64>],
    place: &Shown,
    limits: &Limits,
) -> Result<Plan, Error> {
    let mut names = Names::default();
    let (mut folders, mut files) = (Vec::new(), Vec::new());
    let mut total_bytes = 0_u64;
    for (record, data) in directory.records.iter().zip(data) {
        check_flags(record)?;
        let (path, entry) = name(record, limits)?;
        check_kind(record, &path, entry)?;
        let method = method(record, &path)?;
        check_sizes(record, &path, method, limits)?;
        if path.split('/').any(is_litter) {
            continue;
        }
        names.insert(&path, entry)?;
        match entry {
            Entry::Folder => folders.push(path),
            Entry::File => {
                total_bytes = total_bytes.saturating_add(record.sizes.unpacked_bytes);
                check_total(total_bytes, place, limits)?;
                let unpacked_bytes = record.sizes.unpacked_bytes;
                files.push(Packed {
                    path,
                    method,
                    crc32: record.crc32,
                    unpacked_bytes,
                    data: data.clone(),
                });
            }
        }
    }
    let root = root(&files, place)?;
    folders.retain_mut(|path| relative_to(&root, path));
    files.retain_mut(|file| relative_to(&root, &mut file.path));
    files.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    check_count(&files, &folders, place, limits)?;
    let top = (!root.is_empty()).then(|| root.rsplit('/').next().unwrap_or(&root).to_owned());
    Ok(Plan {
        top,
        folders,
        files,
    })
}

fn check_flags(record: &Record<'_>) -> Result<(), Error> {
    if record.flags & ENCRYPTED != 0 || record.extra.aes || record.method == 99 {
        return Err(Error::ZipEncrypted {
            place: record.name.into(),
        });
    }
    if record.flags & PATCH != 0 {
        return Err(Error::ZipUnsupported {
            place: record.name.into(),
            why: "it is patched data, flag",
            number: PATCH.into(),
        });
    }
    Ok(())
}

/// The entry's path without the slash that marks a folder.
fn name(record: &Record<'_>, limits: &Limits) -> Result<(String, Entry), Error> {
    let bad = |why| Error::ZipEntry {
        place: record.name.into(),
        why,
    };
    let name = std::str::from_utf8(record.name).map_err(|_utf8| bad("its name is not UTF-8"))?;
    if let Some((crc32, unicode)) = record.extra.unicode_path
        && (crc32 != crc32fast::hash(record.name) || unicode != record.name)
    {
        return Err(bad("its Unicode name is another one"));
    }
    let (path, entry) = match name.strip_suffix('/') {
        Some(path) => (path, Entry::Folder),
        None => (name, Entry::File),
    };
    path::check(path, limits)?;
    Ok((path.to_owned(), entry))
}

/// Unix file types and the DOS folder bit; an archive made elsewhere has none of the former.
fn check_kind(record: &Record<'_>, path: &str, entry: Entry) -> Result<(), Error> {
    const KIND: u32 = 0o170_000;
    const LINK: u32 = 0o120_000;
    const FOLDER: u32 = 0o040_000;
    const FILE: u32 = 0o100_000;
    match (record.external_attributes >> 16) & KIND {
        LINK => Err(Error::Link { place: path.into() }),
        0 | FILE | FOLDER => {
            let says_folder = (record.external_attributes >> 16) & KIND == FOLDER;
            match entry {
                Entry::File if says_folder => Err(Error::ZipEntry {
                    place: path.into(),
                    why: "it is a folder with the name of a file",
                }),
                Entry::Folder if record.sizes.unpacked_bytes != 0 => Err(Error::ZipEntry {
                    place: path.into(),
                    why: "it is a folder with content",
                }),
                Entry::File | Entry::Folder => Ok(()),
            }
        }
        _ => Err(Error::SpecialFile { place: path.into() }),
    }
}

fn method(record: &Record<'_>, path: &str) -> Result<Method, Error> {
    match record.method {
        0 => Ok(Method::Stored),
        8 => Ok(Method::Deflate),
        other => Err(Error::ZipUnsupported {
            place: path.into(),
            why: "compression method",
            number: other.into(),
        }),
    }
}

fn check_sizes(
    record: &Record<'_>,
    path: &str,
    method: Method,
    limits: &Limits,
) -> Result<(), Error> {
    let (packed, unpacked) = (record.sizes.packed_bytes, record.sizes.unpacked_bytes);
    let too_much = |limit, found, most| {
        Err(Error::TooMuch {
            limit,
            place: path.into(),
            found,
            most,
        })
    };
    match method {
        Method::Stored if packed != unpacked => {
            return Err(Error::ZipEntry {
                place: path.into(),
                why: "it is stored, but its two sizes differ",
            });
        }
        Method::Deflate if packed == 0 && unpacked > 0 => {
            return Err(Error::ZipEntry {
                place: path.into(),
                why: "it has content, but no data",
            });
        }
        Method::Stored | Method::Deflate => {}
    }
    if unpacked > limits.file_bytes {
        return too_much(Limit::FileBytes, unpacked, limits.file_bytes);
    }
    // While inflating, the size that was declared here is the bound, so the ratio holds for what really comes out.
    if unpacked > limits.archive_ratio_free_bytes
        && unpacked > packed.saturating_mul(limits.archive_ratio)
    {
        return too_much(
            Limit::ArchiveRatio,
            unpacked.checked_div(packed).unwrap_or(unpacked),
            limits.archive_ratio,
        );
    }
    Ok(())
}

fn check_total(total_bytes: u64, place: &Shown, limits: &Limits) -> Result<(), Error> {
    let too_much = |limit, most| {
        Err(Error::TooMuch {
            limit,
            place: place.clone(),
            found: total_bytes,
            most,
        })
    };
    if total_bytes > limits.archive_unpacked_bytes {
        return too_much(Limit::ArchiveUnpackedBytes, limits.archive_unpacked_bytes);
    }
    if total_bytes > limits.package_bytes {
        return too_much(Limit::PackageBytes, limits.package_bytes);
    }
    Ok(())
}

/// Counts files and folders, those included that only paths show, and stops where there are too many.
fn check_count(
    files: &[Packed],
    folders: &[String],
    place: &Shown,
    limits: &Limits,
) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for path in files.iter().map(|file| &file.path).chain(folders) {
        seen.extend(above(path).chain([path.as_str()]));
        let found = wide(seen.len());
        if found > limits.package_files {
            return Err(Error::TooMuch {
                limit: Limit::PackageFiles,
                place: place.clone(),
                found,
                most: limits.package_files,
            });
        }
    }
    Ok(())
}

/// The folders that a path lies in, from the outermost.
fn above(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at))
}

/// The one folder with a manifest that lies in no other such folder; empty for the top level.
fn root(files: &[Packed], place: &Shown) -> Result<String, Error> {
    let folders: BTreeSet<&str> = files
        .iter()
        .filter_map(|file| match file.path.rsplit_once('/') {
            Some((folder, MANIFEST)) => Some(folder),
            None if file.path == MANIFEST => Some(""),
            Some(_) | None => None,
        })
        .collect();
    let inside_another = |folder: &str| {
        !folder.is_empty()
            && std::iter::once("")
                .chain(above(folder))
                .any(|above| folders.contains(above))
    };
    let mut outermost = folders.iter().filter(|folder| !inside_another(folder));
    let Some(first) = outermost.next() else {
        return Err(Error::ZipNoPackage {
            place: place.clone(),
        });
    };
    match outermost.next() {
        None => inside_no_package(first).map(|()| (*first).to_owned()),
        Some(other) => Err(Error::ZipManyPackages {
            place: (*first).into(),
            other: (*other).into(),
        }),
    }
}

/// A folder that is called a package and has no manifest is a broken package, whatever lies inside it.
fn inside_no_package(root: &str) -> Result<(), Error> {
    let is_package = |folder: &&str| {
        folder
            .rsplit_once('.')
            .is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("mlpackage"))
    };
    match above(root).find(is_package) {
        Some(folder) => Err(Error::Manifest {
            place: folder.into(),
            why: "there is no Manifest.json in the folder, but in a folder inside it".into(),
        }),
        None => Ok(()),
    }
}

/// Cuts the root off a path; false when it does not lie below it.
fn relative_to(root: &str, path: &mut String) -> bool {
    if root.is_empty() {
        return true;
    }
    match path
        .strip_prefix(root)
        .and_then(|rest| rest.strip_prefix('/'))
    {
        Some(relative) => {
            *path = relative.to_owned();
            true
        }
        None => false,
    }
}
