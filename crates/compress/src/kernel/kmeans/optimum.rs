//! stub
use super::super::{Cancelled, Left};
use super::problem::{Clusters, Problem};
/// stub
///
/// # Errors
/// stub
pub fn optimum(problem: &Problem, k: usize, cancelled: Cancelled<'_>) -> Result<Clusters, Left> {
    super::replay::solve(problem, k, cancelled)
}
