//! Unpacking: all checks first, then the files, or nothing.
//!
//! What an archive says is read by `directory` and `header`, judged by `verify`, and only then written here; a lie
//! that shows while inflating removes what was written. It deliberately restores no permissions, times or owners.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::verify::{Method, Packed, Plan};
use super::{directory, header, inflate, verify};
use crate::error::{Error, Shown};
use crate::limits::Limits;
use crate::map::Mapped;
use crate::package::{Sums, folder};

/// What came out of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// The package's folder in the archive, as `MobileNet.mlpackage`; none when its files lie at the top level.
    pub top: Option<String>,
    /// The files, sorted by path.
    pub files: Vec<UnpackedFile>,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnpackedFile {
    /// The path in the package.
    pub path: String,
    /// Bytes written.
    pub size_bytes: u64,
    /// Sums of these bytes.
    pub sums: Sums,
}

/// The content of a stored entry that went into a file of its own while the archive arrived. Where it stood, the
/// archive may have a hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where its first byte stands in the archive.
    pub offset: u64,
    /// Its length.
    pub size_bytes: u64,
    /// Its sums, taken on the way.
    pub sums: Sums,
    /// The file, on the file system to unpack to; it is moved away when it is used.
    pub path: PathBuf,
}

/// Verifies a zip of a package and unpacks the package's files into the folder `into`, which is made if it does not
/// exist and must be empty. Resident memory does not grow with the archive.
///
/// # Errors
/// When the archive is malformed, hostile, unsupported or passes a limit; `into` is empty or not there then, as it
/// was before.
pub fn unpack(zip: &Path, into: &Path, limits: &Limits) -> Result<Unpacked, Error> {
    unpack_with(zip, into, limits, &[])
}

/// As [`unpack`], for an archive with contents that were set aside. One of them is used where the headers name exactly
/// its place, its length and its CRC-32 as those of a stored entry; any other entry is read from the archive, where a
/// hole does not have the CRC-32 of its headers.
pub(in crate::package) fn unpack_with(
    zip: &Path,
    into: &Path,
    limits: &Limits,
    aside: &[SetAside],
) -> Result<Unpacked, Error> {
    let bytes = folder::map(zip, None)?;
    let plan = read(&bytes, &Shown::from(zip), limits)?;
    let existed = into.is_dir();
    if existed
        && fs::read_dir(into)
            .map_err(Error::io("list", into))?
            .next()
            .is_some()
    {
        return Err(Error::Exists { place: into.into() });
    }
    let written = write(&bytes, plan, into, aside);
    if written.is_err() {
        // The first error is the one to tell; what cannot be removed cannot be helped.
        drop(if existed {
            clear(into)
        } else {
            fs::remove_dir_all(into)
        });
    }
    written
}

/// Reads and judges all headers.
pub(super) fn read(zip: &Mapped, place: &Shown, limits: &Limits) -> Result<Plan, Error> {
    let directory = directory::read(zip, place, limits)?;
    let data = header::read(zip, &directory)?;
    verify::plan(&directory, &data, place, limits)
}

fn write(zip: &Mapped, plan: Plan, into: &Path, aside: &[SetAside]) -> Result<Unpacked, Error> {
    let create = |folder: &Path| fs::create_dir_all(folder).map_err(Error::io("create", folder));
    create(into)?;
    for folder in &plan.folders {
        create(&into.join(folder))?;
    }
    let mut files = Vec::with_capacity(plan.files.len());
    for entry in plan.files {
        let place = into.join(&entry.path);
        if let Some(parent) = place.parent() {
            create(parent)?;
        }
        let sums = if let Some(aside) = aside.iter().find(|aside| holds(aside, &entry)) {
            fs::rename(&aside.path, &place).map_err(Error::io("move", &entry.path))?;
            aside.sums
        } else {
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&place)
                .map_err(Error::io("create", &entry.path))?;
            inflate::write(zip, &entry, &mut file)?
        };
        files.push(UnpackedFile {
            path: entry.path,
            size_bytes: entry.unpacked_bytes,
            sums,
        });
    }
    Ok(Unpacked {
        top: plan.top,
        files,
    })
}

fn holds(aside: &SetAside, entry: &Packed) -> bool {
    entry.method == Method::Stored
        && entry.data == (aside.offset..aside.offset.saturating_add(aside.size_bytes))
        && entry.unpacked_bytes == aside.size_bytes
        && entry.crc32 == aside.sums.crc32
}

/// Removes what is in a folder, and keeps the folder with its permissions.
fn clear(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
