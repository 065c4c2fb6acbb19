//! An axis for the values of a weight, and the values counted on it.
//!
//! Weights have long tails: one value at 5 would press a million around 0 into a single bin. So the axis holds all but
//! the outermost thousandth on each side, with a margin; what lies beyond is counted, not dropped. Where the whole
//! range is not much wider, the axis holds all of it. No sorting and no copy: quantiles come from counting twice.

use api::weights::{Histogram, Statistics};

/// Bins that are answered.
pub(super) const BINS: usize = 96;
/// Bins in which quantiles are looked for.
const FINE: usize = 8192;
/// Share of the values beyond each end of the axis, before the margin.
const TAIL: f64 = 0.001;
/// Where the whole range is at most so many times the range of the quantiles, it is shown whole.
const WHOLE: f64 = 2.0;
/// Margin at each end, as a share of the range of the quantiles.
const MARGIN: f64 = 0.15;

/// The axis for these values; of no finite value (0, 1).
pub(super) fn axis(values: &[f32], statistics: &Statistics) -> (f64, f64) {
    let (Some(min), Some(max)) = (statistics.min, statistics.max) else {
        return (0.0, 1.0);
    };
    if min >= max {
        let half = if min == 0.0 { 0.5 } else { min.abs() / 2.0 };
        return (min - half, max + half);
    }
    let (mut low, mut high) = (min, max);
    // A far outlier makes the first bins too coarse; the second round looks inside what the first found.
    for _ in 0..2 {
        let (from, to) = quantiles(values, low, high);
        (low, high) = (from.max(low), to.min(high));
    }
    let inner = high - low;
    if inner <= 0.0 || (max - min) <= WHOLE * inner {
        return (min, max);
    }
    (
        (low - MARGIN * inner).max(min),
        (high + MARGIN * inner).min(max),
    )
}

/// Edges of the bins in which the outermost thousandths end.
#[expect(clippy::cast_precision_loss, reason = "counts of values, for people")]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the floor of a number that is not negative and small"
)]
fn quantiles(values: &[f32], from: f64, to: f64) -> (f64, f64) {
    let counted = histogram(values, from, to, FINE);
    let all: u64 = counted.counts.iter().sum::<u64>() + counted.below + counted.above;
    let tail = (all as f64 * TAIL).floor() as u64;
    let edge = |bin: usize| from + (to - from) * bin as f64 / FINE as f64;
    let mut seen = counted.below;
    let low = counted.counts.iter().position(|n| {
        seen += n;
        seen > tail
    });
    let mut seen = counted.above;
    let high = counted.counts.iter().rposition(|n| {
        seen += n;
        seen > tail
    });
    (low.map_or(from, edge), high.map_or(to, |bin| edge(bin + 1)))
}

/// The finite values over `bins` equal bins.
#[expect(clippy::cast_precision_loss, reason = "a number of bins")]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place between 0 and the number of bins"
)]
pub(super) fn histogram(values: &[f32], from: f64, to: f64, bins: usize) -> Histogram {
    let mut h = Histogram {
        from,
        to,
        counts: vec![0; bins],
        below: 0,
        above: 0,
    };
    let scale = bins as f64 / (to - from);
    for &value in values {
        if !value.is_finite() {
            continue;
        }
        let value = f64::from(value);
        if value < from {
            h.below += 1;
        } else if value > to {
            h.above += 1;
        } else {
            let bin = ((value - from) * scale) as usize;
            h.counts[bin.min(bins - 1)] += 1;
        }
    }
    h
}
