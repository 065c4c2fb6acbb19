//! Mask bits and the weights that stay, in one pass without branches.

use super::super::half_bits::f16_to_f64;
use super::super::histogram::{Histogram, INFINITE};
use super::super::{Cancelled, ErrorSums, FloatVec, Left};
use super::Pruned;
use super::cut::Cut;

/// Weights handled between two questions whether to stop; a multiple of 8.
const PIECE: usize = 1 << 18;

/// Prunes halves; the sums come from the histogram.
pub(super) fn halves(
    w: &[u16],
    cut: Cut<u16>,
    histogram: &Histogram,
    cancelled: Cancelled<'_>,
) -> Result<Pruned, Left> {
    let mut error = ErrorSums::default();
    let mut kept = 0;
    for bits in 0..=INFINITE {
        let count = histogram.count_magnitude(bits);
        if count == 0 {
            continue;
        }
        let value = f16_to_f64(bits);
        let stays = stays(cut, bits, INFINITE);
        kept += if stays { count } else { 0 };
        #[expect(clippy::cast_precision_loss, reason = "no tensor has 2^53 elements")]
        error.add(value, if stays { value } else { 0.0 }, count as f64);
    }
    kept += (INFINITE + 1..=0x7fff)
        .map(|bits| histogram.count_magnitude(bits))
        .sum::<u64>();
    let (mask, mut nonzero) = compact(w, kept, cancelled, |bits| {
        stays(cut, bits & 0x7fff, INFINITE)
    })?;
    if cut == Cut::All {
        nonzero.fill(0x7e00);
    }
    Ok(Pruned {
        mask,
        nonzero: FloatVec::F16(nonzero),
        kept,
        error,
    })
}

/// Prunes singles.
pub(super) fn singles(w: &[f32], cut: Cut<u32>, cancelled: Cancelled<'_>) -> Result<Pruned, Left> {
    let mut error = ErrorSums::default();
    let mut kept = 0;
    let keeps = |w: f32| stays(cut, w.to_bits() & 0x7fff_ffff, 0x7f80_0000);
    for piece in w.chunks(PIECE) {
        if cancelled() {
            return Err(Left::Cancelled);
        }
        for &w in piece {
            let keep = keeps(w);
            kept += u64::from(keep);
            error.add(f64::from(w), if keep { f64::from(w) } else { 0.0 }, 1.0);
        }
    }
    let (mask, mut nonzero) = compact(w, kept, cancelled, keeps)?;
    if cut == Cut::All {
        nonzero.fill(f32::NAN);
    }
    Ok(Pruned {
        mask,
        nonzero: FloatVec::F32(nonzero),
        kept,
        error,
    })
}

fn stays<B: Ord + Copy>(cut: Cut<B>, magnitude: B, infinite: B) -> bool {
    match cut {
        Cut::UpTo(bits) => magnitude > bits,
        Cut::All => magnitude >= infinite,
    }
}

/// The mask, and the weights it keeps; `kept` is how many those are.
fn compact<T: Copy + Default>(
    w: &[T],
    kept: u64,
    cancelled: Cancelled<'_>,
    keeps: impl Fn(T) -> bool,
) -> Result<(Vec<u8>, Vec<T>), Left> {
    let kept = usize::try_from(kept).unwrap_or(usize::MAX).min(w.len());
    let mut mask = Vec::with_capacity(w.len().div_ceil(8));
    // Eight more places: every weight is stored, and the next one overwrites it if it goes.
    let mut nonzero = vec![T::default(); kept + 8];
    let mut end = 0;
    for piece in w.chunks(PIECE) {
        if cancelled() {
            return Err(Left::Cancelled);
        }
        let (eights, rest) = piece.as_chunks::<8>();
        for eight in eights {
            let out = &mut nonzero[end..end + 8];
            let (mut byte, mut stored) = (0u8, 0);
            for (i, &w) in eight.iter().enumerate() {
                out[stored] = w;
                let keep = u8::from(keeps(w));
                stored += usize::from(keep);
                byte |= keep << i;
            }
            end += stored;
            mask.push(byte);
        }
        let mut byte = 0u8;
        for (i, &w) in rest.iter().enumerate() {
            nonzero[end] = w;
            let keep = u8::from(keeps(w));
            end += usize::from(keep);
            byte |= keep << i;
        }
        if !rest.is_empty() {
            mask.push(byte);
        }
    }
    nonzero.truncate(kept);
    Ok((mask, nonzero))
}
