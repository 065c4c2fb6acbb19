//! From the parameters of a constexpr operation back to plain values, as coremltools'
//! `decompress_weights` computes them.
//!
//! `parameter` holds the kinds of parameters, `runs` how blocks lie over a tensor, then a file
//! per family of operations.
//!
//! What it does not do: unpack sub-byte values, find parameters in a program.

mod parameter;
mod runs;
mod scale;
mod sparse;
mod table;

pub use parameter::{Array, ArrayVec, Codes, Misfit};
pub use scale::{affine, blockwise, cast};
pub use sparse::{lut_to_sparse, sparse, sparse_blockwise};
pub use table::{lut, lut_flat};

#[cfg(test)]
mod tests;
