//! An opened package: its files, its model, and what it is known by.
//!
//! It is immutable and shared: clones are the same package. A reference to a weight file is resolved here, because
//! only the package knows what lies inside it; what the program expects in that file is not its business.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::archive::{SetAside, ZipEntry};
use super::{Digest, Manifest, PackageFile, open, path};
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
    parts: Parts,
    size_bytes: u64,
    digest: OnceLock<Digest>,
}

/// What opening found.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) kind: PackageKind,
    pub(super) name: String,
    /// Sorted by path.
    pub(super) files: Vec<PackageFile>,
    pub(super) empty_folders: Vec<String>,
    pub(super) manifest: Option<Manifest>,
    /// The root model's place in `files`.
    pub(super) model: usize,
    /// Where an archive was unpacked; removed with the last clone.
    pub(super) unpacked: Option<tempfile::TempDir>,
}

/// What a program's references to weight files begin with: the folder of the model file.
const MODEL_PATH: &str = "@model_path/";

impl Package {
    /// Opens a folder, a zip (unpacked under `scratch`, removed when the last clone is dropped) or a `.mlmodel`, told
    /// apart by their first bytes and never by extension.
    ///
    /// # Errors
    /// When the path does not exist or the input is no package, is hostile, or passes a limit.
    pub fn open(path: &Path, scratch: &Path, limits: &Limits) -> Result<Self, Error> {
        open::any(path, scratch, limits, &[]).map(Self::from)
    }

    /// As [`Self::open`], for an archive some of whose contents were set aside while it arrived: they are moved, not
    /// written again.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_received(
        path: &Path,
        scratch: &Path,
        limits: &Limits,
        aside: &[SetAside],
    ) -> Result<Self, Error> {
        open::any(path, scratch, limits, aside).map(Self::from)
    }

    /// Where an archive was unpacked: the folder with the package's files, as long as a clone of this lives.
    pub fn unpacked_folder(&self) -> Option<&Path> {
        self.0.parts.unpacked.as_ref().map(tempfile::TempDir::path)
    }

    /// Opens a folder.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_folder(folder: &Path, limits: &Limits) -> Result<Self, Error> {
        open::folder(folder, limits).map(Self::from)
    }

    /// What kind of package it is.
    pub fn kind(&self) -> PackageKind {
        self.0.parts.kind
    }

    /// The name without extension: `MobileNet` of `MobileNet.mlpackage`.
    pub fn name(&self) -> &str {
        &self.0.parts.name
    }

    /// All files, sorted bytewise by path; platform litter is not among them.
    pub fn files(&self) -> &[PackageFile] {
        &self.0.parts.files
    }

    /// Folders without a file in them, sorted; a model without blobs has an empty weights folder, and coremltools
    /// does not open the package without it.
    pub fn empty_folders(&self) -> &[String] {
        &self.0.parts.empty_folders
    }

    /// What the manifest says; a `.mlmodel` has none.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.0.parts.manifest.as_ref()
    }

    /// The root model file.
    pub fn model(&self) -> &PackageFile {
        let Parts { files, model, .. } = &self.0.parts;
        #[expect(
            clippy::indexing_slicing,
            reason = "opening found the model at this index, and files never change"
        )]
        &files[*model]
    }

    /// The file at this path.
    pub fn file(&self, path: &str) -> Option<&PackageFile> {
        let files = self.files();
        files
            .binary_search_by(|file| file.path.as_str().cmp(path))
            .ok()
            .and_then(|at| files.get(at))
    }

    /// The weight file that a program means by a reference such as `@model_path/weights/weight.bin`.
    ///
    /// As Core ML reads it: the path from the model's folder. If there is no such file, as coremltools reads it: the
    /// last part of the path in the manifest's item `weights`.
    ///
    /// # Errors
    /// When it leaves the package, names no file, or names the model itself.
    pub fn blob_file(&self, reference: &str) -> Result<&PackageFile, Error> {
        let bad = |why| {
            Err(Error::BlobReference {
                place: reference.into(),
                why,
            })
        };
        let Some(relative) = reference.strip_prefix(MODEL_PATH) else {
            return bad("it does not begin with @model_path/");
        };
        if let Some(why) = path::fault(relative) {
            return bad(why);
        }
        if self.kind() == PackageKind::Mlmodel {
            return bad("a single model file has no weight files");
        }
        let model = self.model();
        let beside_model = match model.path.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{relative}"),
            None => relative.to_owned(),
        };
        let found = self.file(&beside_model).or_else(|| {
            let folder = self.manifest()?.weights_item()?;
            let name = relative.rsplit('/').next()?;
            self.file(&format!("{}/{name}", folder.path))
        });
        match found {
            Some(file) if file.path == model.path => bad("it is the model file itself"),
            Some(file) => Ok(file),
            None => bad("the package has no such file"),
        }
    }

    /// Bytes of all files together.
    pub fn size_bytes(&self) -> u64 {
        self.0.size_bytes
    }

    /// The canonical digest; computed once.
    pub fn digest(&self) -> Digest {
        *self.0.digest.get_or_init(|| match self.kind() {
            PackageKind::Mlmodel => self.model().sha256(),
            PackageKind::Mlpackage => Digest::of_tree(
                self.files()
                    .iter()
                    .map(|file| (file.path.as_str(), file.size_bytes(), file.sha256())),
            ),
        })
    }

    /// What a zip of it has inside its top folder: the files, in their order, then the empty folders. Keep all of
    /// them: see [`Self::empty_folders`].
    pub fn zip_entries(&self) -> Vec<ZipEntry> {
        let file = |file: &PackageFile| ZipEntry {
            path: file.path.clone(),
            size_bytes: file.size_bytes(),
            crc32: file.crc32(),
        };
        let folder = |path: &String| ZipEntry {
            path: format!("{path}/"),
            size_bytes: 0,
            crc32: 0,
        };
        self.files()
            .iter()
            .map(file)
            .chain(self.empty_folders().iter().map(folder))
            .collect()
    }
}

impl From<Parts> for Package {
    fn from(parts: Parts) -> Self {
        let size_bytes = parts
            .files
            .iter()
            .map(PackageFile::size_bytes)
            .fold(0, u64::saturating_add);
        Self(Arc::new(Inner {
            parts,
            size_bytes,
            digest: OnceLock::new(),
        }))
    }
}
