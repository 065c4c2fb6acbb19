//! Workers: claim a job, fetch its package, run the engine, store the result, complete the job.
//!
//! Several claim at once (`worker.concurrency`), in `serve` or in processes of their own. A worker holds a job by its
//! lease, which a thread of its own renews however busy the cores are; whoever loses it stops and writes
//! nothing. Objects are stored before the transaction that names them, so that a crash leaves at most bytes nobody
//! names. What may happen to a job is decided by `queue`, not here. A file per job kind.

mod attempt;
mod blocking;
mod board;
mod compress;
mod executor;
mod failure;
mod keeper;
mod run;

#[cfg(test)]
mod tests;

pub use blocking::run_blocking;
pub use board::Board;
pub use executor::{Engine, Executor};
pub use failure::Failure;
pub use run::{Settings, exchange, run, run_with, sweep};
