//! Pruning by magnitude, to a target sparsity or below a threshold, as coremltools 9.0 does it with numpy 2.4.
//!
//! The cut is numpy's percentile of the magnitudes with its roundings, and everything at or
//! below the cut goes, ties too. `cut` finds the order statistics without sorting, `compact`
//! writes the mask and the weights that stay.
//!
//! What it does not do: blocks, n:m.

mod compact;
mod cut;
mod magnitude;
mod threshold;

pub use magnitude::{Pruned, magnitude};
pub use threshold::threshold;

#[cfg(test)]
mod tests;
