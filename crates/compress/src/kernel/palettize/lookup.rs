//! From a table over all halves to one index per weight.

use super::super::histogram::Distinct;
use super::super::{Cancelled, ErrorSums, Left};
use rayon::prelude::*;

const PIECE: usize = 1 << 19;
/// From here on the pieces are spread over threads.
const SPREAD: usize = 1 << 22;

/// An index for each of the 65,536 halves.
pub(super) struct Lookup(Vec<u8>);

impl Lookup {
    /// `index` gives each occurring value its index, both zeros alike.
    pub(super) fn new(distinct: &[Distinct], index: impl Fn(usize) -> u8) -> Self {
        let mut table = vec![0u8; 1 << 16];
        for (i, value) in distinct.iter().enumerate() {
            table[usize::from(value.bits)] = index(i);
            if value.bits == 0 {
                table[0x8000] = index(i);
            }
        }
        Self(table)
    }

    /// The index of each weight.
    pub(super) fn indices(&self, w: &[u16], cancelled: Cancelled<'_>) -> Result<Vec<u8>, Left> {
        let mut indices = vec![0u8; w.len()];
        let look_up = |(w, out): (&[u16], &mut [u8])| {
            if cancelled() {
                return Err(Left::Cancelled);
            }
            // An array, so that the compiler knows every half to be inside.
            let table = self.0.first_chunk::<{ 1 << 16 }>().ok_or(Left::Shape)?;
            for (out, &bits) in out.iter_mut().zip(w) {
                *out = table[usize::from(bits)];
            }
            Ok(())
        };
        if w.len() < SPREAD {
            w.chunks(PIECE)
                .zip(indices.chunks_mut(PIECE))
                .try_for_each(look_up)?;
        } else {
            w.par_chunks(PIECE)
                .zip(indices.par_chunks_mut(PIECE))
                .try_for_each(look_up)?;
        }
        Ok(indices)
    }

    /// What the table does to the numbers.
    pub(super) fn error(&self, distinct: &[Distinct], lut: &[f64]) -> ErrorSums {
        let mut error = ErrorSums::default();
        for value in distinct {
            let after = lut[usize::from(self.0[usize::from(value.bits)])];
            error.add(value.value, after, value.count);
        }
        error
    }
}
