//! Writing a package as a zip, for a command line that was asked for one.
//!
//! The bytes are those of [`ZipLayout`], so that a zip made here and one downloaded from a service are the same.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use super::layout::{Segment, ZipLayout};
use crate::error::Error;
use crate::package::Package;
use crate::package::staged::{Publish, Staged};
use crate::package::write::write_released;

/// Writes a zip of the package to `target`, whole or not at all; in it, the package is the folder `top`.
///
/// # Errors
/// When the target exists and may not be replaced, or the operating system refuses.
pub fn pack(package: &Package, top: &str, target: &Path, publish: Publish) -> Result<(), Error> {
    let staged = Staged::create(target, publish)?;
    let layout = ZipLayout::new(top, &package.zip_entries());
    let mut out = File::create_new(staged.place()).map_err(Error::io("create", target))?;
    for segment in layout.segments(0..layout.len()) {
        match segment {
            Segment::Bytes(bytes) => out.write_all(&bytes),
            // The whole archive was asked for, so a file's range is all of it.
            Segment::File { index, .. } => package
                .files()
                .get(index)
                .map_or(Ok(()), |file| write_released(file, &mut out)),
        }
        .map_err(Error::io("write", target))?;
    }
    drop(out);
    staged.finish()
}
