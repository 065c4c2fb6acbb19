//! Magnitude pruning to a target sparsity, as coremltools 9.0 does it with numpy 2.4.
//!
//! The cut is numpy's percentile of the magnitudes with its roundings, and everything at or
//! below the cut goes, ties too. `cut` finds the order statistics without sorting, `compact`
//! writes the mask and the weights that stay.
//!
//! What it does not do: blocks, n:m, thresholds.

mod compact;
mod cut;
mod magnitude;

pub use magnitude::{Pruned, magnitude};

#[cfg(test)]
mod tests;
