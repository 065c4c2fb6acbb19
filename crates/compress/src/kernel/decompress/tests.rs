//! Values worked out by hand, blocks against a plain loop, and parameters that do not fit.

use super::super::half_bits::{f16_to_f32, f32_to_f16};
use super::super::{FloatVec, Floats};
use super::runs::runs;
use super::{
    Array, ArrayVec, Codes, Misfit, affine, blockwise, lut, lut_flat, lut_to_sparse, sparse,
};
use proptest::prelude::*;

fn signed(values: &[u8]) -> Codes<'_> {
    Codes {
        bits: 8,
        signed: true,
        values,
    }
}

fn halves(values: &[f32]) -> FloatVec {
    FloatVec::F16(values.iter().map(|&v| f32_to_f16(v)).collect())
}

#[test]
fn affine_subtracts_before_it_scales() {
    let scale = [0.5, 2.0];
    let (data, zero) = ([1, 2, 0xff, 4], [1, 0xff]);
    let out = affine(
        signed(&data),
        &[2, 2],
        Floats::F32(&scale),
        Array::Codes(signed(&zero)),
        0,
    );
    assert_eq!(out, Ok(FloatVec::F32(vec![0.0, 0.5, 0.0, 10.0])));
    let out = affine(
        signed(&data),
        &[2, 2],
        Floats::F32(&scale),
        Array::Codes(signed(&[0])),
        1,
    );
    assert_eq!(out, Ok(FloatVec::F32(vec![0.5, 4.0, -0.5, 8.0])));
}

#[test]
fn low_bits_are_sign_extended() {
    let four = Codes {
        bits: 4,
        signed: true,
        values: &[0x0f, 0x07, 0x08],
    };
    let out = blockwise(Array::Codes(four), &[3], Floats::F32(&[1.0]), &[1], None);
    assert_eq!(out, Ok(FloatVec::F32(vec![-1.0, 7.0, -8.0])));
}

#[test]
fn a_fractional_offset_of_halves_is_rounded_twice() {
    let offset = halves(&[0.0999]);
    let scale = halves(&[0.3]);
    let offset = Array::Floats(offset.as_floats());
    let out = blockwise(
        Array::Codes(signed(&[100])),
        &[1],
        scale.as_floats(),
        &[1],
        Some(offset),
    );
    let first = f16_to_f32(f32_to_f16(100.0 - f16_to_f32(f32_to_f16(0.0999))));
    assert_eq!(out, Ok(halves(&[first * f16_to_f32(f32_to_f16(0.3))])));
}

#[test]
fn vectors_lie_along_their_axis() {
    // Two entries of three values; the example of coremltools' documentation.
    let table = Array::Codes(Codes {
        bits: 8,
        signed: false,
        values: &[10, 11, 12, 20, 21, 22],
    });
    let out = lut(&[0, 0, 1, 0], &[2, 2], table, &[1, 1, 2, 3], Some(0)).unwrap();
    let expected = vec![10, 10, 11, 11, 12, 12, 20, 10, 21, 11, 22, 12];
    assert_eq!(
        out,
        ArrayVec::Codes {
            bits: 8,
            signed: false,
            values: expected
        }
    );
    let (mask, kept) = lut_to_sparse(&[0, 1], &[2], &[1], table, &[1, 2, 3], Some(0)).unwrap();
    assert_eq!(mask, [0, 0, 0, 1, 1, 1]);
    assert_eq!(
        kept,
        ArrayVec::Codes {
            bits: 8,
            signed: false,
            values: vec![20, 21, 22]
        }
    );
}

#[test]
fn misfits_are_refused() {
    let table = Array::Floats(Floats::F32(&[1.0, 2.0]));
    assert_eq!(lut_flat(&[0, 2], table), Err(Misfit::Index));
    assert_eq!(lut(&[0], &[1], table, &[1, 1, 2], None), Err(Misfit::Shape));
    assert_eq!(
        lut(&[0], &[1], table, &[1, 2, 1], Some(1)),
        Err(Misfit::Index)
    );
    assert_eq!(lut(&[0], &[1], table, &[2], None), Err(Misfit::Shape));
    assert_eq!(sparse(table, &[1, 0, 0]), Err(Misfit::Count));
    assert_eq!(sparse(table, &[1, 1, 1]), Err(Misfit::Count));
    let data = Array::Codes(signed(&[1, 2, 3]));
    for (shape, scale_shape) in [
        (&[3][..], &[2][..]),
        (&[3], &[1, 2]),
        (&[usize::MAX, 2], &[2, 1]),
    ] {
        assert!(blockwise(data, shape, Floats::F32(&[1.0, 1.0]), scale_shape, None).is_err());
    }
    assert_eq!(
        affine(signed(&[1, 2, 3]), &[3], Floats::F32(&[1.0, 2.0]), data, 0),
        Err(Misfit::Shape)
    );
}

#[test]
fn empty_tensors_have_no_runs() {
    assert_eq!(runs(&[0, 1 << 40, 1 << 40], &[1, 2, 1]).unwrap().count(), 0);
}

proptest! {
    /// Merged axes give each element the block that division of its coordinates gives.
    #[test]
    fn runs_cover_every_element_once(axes in prop::collection::vec((1usize..4, 1usize..4), 0..5)) {
        let shape: Vec<usize> = axes.iter().map(|(blocks, size)| blocks * size).collect();
        let blocks: Vec<usize> = axes.iter().map(|(blocks, _)| *blocks).collect();
        let mut next = 0;
        for run in runs(&shape, &blocks).unwrap() {
            prop_assert_eq!(run.start, next);
            for element in run.start..run.end {
                let (mut rest, mut block, mut stride) = (element, 0, 1);
                for (size, blocks) in shape.iter().zip(&blocks).rev() {
                    block += rest % size / (size / blocks) * stride;
                    stride *= blocks;
                    rest /= size;
                }
                prop_assert_eq!(run.block, block);
            }
            next = run.end;
        }
        prop_assert_eq!(next, shape.iter().product::<usize>());
    }
}
