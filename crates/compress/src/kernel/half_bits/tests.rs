//! All halves, the borders between them, and doubles that two roundings get wrong.

use super::{f16_to_f32, f16_to_f64, f32_to_f16, f64_to_f16};

#[test]
fn every_half_survives() {
    for bits in 0..=u16::MAX {
        let value = half::f16::from_bits(bits);
        if value.is_nan() {
            assert!(f16_to_f32(bits).is_nan() && f32_to_f16(f32::NAN) & 0x7fff > 0x7c00);
            continue;
        }
        assert_eq!(f16_to_f32(bits).to_bits(), value.to_f32_const().to_bits());
        assert_eq!(f32_to_f16(f16_to_f32(bits)), bits);
        assert_eq!(f64_to_f16(f16_to_f64(bits)), bits);
    }
}

#[test]
fn borders_round_to_even() {
    for bits in 0..0x7bffu16 {
        let middle = f16_to_f64(bits).midpoint(f16_to_f64(bits + 1));
        let even = bits + (bits & 1);
        for (value, nearest) in [
            (middle.next_down(), bits),
            (middle, even),
            (middle.next_up(), bits + 1),
        ] {
            assert_eq!(f64_to_f16(value), nearest, "{value:e}");
            assert_eq!(f64_to_f16(-value), nearest | 0x8000, "{value:e}");
        }
        #[expect(clippy::cast_possible_truncation, reason = "exact: 12 bits")]
        let single = middle as f32;
        for (value, nearest) in [
            (single.next_down(), bits),
            (single, even),
            (single.next_up(), bits + 1),
        ] {
            assert_eq!(f32_to_f16(value), nearest, "{value:e}");
        }
    }
}

#[test]
fn ends_of_the_range() {
    for (value, bits) in [
        (65_519.999_999_999, 0x7bff),
        (65520.0, 0x7c00),
        (1e300, 0x7c00),
        (f64::INFINITY, 0x7c00),
        (2f64.powi(-25), 0),
        (2f64.powi(-25).next_up(), 1),
        (1e-300, 0),
    ] {
        assert_eq!(f64_to_f16(value), bits, "{value:e}");
    }
}
