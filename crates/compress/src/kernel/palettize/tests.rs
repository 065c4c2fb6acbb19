//! Edges that the recorded arrays do not reach, and the path for large tensors of singles.

use super::super::tests::{bell, never, stream};
use super::super::{FloatVec, Floats, Left};
use super::{Widths, kmeans, uniform, unique};

#[test]
fn infinities_and_nan_are_left() {
    for (half, single, left) in [
        (0x7c00, f32::INFINITY, Left::Infinite),
        (0xfe00, f32::NAN, Left::NotANumber),
    ] {
        let (halves, singles) = ([0x3c00, half], [1.0, single]);
        for w in [Floats::F16(&halves), Floats::F32(&singles)] {
            assert_eq!(kmeans(w, 4, &never), Err(left));
            assert_eq!(uniform(w, 4, &never), Err(left));
        }
        if left == Left::NotANumber {
            assert_eq!(unique(Floats::F16(&halves), Widths::All, &never), Err(left));
            assert_eq!(
                unique(Floats::F32(&singles), Widths::All, &never),
                Err(left)
            );
        }
    }
}

#[test]
fn a_range_beyond_halves_is_left() {
    assert_eq!(
        uniform(Floats::F16(&[0x7bff, 0xfbff]), 2, &never),
        Err(Left::DegenerateScale)
    );
}

#[test]
fn five_to_eight_values_take_the_width_that_the_opset_has() {
    let w: Vec<u16> = (0..7).collect();
    assert_eq!(
        unique(Floats::F16(&w), Widths::All, &never).unwrap().bits,
        3
    );
    assert_eq!(
        unique(Floats::F16(&w), Widths::WithoutThree, &never)
            .unwrap()
            .bits,
        4
    );
}

#[test]
fn fewer_values_than_entries_leave_zeros_at_the_end() {
    let palette = kmeans(Floats::F32(&[2.0, -1.0, 2.0]), 2, &never).unwrap();
    assert_eq!(palette.lut, FloatVec::F32(vec![-1.0, 2.0, 0.0, 0.0]));
    assert_eq!(palette.indices, [1, 0, 1]);
}

/// Binned and sorted singles give nearly the same error; a bin per value cannot be worse.
#[test]
fn many_singles_are_clustered_as_well_as_few() {
    let base: Vec<f32> = stream(5, 1 << 17)
        .into_iter()
        .map(|raw| bell(raw) * 0.125)
        .collect();
    let many: Vec<f32> = base.iter().copied().cycle().take(5 << 17).collect();
    for bits in [1, 4, 8] {
        let few = kmeans(Floats::F32(&base), bits, &never)
            .unwrap()
            .error
            .noise
            * 5.0;
        let many = kmeans(Floats::F32(&many), bits, &never)
            .unwrap()
            .error
            .noise;
        assert!(many <= few * 1.0001, "{bits} bits: {many} above {few}");
    }
}

/// Values in a narrow band and one far away make bins too wide: they must be sorted after all.
#[test]
fn a_narrow_band_with_an_outlier_is_resolved() {
    let mut w: Vec<f32> = stream(6, (1 << 19) + 1)
        .into_iter()
        .map(|raw| bell(raw).mul_add(1e-4, 1.0))
        .collect();
    let band: f64 = kmeans(Floats::F32(&w[1..]), 4, &never).unwrap().error.noise;
    w[0] = -1.0;
    let noise = kmeans(Floats::F32(&w), 4, &never).unwrap().error.noise;
    assert!(noise < band * 1.3, "{noise} against {band}");
}
