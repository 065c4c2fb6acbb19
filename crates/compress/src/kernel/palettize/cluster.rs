//! `mode: kmeans`: the optimal palette.
//!
//! For halves in groups of at least 10,000 coremltools solves the one-dimensional problem
//! exactly over the distinct values; that answer is reproduced bit for bit, and its indices are
//! those of the clustering, not of the nearest table entry after rounding. For anything else
//! coremltools asks scikit-learn, whose answer depends on the machine: there the optimum is taken,
//! which is never worse.

use super::super::half_bits::{f16_to_f64, f64_to_f16};
use super::super::histogram::{Distinct, Histogram};
use super::super::kmeans::{self, Problem};
use super::super::{Cancelled, FloatVec, Floats, Left};
use super::lookup::Lookup;
use super::settle::{Weighted, settle};
use super::{Palette, singles};

/// The group size from which coremltools clusters halves exactly.
const EXACT_FROM: usize = 10_000;

/// The optimal palette of `bits` bits.
///
/// # Errors
/// [`Left`] where the weights hold an infinity or a NaN.
pub fn kmeans(w: Floats<'_>, bits: u32, cancelled: Cancelled<'_>) -> Result<Palette, Left> {
    let entries = 1usize << bits.min(8);
    match w {
        Floats::F16(w) => halves(w, bits, entries, cancelled),
        Floats::F32(w) => singles::kmeans(w, bits, cancelled),
    }
}

fn halves(w: &[u16], bits: u32, entries: usize, cancelled: Cancelled<'_>) -> Result<Palette, Left> {
    let histogram = Histogram::of(w, cancelled)?;
    histogram.check_finite()?;
    let distinct = histogram.distinct();
    if w.len() < EXACT_FROM {
        return few(w, bits, entries, &distinct, cancelled);
    }
    let k = entries.min(distinct.len());
    let problem = Problem::new(distinct.iter().map(|d| (d.value, d.count)));
    let clusters = kmeans::solve(&problem, k, cancelled)?;
    let mut lut = vec![0u16; entries];
    for (entry, &centroid) in lut.iter_mut().zip(&clusters.centroids) {
        *entry = f64_to_f16(centroid);
    }
    finish(w, bits, lut, &distinct, |i| clusters.labels[i], cancelled)
}

/// A group that coremltools gives to scikit-learn.
fn few(
    w: &[u16],
    bits: u32,
    entries: usize,
    distinct: &[Distinct],
    cancelled: Cancelled<'_>,
) -> Result<Palette, Left> {
    let values: Vec<f64> = distinct.iter().map(|d| d.value).collect();
    let weights: Vec<f64> = distinct.iter().map(|d| d.count).collect();
    let data = Weighted {
        values: &values,
        weights: &weights,
    };
    let settled = settle(data, entries, |x| f16_to_f64(f64_to_f16(x)), cancelled)?;
    let mut lut: Vec<u16> = settled
        .table
        .iter()
        .map(|&entry| f64_to_f16(entry))
        .collect();
    lut.resize(entries, 0);
    finish(w, bits, lut, distinct, |i| settled.labels[i], cancelled)
}

/// Indices and sums for a table and the index of each distinct value.
pub(super) fn finish(
    w: &[u16],
    bits: u32,
    lut: Vec<u16>,
    distinct: &[Distinct],
    index: impl Fn(usize) -> u8,
    cancelled: Cancelled<'_>,
) -> Result<Palette, Left> {
    let lookup = Lookup::new(distinct, index);
    let values: Vec<f64> = lut.iter().map(|&bits| f16_to_f64(bits)).collect();
    let error = lookup.error(distinct, &values);
    let indices = lookup.indices(w, cancelled)?;
    Ok(Palette {
        bits,
        lut: FloatVec::F16(lut),
        indices,
        error,
    })
}
