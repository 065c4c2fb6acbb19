//! Numbers to verdicts: from sums of errors to what a report says.
//!
//! What it does not do: read tensors, format text.

/// Signal to noise ratio in decibels from Σw² and Σ(w - ŵ)².
///
/// None where it has no finite value: no noise, no signal, or sums that are not finite.
pub fn snr_db(signal: f64, noise: f64) -> Option<f64> {
    let db = 10.0 * (signal / noise).log10();
    (signal > 0.0 && noise > 0.0 && db.is_finite()).then_some(db)
}

/// How many times smaller `after` is than `before`; none when nothing is left.
pub fn ratio(before_bytes: u64, after_bytes: u64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
    (after_bytes > 0).then(|| before_bytes as f64 / after_bytes as f64)
}

#[cfg(test)]
mod tests;
