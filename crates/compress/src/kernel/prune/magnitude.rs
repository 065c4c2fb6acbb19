//! The call and its result.

use super::super::histogram::Histogram;
use super::super::{Cancelled, Compat, ErrorSums, FloatVec, Floats, Left};
use super::{compact, cut};

/// The weights that are left, and where they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Pruned {
    /// One bit per weight, least significant first; set where the weight stays.
    pub mask: Vec<u8>,
    /// The weights that stay, in order, of the weight's type.
    pub nonzero: FloatVec,
    /// How many stay.
    pub kept: u64,
    /// What it did to the numbers.
    pub error: ErrorSums,
}

/// Zeroes the smallest magnitudes until `target_sparsity` (0 to 1) of the weights are zero.
///
/// # Errors
/// [`Left`] where the weights hold a NaN, or an infinity that target 1 would turn into one
/// (with [`Compat::Exact`] both are computed as coremltools does).
pub fn magnitude(
    w: Floats<'_>,
    target_sparsity: f64,
    compat: Compat,
    cancelled: Cancelled<'_>,
) -> Result<Pruned, Left> {
    let percent = target_sparsity * 100.0;
    match w {
        Floats::F16(w) => {
            let histogram = Histogram::of(w, cancelled)?;
            let bits = cut::of_halves(&histogram, w.len(), percent, compat)?;
            compact::halves(w, bits, &histogram, cancelled)
        }
        Floats::F32(w) => {
            let bits = cut::of_singles(w, percent, compat, cancelled)?;
            compact::singles(w, bits, cancelled)
        }
    }
}
