//! Pruning of everything at or below a threshold (`OpThresholdPrunerConfig`).
//!
//! Formula (coremltools 9.0, `prune_weights.compress_by_threshold`): `w = 0 where |w| <= t`, t rounded to the
//! weight's type first; below a share of zeros the weight stays dense and unpruned.

use super::super::half_bits::f64_to_f16;
use super::super::histogram::{Histogram, INFINITE};
use super::super::{Cancelled, Compat, Floats, Left};
use super::compact;
use super::cut::Cut;
use super::magnitude::Pruned;

/// Zeroes what is at or below `threshold` (at least 0).
///
/// # Errors
/// [`Left`] where fewer than `minimum_sparsity` (0 to 1) of the weights would be zero, or one is a NaN (with
/// [`Compat::Exact`] a NaN stays among the others).
pub fn threshold(
    w: Floats<'_>,
    threshold: f64,
    minimum_sparsity: f64,
    compat: Compat,
    cancelled: Cancelled<'_>,
) -> Result<Pruned, Left> {
    let pruned = match w {
        Floats::F16(w) => {
            let histogram = Histogram::of(w, cancelled)?;
            if compat == Compat::Mended && histogram.has_nan() {
                return Err(Left::NotANumber);
            }
            let cut = Cut::UpTo(f64_to_f16(threshold).min(INFINITE));
            compact::halves(w, cut, &histogram, cancelled)?
        }
        Floats::F32(w) => {
            if compat == Compat::Mended && w.iter().any(|w| w.is_nan()) {
                return Err(Left::NotANumber);
            }
            #[expect(
                clippy::cast_possible_truncation,
                reason = "rounded to the weight's type"
            )]
            let cut = Cut::UpTo((threshold as f32).to_bits());
            compact::singles(w, cut, cancelled)?
        }
    };
    #[expect(clippy::cast_precision_loss, reason = "no tensor has 2^53 elements")]
    let zeros = 1.0 - pruned.kept as f64 / w.len().max(1) as f64;
    if zeros < minimum_sparsity {
        return Err(Left::NotSparse);
    }
    Ok(pruned)
}
