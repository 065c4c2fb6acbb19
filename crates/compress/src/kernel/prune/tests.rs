//! Edges that the recorded arrays do not reach.

#![expect(clippy::cast_possible_truncation, reason = "test data: small numbers")]

use super::super::tests::never;
use super::super::{Compat, FloatVec, Floats, Left};
use super::magnitude;

fn prune(w: &[f32], target: f64, compat: Compat) -> Result<(Vec<u8>, FloatVec), Left> {
    magnitude(Floats::F32(w), target, compat, &never).map(|p| (p.mask, p.nonzero))
}

#[test]
fn ties_at_the_cut_all_go() {
    let w = [1.0, -1.0, 1.0, 2.0, -3.0];
    assert_eq!(
        prune(&w, 0.2, Compat::Mended),
        Ok((vec![0b11000], FloatVec::F32(vec![2.0, -3.0])))
    );
}

#[test]
fn target_zero_drops_zeros_alone() {
    let w = [0.0, -0.0, 1e-40, 5.0];
    assert_eq!(
        prune(&w, 0.0, Compat::Mended),
        Ok((vec![0b1100], FloatVec::F32(vec![1e-40, 5.0])))
    );
}

#[test]
fn target_one_keeps_nothing_or_is_left() {
    assert_eq!(
        prune(&[1.0, 2.0], 1.0, Compat::Mended),
        Ok((vec![0], FloatVec::F32(Vec::new())))
    );
    assert_eq!(
        prune(&[1.0, f32::INFINITY], 1.0, Compat::Mended),
        Err(Left::Infinite)
    );
    assert_eq!(
        prune(&[1.0, f32::NAN], 0.5, Compat::Mended),
        Err(Left::NotANumber)
    );
}

#[test]
fn masks_of_all_lengths() {
    for len in 0..=33usize {
        let halves: Vec<u16> = (0..len)
            .map(|i| if i % 3 == 0 { 0 } else { 0x3c00 })
            .collect();
        let pruned = magnitude(Floats::F16(&halves), 0.0, Compat::Mended, &never).unwrap();
        assert_eq!(pruned.mask.len(), len.div_ceil(8));
        let kept = (0..len).filter(|i| pruned.mask[i / 8] >> (i % 8) & 1 == 1);
        assert!(kept.eq((0..len).filter(|i| i % 3 != 0)));
        assert_eq!(pruned.kept as usize, pruned.nonzero.len());
    }
}

#[test]
fn sums_count_what_went() {
    let pruned = magnitude(Floats::F32(&[3.0, -4.0, 12.0]), 0.6, Compat::Mended, &never).unwrap();
    assert!((pruned.error.signal - 169.0).abs() < 1e-9);
    assert!((pruned.error.noise - 25.0).abs() < 1e-9);
    assert!((pruned.error.max_abs - 4.0).abs() < 1e-9);
}

/// Expected values: `np.where(np.abs(w) <= t, 0, w)` by hand; float16(0.01) is 0.010002136 (0x211f).
#[test]
fn a_threshold_is_rounded_to_the_type_first() {
    let w = [0x211f_u16, 0x2120, 0xa11f, 0x0000, 0x8000, 0x3c00];
    let pruned = super::threshold(Floats::F16(&w), 0.01, 0.5, Compat::Mended, &|| false).unwrap();
    assert_eq!(pruned.mask, [0b10_0010]);
    assert_eq!(pruned.nonzero, FloatVec::F16(vec![0x2120, 0x3c00]));
    let dense = super::threshold(Floats::F16(&w), 0.01, 0.7, Compat::Mended, &|| false);
    assert_eq!(dense, Err(Left::NotSparse));
    let w = [0.01_f32, 0.010_000_001, -0.01, 0.0, 1.0];
    let pruned = super::threshold(Floats::F32(&w), 0.01, 0.0, Compat::Mended, &|| false).unwrap();
    assert_eq!(pruned.mask, [0b1_0010]);
    let nan = super::threshold(
        Floats::F32(&[f32::NAN, 1.0]),
        0.01,
        0.0,
        Compat::Mended,
        &|| false,
    );
    assert_eq!(nan, Err(Left::NotANumber));
}
