//! Where async meets the engine: blocking work on a thread of its own.
//!
//! Cancelling the future does not stop the work; give it a flag where that matters.

use super::error::{Error, Result};

/// Runs `work` off the async threads.
///
/// # Errors
/// Those of `work`; [`Error::Internal`] when it panics.
pub async fn run_blocking<T: Send + 'static>(
    doing: &'static str,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let span = tracing::Span::current();
    match tokio::task::spawn_blocking(move || span.in_scope(work)).await {
        Ok(result) => result,
        Err(error) => Err(Error::internal(doing, error)),
    }
}
