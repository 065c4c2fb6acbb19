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
mod solve;

pub use optimum::optimum;
pub use problem::{Clusters, Problem};
pub use solve::{solve, solve_both};

#[cfg(test)]
mod tests;
