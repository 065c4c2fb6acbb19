//! Conversions between halves, singles and doubles, each rounded once to nearest, ties to even.
//!
//! Why our own: `half::f16::from_f64` rounds twice on some machines and drops bits on others,
//! and centroids of k-means are doubles that must become the same halves as in numpy.

/// 2^112: moves the exponent bias of a half (15) to that of a single (127).
const BIAS_SHIFT: f32 = f32::from_bits(0x7780_0000);

/// The value of a half, exact. NaN keeps its payload in the upper bits, made quiet.
#[inline(always)]
pub fn f16_to_f32(bits: u16) -> f32 {
    let magnitude = u32::from(bits & 0x7fff) << 13;
    let sign = u32::from(bits & 0x8000) << 16;
    let finite = (f32::from_bits(magnitude) * BIAS_SHIFT).to_bits();
    let special = magnitude | 0x7f80_0000 | (u32::from(bits & 0x3ff != 0) << 22);
    let value = if bits & 0x7c00 == 0x7c00 {
        special
    } else {
        finite
    };
    f32::from_bits(value | sign)
}

/// The half nearest to a single. NaN keeps its upper payload, made quiet.
#[inline(always)]
pub fn f32_to_f16(value: f32) -> u16 {
    let bits = value.to_bits();
    let magnitude = bits & 0x7fff_ffff;
    // Normal: drop 13 bits, move the exponent; a carry goes into the exponent, up to infinity.
    let normal =
        (magnitude.wrapping_add(0xfff + ((magnitude >> 13) & 1))).wrapping_sub(112 << 23) >> 13;
    // Below 2^-14: the last place of 0.5 + x is 2^-24, the unit of subnormal halves.
    let subnormal = (f32::from_bits(magnitude) + 0.5)
        .to_bits()
        .wrapping_sub(0x3f00_0000);
    let nan = 0x7e00 | ((magnitude >> 13) & 0x3ff);
    let half = if magnitude < 0x3880_0000 {
        subnormal
    } else {
        normal
    };
    let half = if magnitude >= 0x4780_0000 {
        0x7c00
    } else {
        half
    };
    let half = if magnitude > 0x7f80_0000 { nan } else { half };
    let [low, high, ..] = (half | ((bits >> 16) & 0x8000)).to_le_bytes();
    u16::from_le_bytes([low, high])
}

/// A single rounded to half and widened again: the step after each operation of numpy on halves.
#[inline(always)]
pub fn round_to_half(value: f32) -> f32 {
    f16_to_f32(f32_to_f16(value))
}

/// The half nearest to a double, rounded once.
///
/// The double is first cut to a single with the lost part kept in the last bit (round to odd);
/// that single has more than twice the precision of a half, so the second rounding is right.
pub fn f64_to_f16(value: f64) -> u16 {
    f32_to_f16(round_to_odd(value))
}

/// The value of a half as a double, exact.
pub fn f16_to_f64(bits: u16) -> f64 {
    f64::from(f16_to_f32(bits))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::float_cmp,
    reason = "the point of the function: what the cast lost"
)]
fn round_to_odd(value: f64) -> f32 {
    let nearest = value as f32;
    let back = f64::from(nearest);
    if back == value || !nearest.is_finite() {
        return nearest;
    }
    let bits = nearest.to_bits();
    let toward_zero = if back.abs() > value.abs() {
        bits - 1
    } else {
        bits
    };
    f32::from_bits(toward_zero | 1)
}
