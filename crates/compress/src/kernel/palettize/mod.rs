//! Palettes: a table of at most 256 values and an index into it per weight.
//!
//! `cluster` is `mode: kmeans`, `uniform` and `unique` are the modes of those names; each file
//! says which of coremltools' arithmetic it follows.
//!
//! What it does not do: groups (the caller passes a group as a slice), vectors, packing.

mod cluster;
mod lookup;
mod settle;
mod singles;
mod uniform;
mod unique;
mod zero;

pub use cluster::kmeans;
pub use uniform::uniform;
pub use unique::unique;

use super::{ErrorSums, FloatVec};

/// A table and the index of each weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Palette {
    /// Bits of an index: 1, 2, 3, 4, 6 or 8.
    pub bits: u32,
    /// 2^bits values of the weight's type.
    pub lut: FloatVec,
    /// One byte per weight, in the weight's order.
    pub indices: Vec<u8>,
    /// What it did to the numbers.
    pub error: ErrorSums,
}

/// The index widths that the opset has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Widths {
    /// 1, 2, 3, 4, 6, 8: iOS 18 and later.
    All,
    /// 1, 2, 4, 6, 8: before iOS 18.
    WithoutThree,
}

#[cfg(test)]
mod tests;
