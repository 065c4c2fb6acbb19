//! Tables: both forms of `constexpr_lut_to_dense`.

use super::super::{FloatVec, Floats};
use super::parameter::{Array, ArrayVec, Misfit, count, expect_count};
use super::runs::runs;

/// `constexpr_lut_to_dense` before iOS 18: one table.
///
/// # Errors
/// [`Misfit`] where an index lies outside the table.
pub fn lut_flat(indices: &[u8], lut: Array<'_>) -> Result<ArrayVec, Misfit> {
    self::lut(indices, &[indices.len()], lut, &[1, lut.len(), 1], None)
}

/// `constexpr_lut_to_dense` of iOS 18: a table of vectors per block of indices.
/// `lut_shape` is the blocks per axis, then entries, then vector size.
///
/// # Errors
/// [`Misfit`] where the parameters do not go together.
pub fn lut(
    indices: &[u8],
    shape: &[usize],
    lut: Array<'_>,
    lut_shape: &[usize],
    vector_axis: Option<usize>,
) -> Result<ArrayVec, Misfit> {
    expect_count(shape, indices.len())?;
    expect_count(lut_shape, lut.len())?;
    let Some((blocks, &[entries, size])) = lut_shape.split_last_chunk::<2>() else {
        return Err(Misfit::Shape);
    };
    let inner = match vector_axis {
        Some(axis) => count(
            shape
                .get(axis..)
                .and_then(|rest| rest.get(1..))
                .ok_or(Misfit::Index)?,
        )?,
        None if size == 1 => 1,
        None => return Err(Misfit::Shape),
    };
    let tables = Tables {
        shape,
        blocks,
        entries,
        size,
        inner,
    };
    Ok(match lut {
        Array::Codes(codes) => {
            let values: Vec<u8> = codes
                .values
                .iter()
                .map(|&byte| codes.extend(byte))
                .collect();
            let values = tables.gather(indices, &values)?;
            ArrayVec::Codes {
                bits: codes.bits,
                signed: codes.signed,
                values,
            }
        }
        Array::Floats(Floats::F16(w)) => {
            ArrayVec::Floats(FloatVec::F16(tables.gather(indices, w)?))
        }
        Array::Floats(Floats::F32(w)) => {
            ArrayVec::Floats(FloatVec::F32(tables.gather(indices, w)?))
        }
    })
}

struct Tables<'a> {
    shape: &'a [usize],
    blocks: &'a [usize],
    /// Entries of a table.
    entries: usize,
    /// Values of an entry.
    size: usize,
    /// Elements between two neighbours along the vector axis.
    inner: usize,
}

impl Tables<'_> {
    fn gather<T: Copy + Default>(&self, indices: &[u8], lut: &[T]) -> Result<Vec<T>, Misfit> {
        let table_len = self.entries.saturating_mul(self.size);
        let len = indices.len().checked_mul(self.size).ok_or(Misfit::Count)?;
        let mut out = vec![T::default(); len];
        for run in runs(self.shape, self.blocks)? {
            let table = lut.get(run.block * table_len..).unwrap_or_default();
            let table = table.get(..table_len).ok_or(Misfit::Shape)?;
            if self.size == 1 {
                let pairs = out[run.start..run.end]
                    .iter_mut()
                    .zip(&indices[run.start..run.end]);
                for (out, &index) in pairs {
                    *out = *table.get(usize::from(index)).ok_or(Misfit::Index)?;
                }
                continue;
            }
            for (element, &index) in (run.start..).zip(&indices[run.start..run.end]) {
                let first = usize::from(index) * self.size;
                let vector = table.get(first..first + self.size).ok_or(Misfit::Index)?;
                let (before, within) = (element / self.inner, element % self.inner);
                for (i, &value) in vector.iter().enumerate() {
                    out[(before * self.size + i) * self.inner + within] = value;
                }
            }
        }
        Ok(out)
    }
}
