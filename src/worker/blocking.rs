//! The one bridge from asynchronous code to the engine, which knows nothing of it.

use tokio::task::JoinHandle;

/// Runs work that computes or waits for disks on a thread of its own, so that it cannot starve the rest.
///
/// Progress and cancellation are the work's own affair: it is given closures and looks at them.
pub fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    tokio::task::spawn_blocking(work)
}
