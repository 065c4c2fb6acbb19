//! Writing a package so that it is there whole or not at all.
//!
//! Everything is written under a temporary name beside the target and renamed at the end; dropped before that, it
//! leaves nothing. It deliberately does not flush to the disk: who needs that keeps the files in an object store.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::staged::{Publish, Staged};
use super::{PackageFile, PackageKind, path};
use crate::error::Error;

/// A package that is being written.
#[derive(Debug)]
pub struct PackageWriter {
    kind: PackageKind,
    staged: Staged,
}

/// Bytes that are copied between two releases of memory.
const WINDOW_BYTES: usize = 4 << 20;

impl PackageWriter {
    /// Begins a package at `target`, whose parent folder must exist.
    ///
    /// # Errors
    /// When the target exists and may not be replaced, or nothing can be written beside it.
    pub fn create(target: &Path, kind: PackageKind, publish: Publish) -> Result<Self, Error> {
        let staged = Staged::create(target, publish)?;
        if kind == PackageKind::Mlpackage {
            let new = staged.place();
            fs::create_dir(&new).map_err(Error::io("create", new.as_path()))?;
        }
        Ok(Self { kind, staged })
    }

    /// Writes a file of another package, unchanged. Resident memory does not grow with the file.
    ///
    /// # Errors
    /// As [`Self::file`].
    pub fn copy(&mut self, file: &PackageFile) -> Result<(), Error> {
        let mut out = self.file(&file.path)?;
        write_released(file, &mut out).map_err(Error::io("write", &file.path))
    }

    /// Makes an empty file and the folders above it, to be written by the caller. A `.mlmodel` has one file, and its
    /// path does not matter.
    ///
    /// # Errors
    /// When the path is not one of a package, was written already, or the operating system refuses.
    pub fn file(&mut self, path: &str) -> Result<File, Error> {
        let place = self.place(path)?;
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        }
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&place)
            .map_err(Error::io("create", path))
    }

    /// Makes an empty folder.
    ///
    /// # Errors
    /// As [`Self::file`].
    pub fn folder(&mut self, path: &str) -> Result<(), Error> {
        let place = self.place(path)?;
        fs::create_dir_all(&place).map_err(Error::io("create", path))
    }

    /// Renames it to the target.
    ///
    /// # Errors
    /// When something came to the target meanwhile, or the operating system refuses; nothing is left then.
    pub fn finish(self) -> Result<(), Error> {
        self.staged.finish()
    }

    fn place(&self, path: &str) -> Result<PathBuf, Error> {
        match (self.kind, path::fault(path)) {
            (PackageKind::Mlmodel, _) => Ok(self.staged.place()),
            (PackageKind::Mlpackage, None) => Ok(self.staged.place().join(path)),
            (PackageKind::Mlpackage, Some(why)) => Err(Error::UnsafePath {
                place: path.into(),
                why,
            }),
        }
    }
}

/// Writes a file's bytes and gives their memory back on the way.
pub(super) fn write_released(file: &PackageFile, out: &mut impl Write) -> io::Result<()> {
    let mut start = 0_usize;
    for window in file.bytes.chunks(WINDOW_BYTES) {
        out.write_all(window)?;
        let end = start.saturating_add(window.len());
        file.bytes.release(start..end);
        start = end;
    }
    Ok(())
}
