//! Clustering with a price per cluster instead of a number of clusters.
//!
//! For a price λ the best clustering of every prefix follows in one pass, since the cost of a
//! cluster is Monge: a later start, once better, stays better. Raising λ lowers the number of
//! clusters, so that a search over λ finds the optimum for (almost) every number of clusters
//! without a table per layer.

use super::super::{Cancelled, Left};
use super::problem::Problem;
use std::collections::VecDeque;

/// The best clusterings of all prefixes for one price.
#[derive(Clone, Debug)]
pub(super) struct Priced {
    /// Cost with prices of the first `p` values.
    pub(super) total: Vec<f64>,
    /// Clusters of the first `p` values.
    pub(super) count: Vec<u32>,
    /// Where the last cluster of the first `p` values starts.
    from: Vec<u32>,
}

impl Priced {
    /// Prefixes.
    pub(super) fn forward(problem: &Problem, price: f64) -> Self {
        Self::new(problem.len(), price, |from, to| {
            problem.cost_between(from, to)
        })
    }

    /// Suffixes: entry `p` is about the last `p` values.
    pub(super) fn backward(problem: &Problem, price: f64) -> Self {
        let len = problem.len();
        Self::new(len, price, |from, to| {
            problem.cost_between(len - to, len - from)
        })
    }

    /// Number of clusters of all values.
    pub(super) fn clusters(&self) -> usize {
        self.count.last().map_or(0, |&count| count as usize)
    }

    /// Where each cluster starts.
    pub(super) fn starts(&self) -> Vec<usize> {
        let mut starts = Vec::with_capacity(self.clusters());
        let mut end = self.from.len().saturating_sub(1);
        while end > 0 {
            end = self.from[end] as usize;
            starts.push(end);
        }
        starts.reverse();
        starts
    }

    #[inline(always)]
    fn new(len: usize, price: f64, cost: impl Fn(usize, usize) -> f64) -> Self {
        let mut this = Self {
            total: vec![0.0; len + 1],
            count: vec![0; len + 1],
            from: vec![0; len + 1],
        };
        // Starts that are best for some end, each with the first such end.
        let mut starts: VecDeque<(usize, usize)> = VecDeque::from([(0, 1)]);
        let mut gap = 1;
        for end in 1..=len {
            while starts.get(1).is_some_and(|&(_, first)| first <= end) {
                starts.pop_front();
            }
            let best = starts.front().map_or(0, |&(start, _)| start);
            this.total[end] = this.total[best] + cost(best, end) + price;
            this.count[end] = this.count[best] + 1;
            this.from[end] = u32::try_from(best).unwrap_or(u32::MAX);
            if end == len {
                break;
            }
            let total = &this.total;
            let better = |rival: usize, at: usize| {
                total[end] + cost(end, at) < total[rival] + cost(rival, at)
            };
            // Rivals that never get their turn.
            while let Some(&(rival, first)) = starts.back() {
                if first <= end || !better(rival, first) {
                    break;
                }
                starts.pop_back();
            }
            let Some(&(rival, first)) = starts.back() else {
                starts.push_back((end, end + 1));
                continue;
            };
            let known = first.max(end);
            if let Some(at) = first_better(known, len, end + gap, |at| better(rival, at)) {
                gap = at - end;
                starts.push_back((end, at));
            }
        }
        this
    }
}

/// The first place in `known+1..=last` where `better` holds, given that it does not at `known`
/// and that it keeps holding; `guess` is where to look first.
#[inline(always)]
fn first_better(
    known: usize,
    last: usize,
    guess: usize,
    better: impl Fn(usize) -> bool,
) -> Option<usize> {
    if known >= last {
        return None;
    }
    let (mut low, mut high) = (known, guess.clamp(known + 1, last));
    let mut step = 1;
    if better(high) {
        while high - low > 1 {
            let at = high.saturating_sub(step).max(low + 1);
            if !better(at) {
                low = at;
                break;
            }
            high = at;
            step *= 2;
        }
    } else {
        loop {
            low = high;
            if low == last {
                return None;
            }
            high = (low + step).min(last);
            if better(high) {
                break;
            }
            step *= 2;
        }
    }
    while high - low > 1 {
        let middle = low.midpoint(high);
        if better(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

/// A price with its clustering.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) price: f64,
    pub(super) priced: Priced,
}

/// What the search ended with: exactly `k` clusters, or the nearest on both sides.
#[derive(Clone, Debug, Default)]
pub(super) struct Search {
    pub(super) exact: Option<Found>,
    pub(super) fewer: Option<Priced>,
    pub(super) more: Option<Priced>,
}

/// Searches the price at which the best clustering has `k` clusters; 1 < k < number of values.
pub(super) fn search(
    problem: &Problem,
    k: usize,
    tries: u32,
    cancelled: Cancelled<'_>,
) -> Result<Search, Left> {
    let mut price = first_price(problem, k);
    let (mut fewer, mut more): (Option<Found>, Option<Found>) = (None, None);
    // How far to go at least while all tries lie on one side.
    let mut stride = 1.5;
    for attempt in 0..tries {
        if cancelled() {
            return Err(Left::Cancelled);
        }
        if !(price.is_finite() && price > 0.0) {
            break;
        }
        let found = Found {
            price,
            priced: Priced::forward(problem, price),
        };
        let clusters = found.priced.clusters();
        if clusters == k {
            return Ok(Search {
                exact: Some(found),
                ..Search::default()
            });
        }
        // The price falls with the cube of the number of clusters (Panter and Dite).
        let guess = price * cube(as_float(clusters) / as_float(k));
        *(if clusters < k { &mut fewer } else { &mut more }) = Some(found);
        price = match (&more, &fewer) {
            (Some(low), Some(high)) => {
                let middle = (low.price * high.price).sqrt();
                if !(middle > low.price && middle < high.price) {
                    break;
                }
                let inside = guess > low.price && guess < high.price;
                if attempt < 6 && inside { guess } else { middle }
            }
            (Some(low), None) => guess.max(low.price * stride),
            (None, _) => guess.min(price / stride),
        };
        if attempt >= 4 {
            stride *= stride;
        }
    }
    let priced = |found: Option<Found>| found.map(|found| found.priced);
    Ok(Search {
        exact: None,
        fewer: priced(fewer),
        more: priced(more),
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of clusters and bins are small"
)]
fn as_float(count: usize) -> f64 {
    count as f64
}

/// The price of an optimum with many clusters: (∫ρ^⅓)³ / 6k³, from a coarse histogram.
fn first_price(problem: &Problem, k: usize) -> f64 {
    const BINS: usize = 1024;
    let (Some(&first), Some(&last)) = (problem.values().first(), problem.values().last()) else {
        return 0.0;
    };
    let width = (last - first) / as_float(BINS);
    let mut weights = vec![0.0; BINS];
    for (position, &x) in problem.values().iter().enumerate() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0..=BINS"
        )]
        let bin = ((x - first) / width) as usize;
        weights[bin.min(BINS - 1)] += problem.weight(position);
    }
    let integral: f64 = weights
        .iter()
        .map(|w: &f64| cube_root(w / width) * width)
        .sum();
    cube(integral) / (6.0 * cube(as_float(k)))
}

fn cube(x: f64) -> f64 {
    x * x * x
}

/// Within some percent, and the same on every machine, as a library's need not be: a third of the
/// exponent and of what follows it.
fn cube_root(x: f64) -> f64 {
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    if x > 0.0 {
        f64::from_bits(x.to_bits() / 3 + ONE / 3 * 2)
    } else {
        0.0
    }
}
