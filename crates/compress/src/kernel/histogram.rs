//! Counts of the 65,536 possible halves.
//!
//! One pass over a tensor of halves answers every question about its values: which are distinct
//! and how often, order statistics, infinities and NaN. Counts are integers, so the pass may be
//! split over threads without changing a bit of what follows.

use super::half_bits::f16_to_f64;
use super::{Cancelled, Left};
use rayon::prelude::*;

/// Bits of positive infinity; greater magnitudes are NaN.
pub const INFINITE: u16 = 0x7c00;

/// Halves per piece of work.
const PIECE: usize = 1 << 20;
/// From here on the pieces are spread over threads.
const SPREAD: usize = 1 << 22;
const BINS: usize = 1 << 16;

/// How often each half occurs, by its bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    counts: Vec<u64>,
}

/// A value that occurs, and how often. Both zeros are one value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distinct {
    /// The value.
    pub value: f64,
    /// How often it occurs; exact.
    pub count: f64,
    /// Its bits; 0 for both zeros.
    pub bits: u16,
}

impl Histogram {
    /// Counts raw bits.
    ///
    /// # Errors
    /// [`Left::Cancelled`].
    pub fn of(w: &[u16], cancelled: Cancelled<'_>) -> Result<Self, Left> {
        if w.len() < SPREAD {
            let mut counts = vec![0u64; BINS];
            count_pieces(w, &mut counts, cancelled)?;
            return Ok(Self { counts });
        }
        let part = w
            .len()
            .div_ceil(rayon::current_num_threads())
            .next_multiple_of(PIECE);
        let counts = w
            .par_chunks(part)
            .map(|w| {
                let mut counts = vec![0u64; BINS];
                count_pieces(w, &mut counts, cancelled).map(|()| counts)
            })
            .try_reduce_with(|mut sum, counts| {
                sum.iter_mut()
                    .zip(counts)
                    .for_each(|(sum, count)| *sum += count);
                Ok(sum)
            });
        counts
            .unwrap_or_else(|| Ok(vec![0; BINS]))
            .map(|counts| Self { counts })
    }

    /// How often `bits` occurs.
    pub fn count(&self, bits: u16) -> u64 {
        self.counts[usize::from(bits)]
    }

    /// How often the magnitude `bits` (sign bit clear) occurs, with either sign.
    pub fn count_magnitude(&self, bits: u16) -> u64 {
        self.count(bits & 0x7fff) + self.count(bits | 0x8000)
    }

    /// Why a kernel that needs finite values must leave the tensor.
    ///
    /// # Errors
    /// [`Left::NotANumber`], else [`Left::Infinite`].
    pub fn check_finite(&self) -> Result<(), Left> {
        if self.has_nan() {
            return Err(Left::NotANumber);
        }
        if self.count_magnitude(INFINITE) > 0 {
            Err(Left::Infinite)
        } else {
            Ok(())
        }
    }

    /// Whether there is a NaN.
    pub fn has_nan(&self) -> bool {
        (INFINITE + 1..=0x7fff).any(|bits| self.count_magnitude(bits) > 0)
    }

    /// The values that occur, ascending; NaN are left out.
    pub fn distinct(&self) -> Vec<Distinct> {
        let negative = (0x8001..=0x8000 | INFINITE).rev();
        let positive = 1..=INFINITE;
        let values = negative.chain(std::iter::once(0)).chain(positive);
        values
            .filter_map(|bits: u16| {
                let count = if bits == 0 {
                    self.count_magnitude(0)
                } else {
                    self.count(bits)
                };
                #[expect(clippy::cast_precision_loss, reason = "no tensor has 2^53 elements")]
                let count_float = count as f64;
                (count > 0).then(|| Distinct {
                    value: f16_to_f64(bits),
                    count: count_float,
                    bits,
                })
            })
            .collect()
    }
}

fn count_pieces(w: &[u16], counts: &mut [u64], cancelled: Cancelled<'_>) -> Result<(), Left> {
    // Two tables, so that equal neighbours do not wait for each other's store.
    let mut even = vec![0u32; BINS];
    let mut odd = vec![0u32; BINS];
    for pieces in w.chunks(PIECE << 10) {
        for piece in pieces.chunks(PIECE) {
            if cancelled() {
                return Err(Left::Cancelled);
            }
            let (pairs, rest) = piece.as_chunks::<2>();
            // Arrays, so that the compiler knows every half to be inside.
            let even = even.first_chunk_mut::<BINS>().ok_or(Left::Shape)?;
            let odd = odd.first_chunk_mut::<BINS>().ok_or(Left::Shape)?;
            for &[a, b] in pairs {
                even[usize::from(a)] += 1;
                odd[usize::from(b)] += 1;
            }
            for &a in rest {
                even[usize::from(a)] += 1;
            }
        }
        for (sum, (even, odd)) in counts.iter_mut().zip(even.iter_mut().zip(&mut odd)) {
            *sum += u64::from(*even) + u64::from(*odd);
            (*even, *odd) = (0, 0);
        }
    }
    Ok(())
}
