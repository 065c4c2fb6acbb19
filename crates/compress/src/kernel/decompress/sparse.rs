//! Masks: `constexpr_sparse_to_dense` and the two operations from sparse to sparse.
//!
//! Masks have one byte per element here. The sparse operations are computed through the dense
//! tensor, as coremltools does it, since blocks and tables are laid over that.

use super::super::{FloatVec, Floats};
use super::parameter::{Array, ArrayVec, Codes, Misfit, expect_count};
use super::{blockwise, lut};

/// `constexpr_sparse_to_dense`: zeros, and the values where `mask` (one byte per element) is set.
///
/// # Errors
/// [`Misfit`] where the mask does not count the values.
pub fn sparse(nonzero: Array<'_>, mask: &[u8]) -> Result<ArrayVec, Misfit> {
    Ok(match nonzero {
        Array::Codes(Codes {
            bits,
            signed,
            values,
        }) => ArrayVec::Codes {
            bits,
            signed,
            values: spread(values, mask)?,
        },
        Array::Floats(Floats::F16(w)) => ArrayVec::Floats(FloatVec::F16(spread(w, mask)?)),
        Array::Floats(Floats::F32(w)) => ArrayVec::Floats(FloatVec::F32(spread(w, mask)?)),
    })
}

/// `constexpr_lut_to_sparse`: the mask of the result (one byte per element) and its kept values.
///
/// # Errors
/// [`Misfit`] where the parameters do not go together.
pub fn lut_to_sparse(
    mask: &[u8],
    shape: &[usize],
    indices_nonzero: &[u8],
    lut_values: Array<'_>,
    lut_shape: &[usize],
    vector_axis: Option<usize>,
) -> Result<(Vec<u8>, ArrayVec), Misfit> {
    let indices = spread(indices_nonzero, mask)?;
    let dense = lut(&indices, shape, lut_values, lut_shape, vector_axis)?;
    let size = lut_shape.last().copied().unwrap_or(1);
    // The mask of a vector is that of each of its values.
    let mut marks: Vec<u8> = mask.iter().map(|&mark| u8::from(mark != 0)).collect();
    if size > 1 {
        let table: Vec<u8> = (0..2u8)
            .flat_map(|mark| std::iter::repeat_n(mark, size))
            .collect();
        let table = Array::Codes(Codes {
            bits: 8,
            signed: false,
            values: &table,
        });
        let mut table_shape = vec![1; shape.len()];
        table_shape.extend([2, size]);
        if let ArrayVec::Codes { values, .. } =
            lut(&marks, shape, table, &table_shape, vector_axis)?
        {
            marks = values;
        }
    }
    let kept = match dense {
        ArrayVec::Codes {
            bits,
            signed,
            values,
        } => ArrayVec::Codes {
            bits,
            signed,
            values: gathered(&values, &marks),
        },
        ArrayVec::Floats(w) => ArrayVec::Floats(kept(&w, &marks)),
    };
    Ok((marks, kept))
}

/// `constexpr_sparse_blockwise_shift_scale`: the kept values (its mask is the given one).
///
/// # Errors
/// [`Misfit`] where the parameters do not go together.
pub fn sparse_blockwise(
    mask: &[u8],
    shape: &[usize],
    nonzero: Array<'_>,
    scale: Floats<'_>,
    scale_shape: &[usize],
    offset: Option<Array<'_>>,
) -> Result<FloatVec, Misfit> {
    expect_count(shape, mask.len())?;
    let data = sparse(nonzero, mask)?;
    let dense = blockwise(data.as_array(), shape, scale, scale_shape, offset)?;
    Ok(kept(&dense, mask))
}

fn spread<T: Copy + Default>(nonzero: &[T], mask: &[u8]) -> Result<Vec<T>, Misfit> {
    let mut rest = nonzero.iter();
    let mut out = vec![T::default(); mask.len()];
    for (out, &mark) in out.iter_mut().zip(mask) {
        if mark != 0 {
            *out = *rest.next().ok_or(Misfit::Count)?;
        }
    }
    if rest.len() == 0 {
        Ok(out)
    } else {
        Err(Misfit::Count)
    }
}

fn kept(w: &FloatVec, mask: &[u8]) -> FloatVec {
    match w {
        FloatVec::F16(w) => FloatVec::F16(gathered(w, mask)),
        FloatVec::F32(w) => FloatVec::F32(gathered(w, mask)),
    }
}

fn gathered<T: Copy>(values: &[T], mask: &[u8]) -> Vec<T> {
    values
        .iter()
        .zip(mask)
        .filter(|&(_, &mark)| mark != 0)
        .map(|(&value, _)| value)
        .collect()
}
