//! `mode: uniform`: evenly spaced values from the least to the largest weight.
//!
//! In the weight's own type with a rounding after each operation; the table in double, rounded
//! once. A constant tensor gets the index 0 and a table of its value.

use super::super::half_bits::{f16_to_f32, f64_to_f16, round_to_half};
use super::super::histogram::Histogram;
use super::super::{Cancelled, ErrorSums, FloatVec, Floats, Left};
use super::Palette;
use super::cluster::finish;

/// Evenly spaced values from the least to the largest weight.
///
/// # Errors
/// [`Left`] where the weights hold an infinity or a NaN, or their range overflows their type.
pub fn uniform(w: Floats<'_>, bits: u32, cancelled: Cancelled<'_>) -> Result<Palette, Left> {
    match w {
        Floats::F16(w) => halves(w, bits, cancelled),
        Floats::F32(w) => singles(w, bits, cancelled),
    }
}

/// The grid: least value, range, and the number of steps as the weight's type has it.
struct Grid {
    least: f32,
    range: f32,
    steps: f32,
}

impl Grid {
    fn new(least: f32, largest: f32, bits: u32, round: impl Fn(f32) -> f32) -> Result<Self, Left> {
        let range = round(largest - least);
        if !range.is_finite() {
            return Err(Left::DegenerateScale);
        }
        let steps = if bits >= 8 {
            255.0
        } else {
            f32::from((1u16 << bits) - 1)
        };
        Ok(Self {
            least,
            range,
            steps,
        })
    }

    /// The index of a weight; numpy casts the NaN of a constant tensor to 0.
    #[inline(always)]
    fn index(&self, w: f32, round: impl Fn(f32) -> f32) -> u8 {
        let place = round(round(round(w - self.least) / self.range) * self.steps);
        // A cast in Rust takes NaN to 0 too; the value lies within 0..=steps.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within a byte"
        )]
        let index = place.round_ties_even() as u8;
        index
    }

    /// The table in double.
    fn table(&self, entries: usize, round: impl Fn(f32) -> f32) -> Vec<f64> {
        let scale = f64::from(round(self.range / self.steps));
        (0u32..)
            .take(entries)
            .map(|i| f64::from(i) * scale + f64::from(self.least))
            .collect()
    }
}

fn halves(w: &[u16], bits: u32, cancelled: Cancelled<'_>) -> Result<Palette, Left> {
    let histogram = Histogram::of(w, cancelled)?;
    histogram.check_finite()?;
    let distinct = histogram.distinct();
    let (Some(first), Some(last)) = (distinct.first(), distinct.last()) else {
        return Err(Left::Shape);
    };
    let (least, largest) = (f16_to_f32(first.bits), f16_to_f32(last.bits));
    let grid = Grid::new(least, largest, bits, round_to_half)?;
    let lut = grid
        .table(1 << bits.min(8), round_to_half)
        .iter()
        .map(|&v| f64_to_f16(v))
        .collect();
    let index = |i: usize| grid.index(f16_to_f32(distinct[i].bits), round_to_half);
    finish(w, bits, lut, &distinct, index, cancelled)
}

fn singles(w: &[f32], bits: u32, cancelled: Cancelled<'_>) -> Result<Palette, Left> {
    let (mut least, mut largest) = (f32::INFINITY, f32::NEG_INFINITY);
    for &w in w {
        if !w.is_finite() {
            return Err(if w.is_nan() {
                Left::NotANumber
            } else {
                Left::Infinite
            });
        }
        least = least.min(w);
        largest = largest.max(w);
    }
    let grid = Grid::new(least, largest, bits, |x| x)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the table is rounded once to the weight's type"
    )]
    let lut: Vec<f32> = grid
        .table(1 << bits.min(8), |x| x)
        .iter()
        .map(|&v| v as f32)
        .collect();
    let mut indices = Vec::with_capacity(w.len());
    let mut error = ErrorSums::default();
    for piece in w.chunks(1 << 20) {
        if cancelled() {
            return Err(Left::Cancelled);
        }
        for &w in piece {
            let index = grid.index(w, |x| x);
            indices.push(index);
            error.add(f64::from(w), f64::from(lut[usize::from(index)]), 1.0);
        }
    }
    Ok(Palette {
        bits,
        lut: FloatVec::F32(lut),
        indices,
        error,
    })
}
