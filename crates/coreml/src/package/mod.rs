//! The package as files: a folder, a zip of one, or a single `.mlmodel`.
//!
//! Opening tells them apart by their first bytes, proves that paths, names and sizes are harmless, and maps every
//! file. What the model file says is deliberately not read here (that is `program`), and a package in memory never
//! changes: [`PackageWriter`] makes a new one.

mod digest;
mod file;
mod folder;
mod json;
mod manifest;
mod names;
mod open;
mod opened;
mod path;
mod staged;
mod write;

pub mod archive;

#[cfg(test)]
pub(crate) mod tests;

pub use digest::{Digest, NotADigest};
pub use file::{PackageFile, Sums};
pub use manifest::{Item, Manifest};
pub use open::{TELLING_BYTES, begins_like_a_package};
pub use opened::{Package, PackageKind};
pub use staged::Publish;
pub use write::PackageWriter;
