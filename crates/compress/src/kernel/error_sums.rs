//! What compression did to the numbers of one constant.

/// Sums over a constant's elements, w before and ŵ after compression and decompression.
///
/// They are sums of at most 2^-20 relative error, made for reports; no result depends on them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ErrorSums {
    /// Σ w².
    pub signal: f64,
    /// Σ (w - ŵ)².
    pub noise: f64,
    /// max |w - ŵ|.
    pub max_abs: f64,
}

impl ErrorSums {
    /// Adds `count` elements of value `before` that became `after`.
    pub fn add(&mut self, before: f64, after: f64, count: f64) {
        #[expect(clippy::float_cmp, reason = "an infinity that stays is no error")]
        let error = if before == after { 0.0 } else { before - after };
        self.signal += count * (before * before);
        self.noise += count * (error * error);
        self.max_abs = self.max_abs.max(error.abs());
    }

    /// The sums of both parts.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        Self {
            signal: self.signal + other.signal,
            noise: self.noise + other.noise,
            max_abs: self.max_abs.max(other.max_abs),
        }
    }
}
