//! Sums over the values of a weight, in one pass and in order.

use api::weights::Statistics;

/// Count, range, mean and deviation; the mean and the sum of squares are Welford's running ones, so that a large mean
/// does not swallow a small deviation.
#[expect(clippy::cast_precision_loss, reason = "counts of values, for people")]
pub(super) fn statistics(values: &[f32]) -> Statistics {
    let mut s = Statistics {
        count: values.len() as u64,
        ..Statistics::default()
    };
    let (mut n, mut mean, mut squares) = (0u64, 0.0, 0.0);
    let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
    for &value in values {
        if value.is_nan() {
            s.nan += 1;
            continue;
        }
        if value.is_infinite() {
            s.infinite += 1;
            continue;
        }
        s.zeros += u64::from(value == 0.0);
        let value = f64::from(value);
        (min, max) = (min.min(value), max.max(value));
        n += 1;
        let step = value - mean;
        mean += step / n as f64;
        squares += step * (value - mean);
    }
    if n > 0 {
        s.min = Some(min);
        s.max = Some(max);
        s.mean = Some(mean);
        s.sd = Some((squares / n as f64).sqrt());
    }
    s
}
