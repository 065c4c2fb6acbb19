//! Workers: claim a job, fetch its package, run the engine, store the result, complete the job.

mod blocking;

pub use blocking::run_blocking;
