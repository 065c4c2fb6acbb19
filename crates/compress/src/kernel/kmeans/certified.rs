//! The answer of the replay without its table, where it can be shown to be the same.
//!
//! A search over a price per cluster gives the best clustering with `k` clusters and, with a pass
//! from the other end, every position that lies on an almost best one: usually one to three
//! per layer. The dynamic program of the replay, with its own float operations and its own rule
//! for ties, is then run on those positions alone.
//!
//! What could still differ is a column that SMAWK drops by a wrong comparison in another row. Rows
//! differ by the strict Monge gap of the costs, so every visited cell must have a gap far above
//! rounding; otherwise there is no answer here and the replay runs. That is strong evidence, not a
//! proof: the tests run both.

use super::super::{Cancelled, Left};
use super::penalty::{Found, Priced, search};
use super::problem::{Clusters, Problem};

/// Passes of the search before the replay is cheaper.
const TRIES: u32 = 40;
/// How far a clustering may be from the best one and still be looked at, relative to Σ w x².
const MARGIN: f64 = 2e-14;
/// How many times the rounding of a row its Monge gaps must be.
const GAP: f64 = 128.0;
/// Cells of the banded program before the replay is cheaper.
const MOST_CELLS: usize = 1 << 22;

/// The clusters that the replay finds, or none where that cannot be shown.
pub(super) fn solve(
    problem: &Problem,
    k: usize,
    cancelled: Cancelled<'_>,
) -> Result<Option<Clusters>, Left> {
    if k < 2 || problem.len() <= 2 * k + 2 || !sums_are_exact(problem) {
        return Ok(None);
    }
    let Some(found) = search(problem, k, TRIES, cancelled)?.exact else {
        return Ok(None);
    };
    if cancelled() {
        return Err(Left::Cancelled);
    }
    let layers = survivors(problem, k, &found);
    Ok(layers
        .and_then(|layers| banded(problem, &layers))
        .map(|starts| problem.clusters(&starts)))
}

/// Whether the sums of weights and weighted values hold without rounding: halves are multiples of
/// 2^-24, weights are counts, and everything stays below 2^53 of those units.
fn sums_are_exact(problem: &Problem) -> bool {
    let unit = f64::from(1u32 << 24);
    let whole = |x: f64| (x * unit).fract() == 0.0;
    let largest = problem.values().iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let weights = (0..problem.len()).all(|i| problem.weight(i).fract() == 0.0);
    let total = problem.prefix(problem.len()).w;
    weights && problem.values().iter().all(|&x| whole(x)) && total * largest < f64::from(1u32 << 29)
}

/// For each number of clusters the positions where almost best clusterings cut.
fn survivors(problem: &Problem, k: usize, found: &Found) -> Option<Vec<Vec<usize>>> {
    let len = problem.len();
    let forward = &found.priced;
    let backward = Priced::backward(problem, found.price);
    let most = forward.total[len] + MARGIN * problem.prefix(len).q;
    let mut layers = vec![Vec::new(); k + 1];
    layers[0].push(0);
    for cut in 1..len {
        if forward.total[cut] + backward.total[len - cut] <= most {
            let layer = forward.count[cut] as usize;
            if layer + backward.count[len - cut] as usize != k {
                return None;
            }
            layers[layer].push(cut);
        }
    }
    layers[k].push(len);
    let cells = layers
        .windows(2)
        .map(|pair| pair[0].len() * pair[1].len())
        .sum::<usize>();
    let whole = layers.iter().all(|layer| !layer.is_empty());
    (whole && cells <= MOST_CELLS).then_some(layers)
}

/// The replay's program over the survivors; none where a gap is too small.
fn banded(problem: &Problem, layers: &[Vec<usize>]) -> Option<Vec<usize>> {
    let (_, rest) = layers.split_first()?;
    let (first, rest) = rest.split_first()?;
    let mut costs: Vec<f64> = first.iter().map(|&end| problem.cost(0, end - 1)).collect();
    let mut columns = first;
    let mut argmins: Vec<Vec<usize>> = Vec::with_capacity(rest.len());
    for ends in rest {
        let mut next = Vec::with_capacity(ends.len());
        let mut argmin = Vec::with_capacity(ends.len());
        for &end in ends {
            let (best, cost) = row(problem, columns, &costs, end - 1)?;
            argmin.push(best);
            next.push(cost);
        }
        (costs, columns) = (next, ends);
        argmins.push(argmin);
    }
    let mut starts = vec![0; rest.len() + 1];
    let mut at = 0;
    for (layer, argmin) in argmins.iter().enumerate().rev() {
        at = *argmin.get(at)?;
        starts[layer + 1] = layers[layer + 1][at];
    }
    Some(starts)
}

/// The leftmost least cell of a row, and its cost.
fn row(problem: &Problem, columns: &[usize], costs: &[f64], row: usize) -> Option<(usize, f64)> {
    let mut best: Option<(usize, f64)> = None;
    for (number, (&column, &before)) in columns.iter().zip(costs).enumerate() {
        if column > row {
            break;
        }
        let cost = before + problem.cost(column, row);
        if !is_clear(problem, row, column, cost) {
            return None;
        }
        if best.is_none_or(|(_, least)| cost < least) {
            best = Some((number, cost));
        }
    }
    best
}

/// Whether the Monge gaps around a cell are far above the rounding of its row.
fn is_clear(problem: &Problem, row: usize, column: usize, cost: f64) -> bool {
    let moment = problem.prefix(row + 1).q - problem.prefix(column).q;
    let least = GAP * (f64::EPSILON / 2.0) * (16.0 * moment + 4.0 * cost);
    let gap = |row: usize, column: usize| {
        if row + 1 >= problem.len() || column + 1 > row {
            return f64::INFINITY;
        }
        let across = problem.cost(column + 1, row) + problem.cost(column, row + 1);
        across - (problem.cost(column, row) + problem.cost(column + 1, row + 1))
    };
    let rows = [row.saturating_sub(1), row];
    let columns = [column.saturating_sub(1), column];
    rows.iter()
        .all(|&row| columns.iter().all(|&column| gap(row, column) >= least))
}
