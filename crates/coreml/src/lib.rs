//! The package: reads hostile Core ML files, writes lossless ones.
//!
//! What comes in is hostile until proven: every size is checked, every limit is a field of [`Limits`], every refusal
//! is a variant of [`Error`]. What goes out is what came in, except for the bytes that a caller asked to change.
//!
//! This crate deliberately has no clock, no environment, no printing, no threads and no network.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::as_conversions
)]

pub mod blob;
pub mod error;
pub mod limits;
pub mod map;
pub mod package;
pub mod program;
pub mod spec;
pub mod wire;

mod number;

#[cfg(test)]
mod tests;

pub use error::{Class, Error, Shown};
pub use limits::{Limit, Limits};
pub use map::Mapped;
pub use package::archive;
pub use package::{Digest, Package, PackageFile, PackageKind};
