//! `mode: kmeans` for singles, which coremltools gives to scikit-learn.
//!
//! Up to half a million weights are sorted and clustered by their distinct values. More are
//! gathered into bins of neighbouring singles first, so that memory does not grow with the tensor;
//! a bin counts as its mean, which is exact but for bins that lie across the border of two
//! clusters, and one pass over the weights with the nearest entries then moves the centroids where
//! they belong. Where bins turn out too wide for that, the weights are sorted after all.

use super::super::{Cancelled, ErrorSums, FloatVec, Left};
use super::Palette;
use super::settle::{Settled, Weighted, settle};

/// From here on weights are gathered into bins.
const SORTED_UP_TO: usize = 1 << 19;
/// Bins have at most 2^20 places.
const BIN_BITS: u32 = 20;
/// The part of the squared error that may lie inside bins.
const WITHIN: f64 = 1e-2;
const PIECE: usize = 1 << 18;

/// The optimal palette of singles.
pub(super) fn kmeans(w: &[f32], bits: u32, cancelled: Cancelled<'_>) -> Result<Palette, Left> {
    let entries = 1usize << bits.min(8);
    let (least, largest) = ends(w)?;
    let mut table = None;
    if w.len() > SORTED_UP_TO {
        table = binned(w, least, largest, entries, cancelled)?;
    }
    let table = match table {
        Some(table) => table,
        None => sorted(w, entries, cancelled)?,
    };
    finish(w, bits, entries, &table, cancelled)
}

/// Keys of the least and largest weight.
fn ends(w: &[f32]) -> Result<(i32, i32), Left> {
    let (mut least, mut largest) = (i32::MAX, i32::MIN);
    for &w in w {
        if !w.is_finite() {
            return Err(if w.is_nan() {
                Left::NotANumber
            } else {
                Left::Infinite
            });
        }
        least = least.min(key(w));
        largest = largest.max(key(w));
    }
    if least > largest {
        Err(Left::Shape)
    } else {
        Ok((least, largest))
    }
}

/// Integers ordered as the weights are; both zeros alike.
fn key(w: f32) -> i32 {
    let bits = (w + 0.0).to_bits().cast_signed();
    bits ^ ((bits >> 31) & 0x7fff_ffff)
}

fn of_key(key: i32) -> f32 {
    f32::from_bits((key ^ ((key >> 31) & 0x7fff_ffff)).cast_unsigned())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the point: the nearest single"
)]
fn round(x: f64) -> f64 {
    f64::from(x as f32)
}

/// The table from the sorted distinct weights.
fn sorted(w: &[f32], entries: usize, cancelled: Cancelled<'_>) -> Result<Vec<f64>, Left> {
    let mut keys: Vec<i32> = w.iter().map(|&w| key(w)).collect();
    if cancelled() {
        return Err(Left::Cancelled);
    }
    keys.sort_unstable();
    let (mut values, mut weights) = (Vec::new(), Vec::<f64>::new());
    for equal in keys.chunk_by(|a, b| a == b) {
        values.extend(equal.first().map(|&key| f64::from(of_key(key))));
        weights.push(as_float(equal.len()));
    }
    drop(keys);
    let data = Weighted {
        values: &values,
        weights: &weights,
    };
    Ok(settle(data, entries, round, cancelled)?.table)
}

#[expect(clippy::cast_precision_loss, reason = "no tensor has 2^53 elements")]
fn as_float(count: usize) -> f64 {
    count as f64
}

