//! Arithmetic on slices of weights: what a recipe finally does to numbers.
//!
//! Why apart: these functions know nothing of packages, protobuf or files, so each can be held
//! against coremltools array by array. Where coremltools is deterministic the results are equal
//! to its results bit for bit; every file names the formula that it follows. Results depend on
//! nothing but the arguments: not on the number of threads, not on the machine.
//!
//! What it does not do: choose constants, pick axes, pack sub-byte values, write anything.
//! A kernel never aborts a job. It answers [`Left`], and the constant stays as it is.

#![expect(
    clippy::inline_always,
    reason = "loops are compiled once per instruction set; what they call must be compiled with them"
)]

pub mod decompress;
mod error_sums;
mod floats;
pub mod half_bits;
pub mod histogram;
pub mod kmeans;
mod left;
pub mod linear;
pub mod palettize;
pub mod prune;

pub use error_sums::ErrorSums;
pub use floats::{FloatKind, FloatVec, Floats, Stored};
pub use left::{Cancelled, Compat, Left};

#[cfg(test)]
mod tests;
