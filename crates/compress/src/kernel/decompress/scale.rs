//! Scales and offsets: `constexpr_affine_dequantize`, `constexpr_blockwise_shift_scale`, `constexpr_cast`.
//!
//! Both compute `scale * (data - offset)`. The older operation computes in single precision and
//! rounds once to the scale's type; the newer one works in the scale's type, so that a fractional
//! offset of halves is rounded twice.

use super::super::half_bits::{f16_to_f32, f32_to_f16, round_to_half};
use super::super::{FloatKind, FloatVec, Floats};
use super::parameter::{Array, Codes, Misfit, expect_count};
use super::runs::{Run, runs};

/// `constexpr_affine_dequantize`: `scale * (data - zero_point)`, scale and zero point along `axis`
/// where they have more than one element.
///
/// # Errors
/// [`Misfit`] where the parameters do not go together.
pub fn affine(
    data: Codes<'_>,
    shape: &[usize],
    scale: Floats<'_>,
    zero_point: Array<'_>,
    axis: usize,
) -> Result<FloatVec, Misfit> {
    let scale_blocks = along(shape, axis, scale.len())?;
    let zero_blocks = along(shape, axis, zero_point.len())?;
    // The finer of the two decides the runs; the other has one element for all of them.
    let blocks = if scale.len() > 1 {
        scale_blocks
    } else {
        zero_blocks
    };
    let pick = |len: usize, block: usize| if len > 1 { block } else { 0 };
    let parameters = |block: usize| {
        (
            scale.at(pick(scale.len(), block)),
            zero_point.number(pick(zero_point.len(), block)),
        )
    };
    dequantize(
        Array::Codes(data),
        shape,
        &blocks,
        scale.kind(),
        parameters,
        |x| x,
    )
}

/// The blocks of a parameter of `len` elements along `axis`.
fn along(shape: &[usize], axis: usize, len: usize) -> Result<Vec<usize>, Misfit> {
    let mut blocks = vec![1; shape.len()];
    if len == 1 {
        return Ok(blocks);
    }
    let size = *shape.get(axis).ok_or(Misfit::Index)?;
    let place = blocks.get_mut(axis).ok_or(Misfit::Index)?;
    *place = len;
    if size == len {
        Ok(blocks)
    } else {
        Err(Misfit::Shape)
    }
}

/// `constexpr_blockwise_shift_scale`: `scale * (data - offset)`, scale and offset of the same rank
/// as the data, repeated over blocks.
///
/// # Errors
/// [`Misfit`] where the parameters do not go together.
pub fn blockwise(
    data: Array<'_>,
    shape: &[usize],
    scale: Floats<'_>,
    scale_shape: &[usize],
    offset: Option<Array<'_>>,
) -> Result<FloatVec, Misfit> {
    expect_count(scale_shape, scale.len())?;
    if offset.is_some_and(|offset| offset.len() != scale.len()) {
        return Err(Misfit::Shape);
    }
    let parameters = |block: usize| {
        (
            scale.at(block),
            offset.map_or(0.0, |offset| offset.number(block)),
        )
    };
    let kind = scale.kind();
    // Differences of integers are exact; singles as offsets make coremltools work in singles.
    let rounds = match offset.unwrap_or(data) {
        Array::Codes(_) | Array::Floats(Floats::F32(_)) => false,
        Array::Floats(Floats::F16(_)) => kind == FloatKind::F16,
    };
    if rounds {
        dequantize(data, shape, scale_shape, kind, parameters, round_to_half)
    } else {
        dequantize(data, shape, scale_shape, kind, parameters, |x| x)
    }
}

/// `scale * round(data - offset)` over the runs of blocks, in the type of the scale.
fn dequantize(
    data: Array<'_>,
    shape: &[usize],
    blocks: &[usize],
    kind: FloatKind,
    parameters: impl Fn(usize) -> (f32, f32),
    round: impl Fn(f32) -> f32,
) -> Result<FloatVec, Misfit> {
    expect_count(shape, data.len())?;
    let runs = runs(shape, blocks)?;
    Ok(match (kind, data) {
        (FloatKind::F16, Array::Codes(codes)) => FloatVec::F16(each(
            codes.values,
            runs,
            |byte, scale, offset| f32_to_f16(scale * round(codes.number(byte) - offset)),
            parameters,
        )),
        (FloatKind::F32, Array::Codes(codes)) => FloatVec::F32(each(
            codes.values,
            runs,
            |byte, scale, offset| scale * (codes.number(byte) - offset),
            parameters,
        )),
        (kind, Array::Floats(w)) => {
            let to_kind = match kind {
                FloatKind::F16 => round_to_half,
                FloatKind::F32 => |x| x,
            };
            let value = |x: f32, scale: f32, offset: f32| scale * round(to_kind(x) - offset);
            FloatVec::from_singles(
                kind,
                match w {
                    Floats::F16(w) => each(
                        w,
                        runs,
                        |bits, scale, offset| value(f16_to_f32(bits), scale, offset),
                        parameters,
                    ),
                    Floats::F32(w) => each(w, runs, value, parameters),
                },
            )
        }
    })
}

fn each<T: Copy, U: Copy + Default>(
    data: &[T],
    runs: impl Iterator<Item = Run>,
    value: impl Fn(T, f32, f32) -> U,
    parameters: impl Fn(usize) -> (f32, f32),
) -> Vec<U> {
    let mut out = vec![U::default(); data.len()];
    for run in runs {
        let (scale, offset) = parameters(run.block);
        for (out, &x) in out[run.start..run.end]
            .iter_mut()
            .zip(&data[run.start..run.end])
        {
            *out = value(x, scale, offset);
        }
    }
    out
}

/// `constexpr_cast`: halves widened to singles.
pub fn cast(source: &[u16]) -> Vec<f32> {
    source.iter().map(|&bits| f16_to_f32(bits)).collect()
}