/// The table from bins; none where too much of the error lies inside them.
fn binned(
    w: &[f32],
    least: i32,
    largest: i32,
    entries: usize,
    cancelled: Cancelled<'_>,
) -> Result<Option<Vec<f64>>, Left> {
    let span = largest.abs_diff(least);
    let shift = (u32::BITS - span.leading_zeros()).saturating_sub(BIN_BITS);
    let mut counts = vec![0u32; (span >> shift) as usize + 1];
    let mut sums = vec![0f64; counts.len()];
    for piece in w.chunks(PIECE) {
        if cancelled() {
            return Err(Left::Cancelled);
        }
        for &w in piece {
            let bin = (key(w).abs_diff(least) >> shift) as usize;
            counts[bin] = counts[bin].saturating_add(1);
            sums[bin] += f64::from(w);
        }
    }
    let (mut values, mut weights, mut within) = (Vec::new(), Vec::new(), 0.0);
    for (bin, (&count, &sum)) in (0u32..).zip(counts.iter().zip(&sums)) {
        if count > 0 {
            let first = least.wrapping_add_unsigned(bin << shift);
            let end =
                least.saturating_add_unsigned((bin << shift).saturating_add((1 << shift) - 1));
            let width = f64::from(of_key(end.min(largest))) - f64::from(of_key(first));
            values.push(sum / f64::from(count));
            weights.push(f64::from(count));
            within += f64::from(count) * (width * width) / 12.0;
        }
    }
    drop((counts, sums));
    let data = Weighted {
        values: &values,
        weights: &weights,
    };
    let Settled { table, noise, .. } = settle(data, entries, round, cancelled)?;
    if within > WITHIN * noise {
        return Ok(None);
    }
    moved(w, &table, cancelled).map(Some)
}

/// Each entry at the mean of the weights nearest to it.
fn moved(w: &[f32], table: &[f64], cancelled: Cancelled<'_>) -> Result<Vec<f64>, Left> {
    let nearest = Nearest::new(table);
    let mut sums = [(0f64, 0f64); 256];
    for piece in w.chunks(PIECE) {
        if cancelled() {
            return Err(Left::Cancelled);
        }
        for &w in piece {
            let entry = usize::from(nearest.index(w));
            sums[entry].0 += 1.0;
            sums[entry].1 += f64::from(w) - table[entry];
        }
    }
    let moved = table.iter().zip(&sums).map(|(&entry, &(count, sum))| {
        if count > 0.0 {
            round(entry + sum / count)
        } else {
            entry
        }
    });
    Ok(moved.collect())
}

/// Finds the nearest of at most 256 ascending entries.
struct Nearest {
    /// Entry `i` ends at border `i`; infinite beyond the last.
    borders: [f64; 256],
}

impl Nearest {
    fn new(table: &[f64]) -> Self {
        let mut borders = [f64::INFINITY; 256];
        for (border, pair) in borders.iter_mut().zip(table.windows(2)) {
            *border = pair[0].midpoint(pair[1]);
        }
        Self { borders }
    }

    /// Eight steps without a branch: how many borders lie below.
    #[inline(always)]
    fn index(&self, w: f32) -> u8 {
        let w = f64::from(w);
        let mut at = 0u8;
        for step in [128u8, 64, 32, 16, 8, 4, 2, 1] {
            let below = w > self.borders[usize::from(at + step - 1)];
            at += if below { step } else { 0 };
        }
        at
    }
}

/// Indices of the nearest entries, and what that does to the numbers.
fn finish(
    w: &[f32],
    bits: u32,
    entries: usize,
    table: &[f64],
    cancelled: Cancelled<'_>,
) -> Result<Palette, Left> {
    let nearest = Nearest::new(table);
    let mut indices = vec![0u8; w.len()];
    let mut error = ErrorSums::default();
    for (w, out) in w.chunks(PIECE).zip(indices.chunks_mut(PIECE)) {
        if cancelled() {
            return Err(Left::Cancelled);
        }
        for (&w, out) in w.iter().zip(out) {
            *out = nearest.index(w);
            error.add(f64::from(w), table[usize::from(*out)], 1.0);
        }
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "entries are singles already"
    )]
    let mut lut: Vec<f32> = table.iter().map(|&entry| entry as f32).collect();
    lut.resize(entries, 0.0);
    Ok(Palette {
        bits,
        lut: FloatVec::F32(lut),
        indices,
        error,
    })
}
