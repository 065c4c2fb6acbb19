//! Opening: what is it, and is it whole.
//!
//! A folder is a package, `PK` begins an archive, and what begins like a protobuf model is a `.mlmodel`; names and
//! extensions decide nothing. The path that the caller names may itself be a link, since the caller chose it; nothing
//! inside a package may be.

use std::fs;
use std::io;
use std::path::Path;

use super::PackageFile;
use super::archive::{self, SetAside};
use super::folder::{self, Folder};
use super::manifest::{MANIFEST, Manifest};
use super::opened::{PackageKind, Parts};
use crate::error::Error;
use crate::limits::{Limit, Limits};
use crate::map::Mapped;

/// Opens whatever is at the path.
pub(super) fn any(
    path: &Path,
    scratch: &Path,
    limits: &Limits,
    aside: &[SetAside],
) -> Result<Parts, Error> {
    let metadata = fs::metadata(path).map_err(|why| {
        if matches!(
            why.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
        ) {
            Error::NotFound { place: path.into() }
        } else {
            Error::io("read", path)(why)
        }
    })?;
    if metadata.is_dir() {
        return folder(path, limits);
    }
    if !metadata.is_file() {
        return Err(Error::SpecialFile { place: path.into() });
    }
    let bytes = folder::map(path, None)?;
    if begins_like_an_archive(&bytes) {
        zip(path, scratch, limits, aside)
    } else {
        single(path, bytes, limits)
    }
}

