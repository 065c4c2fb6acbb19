//! What is mended, what is left, and that layouts and threads change nothing.

use super::super::tests::{bell, never, stream};
use super::super::{Compat, FloatVec, Floats, Left, half_bits};
use super::{CodeType, Mode, Quantized, Scheme, quantize};

const SIGNED: Scheme = Scheme {
    mode: Mode::Symmetric,
    codes: CodeType::Int8,
};
const ASYMMETRIC: Scheme = Scheme {
    mode: Mode::Asymmetric,
    codes: CodeType::Int8,
};
const UNSIGNED: Scheme = Scheme {
    mode: Mode::Asymmetric,
    codes: CodeType::Uint8,
};

fn halves(values: &[f32]) -> Vec<u16> {
    values.iter().map(|&v| half_bits::f32_to_f16(v)).collect()
}

fn tensor(values: &[f32], scheme: Scheme, compat: Compat) -> Result<Quantized, Left> {
    quantize(
        Floats::F16(&halves(values)),
        &[values.len()],
        None,
        scheme,
        compat,
        &never,
    )
}

#[test]
fn a_channel_that_coremltools_destroys_is_mended() {
    // (weights, scheme): lo * max, hi * min or max - min overflow in halves.
    let destroyed: [(&[f32], Scheme); 6] = [
        (&[600.0, -600.0, 100.0, -250.0], ASYMMETRIC),
        (&[600.0, -100.0, 300.0, -50.0], ASYMMETRIC),
        (&[600.0, -600.0, 100.0, -250.0], UNSIGNED),
        (&[40000.0, -100.0, 20000.0, 1.0], SIGNED),
        (&[65504.0, -65504.0, 30000.0, 1.0], SIGNED),
        (&[50000.0, -50000.0, 30000.0, 1.0], UNSIGNED),
    ];
    for (values, scheme) in destroyed {
        let mended = tensor(values, scheme, Compat::Mended).unwrap();
        let exact = tensor(values, scheme, Compat::Exact).unwrap();
        assert_ne!(mended, exact, "{values:?}");
        let step = f64::from(mended.scales.as_floats().at(0));
        assert!(
            mended.error.max_abs <= step * 1.1,
            "{values:?} {:?}",
            mended.error
        );
        assert!(
            mended.error.signal > 1000.0 * mended.error.noise,
            "{values:?} {:?}",
            mended.error
        );
    }
}

#[test]
fn a_healthy_channel_is_not_touched_by_mending() {
    for scheme in [SIGNED, ASYMMETRIC, UNSIGNED] {
        let values = [0.5, -0.25, 500.0, -200.0, 0.0];
        let mended = tensor(&values, scheme, Compat::Mended);
        assert_eq!(mended, tensor(&values, scheme, Compat::Exact));
    }
}

#[test]
fn what_cannot_be_stored_is_left() {
    let tiny = [1e-6, -1e-6, 5e-7, 0.0];
    assert_eq!(
        tensor(&tiny, SIGNED, Compat::Mended),
        Err(Left::DegenerateScale)
    );
    assert_eq!(
        tensor(&[f32::NAN, 1.0], SIGNED, Compat::Mended),
        Err(Left::NotANumber)
    );
    for compat in [Compat::Mended, Compat::Exact] {
        assert_eq!(
            tensor(&[f32::NEG_INFINITY, 1.0], SIGNED, compat),
            Err(Left::Infinite)
        );
        assert_eq!(tensor(&[], SIGNED, compat), Err(Left::Shape));
    }
    let huge = [3e38f32, -3e38, 1.0];
    let left = quantize(
        Floats::F32(&huge),
        &[3],
        None,
        SIGNED,
        Compat::Mended,
        &never,
    );
    assert_eq!(left, Err(Left::DegenerateScale));
    let w = halves(&[1.0; 6]);
    for (shape, axis) in [
        (&[2, 2][..], None),
        (&[2, 3], Some(2)),
        (&[usize::MAX, 2], Some(0)),
    ] {
        let left = quantize(Floats::F16(&w), shape, axis, SIGNED, Compat::Mended, &never);
        assert_eq!(left, Err(Left::Shape), "{shape:?}");
    }
}

#[test]
fn zeros_have_scale_zero_and_no_error() {
    for scheme in [SIGNED, ASYMMETRIC, UNSIGNED] {
        let q = tensor(&[0.0, -0.0, 0.0], scheme, Compat::Mended).unwrap();
        assert_eq!((q.codes, q.scales), (vec![0; 3], FloatVec::F16(vec![0])));
        assert!(q.error.noise == 0.0 && q.error.max_abs == 0.0);
    }
}

/// A tensor and its transpose have the same codes, whichever loop computes them.
#[test]
fn layouts_agree() {
    let (rows, columns) = (70, 45);
    let w: Vec<f32> = stream(3, rows * columns).into_iter().map(bell).collect();
    let turned: Vec<f32> = (0..w.len())
        .map(|i| w[i % rows * columns + i / rows])
        .collect();
    for scheme in [SIGNED, ASYMMETRIC, UNSIGNED] {
        let a = quantize(
            Floats::F32(&w),
            &[rows, columns],
            Some(0),
            scheme,
            Compat::Mended,
            &never,
        );
        let b = quantize(
            Floats::F32(&turned),
            &[columns, rows],
            Some(1),
            scheme,
            Compat::Mended,
            &never,
        );
        let (a, b) = (a.unwrap(), b.unwrap());
        let back: Vec<u8> = (0..w.len())
            .map(|i| b.codes[i % columns * rows + i / columns])
            .collect();
        assert_eq!(
            (a.codes, a.scales, a.zero_points),
            (back, b.scales, b.zero_points)
        );
    }
}

#[test]
fn threads_change_nothing() {
    let w: Vec<u16> = stream(4, 1 << 22)
        .into_iter()
        .map(|raw| half_bits::f32_to_f16(bell(raw)))
        .collect();
    let run = |threads: usize, axis: Option<usize>| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            quantize(
                Floats::F16(&w),
                &[1 << 11, 1 << 11],
                axis,
                SIGNED,
                Compat::Mended,
                &never,
            )
        })
    };
    for axis in [None, Some(0), Some(1)] {
        assert_eq!(run(1, axis).unwrap(), run(3, axis).unwrap());
    }
}
