//! stub
use super::super::{Cancelled, Left};
use super::problem::{Clusters, Problem};
pub(super) fn solve(_p: &Problem, _k: usize, _c: Cancelled<'_>) -> Result<Option<Clusters>, Left> {
    Ok(None)
}
