//! An optimal clustering where coremltools' own answer is not reproducible.
//!
//! The search over a price per cluster ends at exactly `k` clusters or at a tie; at a tie two
//! optimal clusterings, one with fewer and one with more clusters, are joined into one with `k`.
//! Time is O(n log n) per pass and memory O(n), whatever `k` is.
//!
//! What it does not do: reproduce anyone's choice among equally good clusterings.

use super::super::{Cancelled, Left};
use super::penalty::{Priced, Search, search};
use super::problem::Problem;

/// Passes of the search; the last ones halve the logarithm of a bracket.
const TRIES: u32 = 64;

/// Where each of `k` clusters starts in a clustering of least cost (fewer if there are fewer values).
///
/// # Errors
/// [`Left::Cancelled`].
pub fn optimum(problem: &Problem, k: usize, cancelled: Cancelled<'_>) -> Result<Vec<usize>, Left> {
    let len = problem.len();
    if len <= k {
        return Ok((0..len).collect());
    }
    if k <= 1 {
        return Ok(vec![0; k]);
    }
    Ok(match search(problem, k, TRIES, cancelled)? {
        Search {
            exact: Some(found), ..
        } => found.priced.starts(),
        Search {
            fewer: Some(fewer),
            more: Some(more),
            ..
        } => joined(&fewer, &more, k),
        Search {
            fewer: Some(fewer), ..
        } => split(problem, fewer.starts(), k),
        Search { .. } => split(problem, vec![0], k),
    })
}

/// Starts from `fewer` and then from `more`, `k` in all.
///
/// There is a place where a cluster of `more` lies inside one of `fewer` and as many clusters
/// lie before and after it as needed; by the Monge property changing over there costs nothing.
fn joined(fewer: &Priced, more: &Priced, k: usize) -> Vec<usize> {
    let (mut few, many) = (fewer.starts(), more.starts());
    let skip = many.len().saturating_sub(k);
    let before = |at: usize| match (few.get(at), many.get(at + skip)) {
        (Some(few), Some(many)) => few <= many,
        (Some(_) | None, _) => false,
    };
    let at = (0..few.len()).rev().find(|&at| before(at)).unwrap_or(0);
    few.truncate(at + 1);
    few.extend(many.iter().skip(at + skip + 1));
    few
}

/// Splits the most expensive cluster until there are `k`.
fn split(problem: &Problem, mut starts: Vec<usize>, k: usize) -> Vec<usize> {
    let end_of = |starts: &[usize], at: usize| starts.get(at + 1).copied().unwrap_or(problem.len());
    while starts.len() < k {
        let cost = |at: usize| {
            let (start, end) = (starts[at], end_of(&starts, at));
            (end - start > 1).then(|| problem.cost_between(start, end).max(0.0))
        };
        let dearest = (0..starts.len())
            .filter_map(|at| cost(at).map(|cost| (at, cost)))
            .max_by(|(_, a), (_, b)| a.total_cmp(b));
        let Some((at, _)) = dearest else { break };
        let (start, end) = (starts[at], end_of(&starts, at));
        let halves = |cut: usize| problem.cost_between(start, cut) + problem.cost_between(cut, end);
        let cut = (start + 1..end).min_by(|&a, &b| halves(a).total_cmp(&halves(b)));
        starts.insert(at + 1, cut.unwrap_or(start + 1));
    }
    starts
}