fn begins_like_an_archive(bytes: &[u8]) -> bool {
    [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"]
        .iter()
        .any(|magic| bytes.starts_with(*magic))
}

/// Opens a package folder.
pub(super) fn folder(path: &Path, limits: &Limits) -> Result<Parts, Error> {
    // Looked for first, so that a folder given by mistake is not walked to its last file.
    if fs::symlink_metadata(path.join(MANIFEST))
        .is_err_and(|why| why.kind() == io::ErrorKind::NotFound)
    {
        return Err(no_manifest(path));
    }
    package(stem(path), folder::read(path, limits)?, path, limits)
}

/// Unpacks an archive and opens what came out.
fn zip(path: &Path, scratch: &Path, limits: &Limits, aside: &[SetAside]) -> Result<Parts, Error> {
    let unpacked_in = tempfile::Builder::new()
        .prefix("unpacked-")
        .tempdir_in(scratch)
        .map_err(Error::io("create a folder in", scratch))?;
    let unpacked = archive::unpack_with(path, unpacked_in.path(), limits, aside)?;
    let name = unpacked
        .top
        .as_deref()
        .map_or_else(|| stem(path), |top| stem(Path::new(top)));
    let mut found = folder::read(unpacked_in.path(), limits)?;
    for file in &mut found.files {
        let known = unpacked
            .files
            .binary_search_by(|unpacked| unpacked.path.cmp(&file.path))
            .ok()
            .and_then(|at| unpacked.files.get(at));
        if let Some(known) = known {
            file.know(known.sums);
        }
    }
    let parts = package(name, found, path, limits)?;
    Ok(Parts {
        unpacked: Some(unpacked_in),
        ..parts
    })
}

/// Opens a single model file.
fn single(path: &Path, bytes: Mapped, limits: &Limits) -> Result<Parts, Error> {
    let not_a_package = |why| {
        Err(Error::NotAPackage {
            place: path.into(),
            why,
        })
    };
    if bytes.is_empty() {
        return not_a_package("the file is empty");
    }
    if !begins_like_a_model(&bytes) {
        return not_a_package("it is neither a folder, nor a zip, nor a model");
    }
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let file = PackageFile::new(name, bytes);
    check_model_size(&file, limits)?;
    Ok(Parts {
        kind: PackageKind::Mlmodel,
        name: stem(path),
        files: vec![file],
        empty_folders: Vec::new(),
        manifest: None,
        model: 0,
        unpacked: None,
    })
}

/// Follows the manifest to the model.
fn package(name: String, found: Folder, root: &Path, limits: &Limits) -> Result<Parts, Error> {
    let Folder {
        files,
        empty_folders,
    } = found;
    let at = |path: &str| {
        files
            .binary_search_by(|file| file.path.as_str().cmp(path))
            .ok()
    };
    let Some(file) = at(MANIFEST).and_then(|at| files.get(at)) else {
        return Err(no_manifest(root));
    };
    let manifest = Manifest::parse(&file.bytes, limits)?;
    let has_folder = |path: &str| {
        let inside = format!("{path}/");
        let below = |other: &str| other == path || other.starts_with(&inside);
        let first = files.partition_point(|file| file.path < inside);
        files.get(first).is_some_and(|file| below(&file.path))
            || empty_folders.iter().any(|folder| below(folder))
    };
    for item in &manifest.items {
        if at(&item.path).is_none() && !has_folder(&item.path) {
            return Err(Error::Manifest {
                place: (&item.path).into(),
                why: "an item of the manifest is not in the package".into(),
            });
        }
    }
    let Some(path) = manifest.root_item().map(|item| item.path.clone()) else {
        return Err(Error::NoModel {
            place: root.into(),
            why: "the manifest names no root model",
        });
    };
    let Some(model) = at(&path) else {
        return Err(Error::NoModel {
            place: path.into(),
            why: "it is a folder",
        });
    };
    if let Some(file) = files.get(model) {
        check_model_size(file, limits)?;
    }
    Ok(Parts {
        kind: PackageKind::Mlpackage,
        name,
        files,
        empty_folders,
        manifest: Some(manifest),
        model,
        unpacked: None,
    })
}

fn no_manifest(root: &Path) -> Error {
    Error::Manifest {
        place: root.into(),
        why: "there is no Manifest.json in the folder".into(),
    }
}

fn check_model_size(file: &PackageFile, limits: &Limits) -> Result<(), Error> {
    if file.size_bytes() > limits.model_bytes {
        return Err(Error::TooMuch {
            limit: Limit::ModelBytes,
            place: (&file.path).into(),
            found: file.size_bytes(),
            most: limits.model_bytes,
        });
    }
    Ok(())
}

/// How many of a file's first bytes tell what it is.
pub const TELLING_BYTES: usize = 4;

/// Whether a file that begins so may be an archive or a model; the first [`TELLING_BYTES`] tell.
pub fn begins_like_a_package(bytes: &[u8]) -> bool {
    begins_like_an_archive(bytes) || begins_like_a_model(bytes)
}

/// Whether the first tag is one of the fields of a model: version, description, or a model type. What
/// follows is for the protobuf reader to judge; this only tells a model from a text file.
pub(super) fn begins_like_a_model(bytes: &[u8]) -> bool {
    const VARINT: u64 = 0;
    const LENGTH: u64 = 2;
    let mut tag = 0_u64;
    for (&byte, shift) in bytes.iter().zip([0, 7]) {
        tag |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return match (tag >> 3, tag & 7) {
                (1, VARINT) | (2, LENGTH) => true,
                (field, LENGTH) => field >= 200,
                _ => false,
            };
        }
    }
    // Three bytes of tag: a field above 2047, such as `serializedModel`.
    matches!(bytes, [first, second, third, ..] if first & 0x87 == 0x82 && second & 0x80 != 0 && (1..8).contains(third))
}

/// The file name without an extension that says what it is.
pub(super) fn stem(path: &Path) -> String {
    let resolved = path
        .file_name()
        .is_none()
        .then(|| fs::canonicalize(path).ok())
        .flatten();
    let name = resolved
        .as_deref()
        .unwrap_or(path)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let known = |extension: &str| {
        ["mlpackage", "mlmodel", "zip"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    };
    let mut stem = name.as_ref();
    // `X.mlpackage.zip` is X.
    while let Some((before, extension)) = stem.rsplit_once('.') {
        if before.is_empty() || !known(extension) {
            break;
        }
        stem = before;
    }
    stem.to_owned()
}
