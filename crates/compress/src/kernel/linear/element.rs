//! What differs between halves and singles: keys for comparison, rounding, sums.

use super::super::FloatVec;
use super::super::half_bits::{f16_to_f32, f32_to_f16, round_to_half};

/// Adds 1.5 * 2^23: the sum has its integer part in the low bits, rounded half to even.
pub(super) const MAGIC: f32 = 12_582_912.0;

/// A weight's type.
pub(super) trait Weight: Copy + Default + Send + Sync {
    /// Integers ordered as the weights are; NaN beyond the infinities.
    type Key: Copy + Ord + Send + Sync;
    /// What squares are summed in within a block of weights.
    type Sum: Copy + Default + Send + std::ops::AddAssign + Into<f64>;

    /// Above every key.
    const TOP: Self::Key;
    /// Below every key.
    const BOTTOM: Self::Key;

    /// The weight's place in the order.
    fn key(self) -> Self::Key;
    /// The value of a key.
    fn of_key(key: Self::Key) -> f32;
    /// The value, infinities and NaN included.
    fn value(self) -> f32;
    /// The value where it is known to be finite.
    fn finite_value(self) -> f32;
    /// A result rounded to the weight's type.
    fn round(x: f32) -> f32;
    /// As `round`, for |x| < 2^22; may be off below 2^-14, where no code differs.
    fn round_quotient(x: f32) -> f32;
    /// As `round`, for finite results.
    fn round_finite(x: f32) -> f32;
    /// x².
    fn square(x: f32) -> Self::Sum;
    /// Values, already rounded, in the weight's type.
    fn store(values: &[f32]) -> FloatVec;
}

/// Raw bits of a half.
impl Weight for u16 {
    type Key = i16;
    type Sum = f32;
    const TOP: i16 = i16::MAX;
    const BOTTOM: i16 = i16::MIN;

    #[inline(always)]
    fn key(self) -> i16 {
        let bits = self.cast_signed();
        bits ^ ((bits >> 15) & 0x7fff)
    }

    fn of_key(key: i16) -> f32 {
        f16_to_f32((key ^ ((key >> 15) & 0x7fff)).cast_unsigned())
    }

    #[inline(always)]
    fn value(self) -> f32 {
        f16_to_f32(self)
    }

    #[inline(always)]
    fn finite_value(self) -> f32 {
        let magnitude = f32::from_bits(u32::from(self & 0x7fff) << 13);
        let scaled = (magnitude * f32::from_bits(0x7780_0000)).to_bits();
        f32::from_bits(scaled | (u32::from(self & 0x8000) << 16))
    }

    #[inline(always)]
    fn round(x: f32) -> f32 {
        round_to_half(x)
    }

    #[inline(always)]
    fn round_quotient(x: f32) -> f32 {
        let bits = x.to_bits();
        f32::from_bits((bits + 0xfff + ((bits >> 13) & 1)) & !0x1fff)
    }

    #[inline(always)]
    fn round_finite(x: f32) -> f32 {
        // Below 2^-14 halves are multiples of 2^-24: 0.75 + x is a single with that last place.
        let subnormal = (x + 0.75) - 0.75;
        if x.abs() < f32::from_bits(0x3880_0000) {
            subnormal
        } else {
            Self::round_quotient(x)
        }
    }

    #[inline(always)]
    fn square(x: f32) -> f32 {
        x * x
    }

    fn store(values: &[f32]) -> FloatVec {
        FloatVec::F16(values.iter().map(|&v| f32_to_f16(v)).collect())
    }
}

impl Weight for f32 {
    type Key = i32;
    type Sum = f64;
    const TOP: i32 = i32::MAX;
    const BOTTOM: i32 = i32::MIN;

    #[inline(always)]
    fn key(self) -> i32 {
        let bits = self.to_bits().cast_signed();
        bits ^ ((bits >> 31) & 0x7fff_ffff)
    }

    fn of_key(key: i32) -> f32 {
        Self::from_bits((key ^ ((key >> 31) & 0x7fff_ffff)).cast_unsigned())
    }

    #[inline(always)]
    fn value(self) -> f32 {
        self
    }

    #[inline(always)]
    fn finite_value(self) -> f32 {
        self
    }

    #[inline(always)]
    fn round(x: f32) -> f32 {
        x
    }

    #[inline(always)]
    fn round_quotient(x: f32) -> f32 {
        x
    }

    #[inline(always)]
    fn round_finite(x: f32) -> f32 {
        x
    }

    #[inline(always)]
    fn square(x: f32) -> f64 {
        f64::from(x) * f64::from(x)
    }

    fn store(values: &[f32]) -> FloatVec {
        FloatVec::F32(values.to_vec())
    }
}
