//! Unpacking: all checks first, then the files, or nothing.

use std::path::Path;

use crate::error::Error;
use crate::limits::Limits;
use crate::package::Sums;

/// What came out of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// The package's folder in the archive; none when its files lie at the top level.
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

/// Verifies a zip of a package and unpacks the package's files into the folder `into`, which is made if it does not
/// exist and must be empty.
///
/// # Errors
/// When the archive is malformed, hostile, unsupported or passes a limit; `into` is as it was then.
pub fn unpack(_zip: &Path, _into: &Path, _limits: &Limits) -> Result<Unpacked, Error> {
    todo!()
}
