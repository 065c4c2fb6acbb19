//! Which of the two ways is taken.

use super::super::{Cancelled, Left};
use super::problem::{Clusters, Problem};
use super::{certified, replay};

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
