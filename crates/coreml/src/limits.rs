//! Every limit on an input, in one place, each with a safe default and a name of its own.
//!
//! A limit is a public field of [`Limits`] and a variant of [`Limit`], which gives the words of its error. A new one
//! needs both, and a file in `tests/hostile` that passes it. Limits that follow from a format (a 16-bit count) are
//! not here: they cannot be configured.

/// What an input may cost. The defaults fit every model that fits on a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries of an archive, folders and litter included.
    pub archive_entries: u64,
    /// Bytes of all files of an archive together, when unpacked.
    pub archive_unpacked_bytes: u64,
    /// Unpacked bytes of an entry per byte in the archive, counted while inflating.
    pub archive_ratio: u64,
    /// An entry of at most so many unpacked bytes may have any ratio; small files of zeros are honest.
    pub archive_ratio_free_bytes: u64,
    /// Files and folders of a package; making and removing thousands takes seconds on a slow disk.
    pub package_files: u64,
    /// Bytes of all files of a package together.
    pub package_bytes: u64,
    /// Bytes of one file of a package.
    pub file_bytes: u64,
    /// Bytes of a path inside a package or archive; more than 4,096 are never allowed.
    pub path_bytes: u64,
    /// Folders and file of such a path.
    pub path_depth: u64,
    /// Bytes of `Manifest.json`.
    pub manifest_bytes: u64,
    /// Objects and arrays inside each other in `Manifest.json`; more than 100 are never allowed.
    pub manifest_depth: u64,
    /// Items that `Manifest.json` lists.
    pub manifest_items: u64,
    /// Bytes of the model file (the protobuf message, without weights).
    pub model_bytes: u64,
    /// Messages inside each other in the model file; more than 90 are never allowed.
    pub message_depth: u64,
    /// Estimated bytes of the model file when decoded (without weights).
    pub decoded_bytes: u64,
    /// Models of a pipeline, those of pipelines inside it included.
    pub pipeline_models: u64,
    /// Bytes of a name in a program or description.
    pub name_bytes: u64,
    /// Axes of a tensor.
    pub tensor_rank: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            archive_entries: 10_000,
            archive_unpacked_bytes: 16 << 30,
            archive_ratio: 200,
            archive_ratio_free_bytes: 1 << 20,
            package_files: 1_000,
            package_bytes: 16 << 30,
            file_bytes: 16 << 30,
            path_bytes: 512,
            path_depth: 32,
            manifest_bytes: 1 << 20,
            manifest_depth: 32,
            manifest_items: 1_000,
            model_bytes: (2 << 30) - 1,
            message_depth: 64,
            decoded_bytes: 128 << 20,
            pipeline_models: 1_000,
            name_bytes: 4_096,
            tensor_rank: 32,
        }
    }
}

/// The name of a limit that was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::archive_entries`].
    ArchiveEntries,
    /// [`Limits::archive_unpacked_bytes`].
    ArchiveUnpackedBytes,
    /// [`Limits::archive_ratio`].
    ArchiveRatio,
    /// [`Limits::package_files`].
    PackageFiles,
    /// [`Limits::package_bytes`].
    PackageBytes,
    /// [`Limits::file_bytes`].
    FileBytes,
    /// [`Limits::path_bytes`].
    PathBytes,
    /// [`Limits::path_depth`].
    PathDepth,
    /// [`Limits::manifest_bytes`].
    ManifestBytes,
    /// [`Limits::manifest_depth`].
    ManifestDepth,
    /// [`Limits::manifest_items`].
    ManifestItems,
    /// [`Limits::model_bytes`].
    ModelBytes,
    /// [`Limits::message_depth`].
    MessageDepth,
    /// [`Limits::decoded_bytes`].
    DecodedBytes,
    /// [`Limits::pipeline_models`].
    PipelineModels,
    /// [`Limits::name_bytes`].
    NameBytes,
    /// [`Limits::tensor_rank`].
    TensorRank,
}

impl Limit {
    /// The field of [`Limits`], which is also the key of the configuration.
    pub fn key(self) -> &'static str {
        self.words().0
    }

    /// What is counted.
    pub fn unit(self) -> &'static str {
        self.words().1
    }

    /// What was wrong with the input that passed it.
    pub fn exceeded(self) -> &'static str {
        self.words().2
    }

    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::ArchiveEntries => (
                "archive_entries",
                "entries",
                "too many entries in the archive",
            ),
            Self::ArchiveUnpackedBytes => (
                "archive_unpacked_bytes",
                "bytes unpacked",
                "archive too large",
            ),
            Self::ArchiveRatio => (
                "archive_ratio",
                "bytes unpacked per byte",
                "archive too highly compressed",
            ),
            Self::PackageFiles => (
                "package_files",
                "files and folders",
                "too many files in the package",
            ),
            Self::PackageBytes => ("package_bytes", "bytes", "package too large"),
            Self::FileBytes => ("file_bytes", "bytes", "file too large"),
            Self::PathBytes => ("path_bytes", "bytes", "path too long"),
            Self::PathDepth => ("path_depth", "parts", "path too deep"),
            Self::ManifestBytes => ("manifest_bytes", "bytes", "manifest too large"),
            Self::ManifestDepth => ("manifest_depth", "levels", "manifest too deeply nested"),
            Self::ManifestItems => ("manifest_items", "items", "too many items in the manifest"),
            Self::ModelBytes => ("model_bytes", "bytes", "model file too large"),
            Self::MessageDepth => ("message_depth", "levels", "model file too deeply nested"),
            Self::DecodedBytes => (
                "decoded_bytes",
                "bytes decoded",
                "model file too large in memory",
            ),
            Self::PipelineModels => (
                "pipeline_models",
                "models",
                "too many models in the pipeline",
            ),
            Self::NameBytes => ("name_bytes", "bytes", "name too long"),
            Self::TensorRank => ("tensor_rank", "axes", "too many axes"),
        }
    }
}
