//! An opened package: its files, its model, and what it is known by.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::{Digest, Manifest, PackageFile};
use crate::error::Error;
use crate::limits::Limits;

/// What kind of package it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackageKind {
    /// A folder with a manifest.
    Mlpackage,
    /// A single model file.
    Mlmodel,
}

impl PackageKind {
    /// The word of the contract, which is also the extension.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mlpackage => "mlpackage",
            Self::Mlmodel => "mlmodel",
        }
    }
}

/// A package: files that were proven harmless, mapped, and kept as long as a clone of this lives.
#[derive(Clone, Debug)]
pub struct Package(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    kind: PackageKind,
    name: String,
    files: Vec<PackageFile>,
    empty_folders: Vec<String>,
    manifest: Option<Manifest>,
    model: usize,
    size_bytes: u64,
    digest: OnceLock<Digest>,
    /// Where an archive was unpacked; removed with the last clone, after the maps.
    _unpacked: Option<tempfile::TempDir>,
}

impl Package {
    /// Opens a folder, a zip (unpacked under `scratch`, removed when the last clone is dropped) or a `.mlmodel`, told
    /// apart by their first bytes.
    ///
    /// # Errors
    /// When the path does not exist or the input is no package, is hostile, or passes a limit.
    pub fn open(_path: &Path, _scratch: &Path, _limits: &Limits) -> Result<Self, Error> {
        todo!()
    }

    /// Opens a folder.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_folder(_folder: &Path, _limits: &Limits) -> Result<Self, Error> {
        todo!()
    }

    /// What kind of package it is.
    pub fn kind(&self) -> PackageKind {
        self.0.kind
    }

    /// The name without extension: `MobileNet` of `MobileNet.mlpackage`.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// All files, sorted bytewise by path; platform litter is not among them.
    pub fn files(&self) -> &[PackageFile] {
        &self.0.files
    }

    /// Folders without a file in them, sorted; a model without blobs has an empty weights folder.
    pub fn empty_folders(&self) -> &[String] {
        &self.0.empty_folders
    }

    /// What the manifest says; a `.mlmodel` has none.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.0.manifest.as_ref()
    }

    /// The root model file.
    pub fn model(&self) -> &PackageFile {
        let Inner { files, model, .. } = &*self.0;
        #[expect(
            clippy::indexing_slicing,
            reason = "the index was found in these files, which never change"
        )]
        &files[*model]
    }

    /// The weight file that a program means by a reference such as `@model_path/weights/weight.bin`.
    ///
    /// # Errors
    /// When it leaves the package, names no file, or names the model itself.
    pub fn blob_file(&self, _reference: &str) -> Result<&PackageFile, Error> {
        todo!()
    }

    /// Bytes of all files together.
    pub fn size_bytes(&self) -> u64 {
        self.0.size_bytes
    }

    /// The canonical digest; computed once.
    pub fn digest(&self) -> Digest {
        *self.0.digest.get_or_init(|| match self.0.kind {
            PackageKind::Mlmodel => self.model().sha256(),
            PackageKind::Mlpackage => Digest::of_tree(
                self.0
                    .files
                    .iter()
                    .map(|file| (file.path.as_str(), file.size_bytes(), file.sha256())),
            ),
        })
    }
}
