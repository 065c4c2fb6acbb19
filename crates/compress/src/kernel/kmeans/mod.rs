//! Optimal clustering of numbers on a line.
//!
//! `problem` holds the prefix sums and the cost of a cluster with coremltools' own float
//! operations; `replay` is the dynamic program of coremltools, step by step, ties included;
//! `certified` finds the same answer much faster where it can show that it is the same;
//! `optimum` finds an optimum for data where coremltools has no deterministic answer.
//!
//! What it does not do: tables, indices, rounding to the weight's type.

mod certified;
mod optimum;
mod penalty;
mod problem;
mod replay;

pub use optimum::optimum;
pub use problem::{Clusters, Problem};

use super::{Cancelled, Left};

/// The clusters that coremltools finds for `k` clusters, bit for bit.
///
/// # Errors
/// [`Left::Cancelled`].
pub fn solve(problem: &Problem, k: usize, cancelled: Cancelled<'_>) -> Result<Clusters, Left> {
    if k > 4
        && let Some(clusters) = certified::solve(problem, k, cancelled)?
    {
        return Ok(clusters);
    }
    replay::solve(problem, k, cancelled)
}

/// Both ways, for tests and checks: the replay, and the certified answer where there is one.
///
/// # Errors
/// [`Left::Cancelled`].
pub fn solve_both(
    problem: &Problem,
    k: usize,
    cancelled: Cancelled<'_>,
) -> Result<(Clusters, Option<Clusters>), Left> {
    let certified = certified::solve(problem, k, cancelled)?;
    Ok((replay::solve(problem, k, cancelled)?, certified))
}

#[cfg(test)]
mod tests;
