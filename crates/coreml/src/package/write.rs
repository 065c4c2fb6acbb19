//! Writing a package so that it is there whole or not at all.
//!
//! Everything is written under a temporary name beside the target and renamed at the end; dropped before that, it
//! leaves nothing. It deliberately does not flush to the disk: who needs that keeps the files in an object store.

use std::fs::File;
use std::path::Path;

use super::{PackageFile, PackageKind};
use crate::error::Error;

/// What happens to a package that is at the target already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publish {
    /// Nothing may be there: [`Error::Exists`].
    New,
    /// What is there is replaced when the new one is complete.
    Replace,
}

/// A package that is being written.
#[derive(Debug)]
pub struct PackageWriter {
    _temporary: tempfile::TempDir,
}

impl PackageWriter {
    /// Begins a package at `target`, whose parent folder must exist.
    ///
    /// # Errors
    /// When the target exists and may not be replaced, or nothing can be written beside it.
    pub fn create(_target: &Path, _kind: PackageKind, _publish: Publish) -> Result<Self, Error> {
        todo!()
    }

    /// Writes a file of another package, unchanged.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn copy(&mut self, _file: &PackageFile) -> Result<(), Error> {
        todo!()
    }

    /// Makes an empty file and the folders above it, to be written by the caller.
    ///
    /// # Errors
    /// When the path is not one of a package, was written already, or the operating system refuses.
    pub fn file(&mut self, _path: &str) -> Result<File, Error> {
        todo!()
    }

    /// Makes an empty folder.
    ///
    /// # Errors
    /// As [`Self::file`].
    pub fn folder(&mut self, _path: &str) -> Result<(), Error> {
        todo!()
    }

    /// Renames it to the target.
    ///
    /// # Errors
    /// When the operating system refuses; nothing is left then.
    pub fn finish(self) -> Result<(), Error> {
        todo!()
    }
}
