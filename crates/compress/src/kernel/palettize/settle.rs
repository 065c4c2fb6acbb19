//! From an optimal clustering to the best table of the weight's type that follows from it.
//!
//! Only for weights where coremltools has no reproducible answer. The table's entries must be
//! numbers of the weight's type, so that the optimum of real numbers is only a start: centroids
//! are rounded, each value goes to the nearest entry, and that is repeated while the squared
//! error falls. What is stored is never worse than the rounded optimum.

use super::super::kmeans::{self, Problem};
use super::super::{Cancelled, Left};

/// Rounds of improvement; most tensors need two.
const ROUNDS: u32 = 12;
/// Up to so many values per entry the rounding of entries decides which values share one.
const FEW: usize = 4;

/// Ascending distinct values with their weights.
#[derive(Clone, Copy)]
pub(super) struct Weighted<'a> {
    pub(super) values: &'a [f64],
    pub(super) weights: &'a [f64],
}

/// A table, ascending, and the index of each value.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    pub(super) table: Vec<f64>,
    pub(super) labels: Vec<u8>,
    pub(super) noise: f64,
}

/// The table of at most `k` entries.
pub(super) fn settle(
    data: Weighted<'_>,
    k: usize,
    round: impl Fn(f64) -> f64,
    cancelled: Cancelled<'_>,
) -> Result<Settled, Left> {
    let len = data.values.len();
    let middle = data.median();
    let problem = Problem::new(
        data.values
            .iter()
            .zip(data.weights)
            .map(|(&x, &w)| (x - middle, w)),
    );
    let starts = kmeans::optimum(&problem, k, cancelled)?;
    let ideal: f64 = ranges(&starts, len)
        .map(|(start, end)| data.noise(start, end))
        .sum();
    let settled = improve(data, &starts, &round);
    // Where rounding adds noise, look for a clustering that knows of it.
    if len > k && len <= FEW * k && settled.noise > ideal * 1.001 {
        let other = improve(data, &rounded_optimum(data, k, &round, cancelled)?, &round);
        if other.noise < settled.noise {
            return Ok(other);
        }
    }
    Ok(settled)
}

impl Weighted<'_> {
    /// A value in the thick of the data: prefix sums around it lose least.
    fn median(self) -> f64 {
        let half = self.weights.iter().sum::<f64>() / 2.0;
        let mut below = 0.0;
        let at = self.weights.iter().position(|w| {
            below += w;
            below >= half
        });
        at.map_or(0.0, |at| self.values[at])
    }

    fn mean(self, start: usize, end: usize) -> f64 {
        let Some(&base) = self.values.get(start) else {
            return 0.0;
        };
        let (mut sum, mut weight) = (0.0, 0.0);
        for (x, w) in self.values[start..end]
            .iter()
            .zip(&self.weights[start..end])
        {
            sum += w * (x - base);
            weight += w;
        }
        base + sum / weight
    }

    /// The squared error of a cluster around its mean.
    fn noise(self, start: usize, end: usize) -> f64 {
        self.noise_around(start, end, self.mean(start, end))
    }

    fn noise_around(self, start: usize, end: usize, center: f64) -> f64 {
        let pairs = self.values[start..end]
            .iter()
            .zip(&self.weights[start..end]);
        pairs.map(|(x, w)| w * ((x - center) * (x - center))).sum()
    }
}

fn ranges(starts: &[usize], len: usize) -> impl Iterator<Item = (usize, usize)> {
    let ends = starts.iter().skip(1).copied().chain([len]);
    starts
        .iter()
        .copied()
        .zip(ends)
        .filter(|(start, end)| start < end)
}

/// Rounded centroids and nearest entries in turn, while the error falls.
fn improve(data: Weighted<'_>, starts: &[usize], round: &impl Fn(f64) -> f64) -> Settled {
    let len = data.values.len();
    let mut starts = starts.to_vec();
    let mut best: Option<(Vec<f64>, Vec<usize>, f64)> = None;
    for _ in 0..ROUNDS {
        let mut table: Vec<f64> = ranges(&starts, len)
            .map(|(start, end)| round(data.mean(start, end)))
            .collect();
        table.dedup();
        starts = nearest(data, &table);
        let ends = starts.iter().skip(1).copied().chain([len]);
        let noise = (starts.iter().copied().zip(ends).zip(&table))
            .map(|((start, end), &entry)| data.noise_around(start, end, entry))
            .sum();
        if best.as_ref().is_some_and(|(_, _, least)| noise >= *least) {
            break;
        }
        best = Some((table, starts.clone(), noise));
    }
    let (table, starts, noise) = best.unwrap_or_default();
    let mut labels = vec![0u8; len];
    for (entry, &start) in starts.iter().enumerate() {
        let end = starts.get(entry + 1).copied().unwrap_or(len);
        labels[start..end].fill(u8::try_from(entry).unwrap_or(u8::MAX));
    }
    Settled {
        table,
        labels,
        noise,
    }
}

/// Where the values nearest to each entry start; an entry may get none.
fn nearest(data: Weighted<'_>, table: &[f64]) -> Vec<usize> {
    let mut starts = vec![0; table.len()];
    for (at, pair) in table.windows(2).enumerate() {
        let border = pair[0].midpoint(pair[1]);
        starts[at + 1] = data.values.partition_point(|&x| x <= border);
    }
    starts
}

/// The optimum when entries are rounded, by a dynamic program that divides the rows of each layer.
fn rounded_optimum(
    data: Weighted<'_>,
    k: usize,
    round: &impl Fn(f64) -> f64,
    cancelled: Cancelled<'_>,
) -> Result<Vec<usize>, Left> {
    let len = data.values.len();
    let base = data.mean(0, len);
    let sums: Vec<[f64; 3]> = std::iter::once([0.0; 3])
        .chain(
            data.values
                .iter()
                .zip(data.weights)
                .scan([0.0; 3], |sum, (x, w)| {
                    let x = x - base;
                    *sum = [sum[0] + w, sum[1] + w * x, sum[2] + w * x * x];
                    Some(*sum)
                }),
        )
        .collect();
    let cost = |start: usize, end: usize| {
        let [w, s, q]: [f64; 3] = std::array::from_fn(|i| sums[end][i] - sums[start][i]);
        let mean = s / w;
        let off = round(mean + base) - base - mean;
        (q - s * mean).max(0.0) + w * (off * off)
    };
    let mut before: Vec<f64> = (0..=len)
        .map(|end| if end == 0 { 0.0 } else { cost(0, end) })
        .collect();
    let mut table: Vec<Vec<usize>> = Vec::with_capacity(k);
    for _ in 1..k {
        if cancelled() {
            return Err(Left::Cancelled);
        }
        let mut layer = vec![f64::INFINITY; len + 1];
        let mut argmin = vec![0; len + 1];
        let mut open = vec![(1, len, 0, len)];
        while let Some((low, high, first, last)) = open.pop() {
            if low > high {
                continue;
            }
            let row = low.midpoint(high);
            let until = row.min(last + 1);
            for (start, before) in (first..until).zip(&before[first..until]) {
                let total = before + cost(start, row);
                if total < layer[row] {
                    (layer[row], argmin[row]) = (total, start);
                }
            }
            open.push((low, row - 1, first, argmin[row]));
            open.push((row + 1, high, argmin[row], last));
        }
        before = layer;
        table.push(argmin);
    }
    let mut starts = Vec::with_capacity(k);
    let mut end = len;
    for argmin in table.iter().rev() {
        end = argmin[end];
        starts.push(end);
    }
    starts.push(0);
    starts.reverse();
    Ok(starts)
}
