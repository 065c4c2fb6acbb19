//! Whether the service can answer now.

use super::error::{Chain, Error, Result};
use super::service::App;

/// Asks the database and the object store, and whether the process is about to stop.
///
/// # Errors
/// [`Error::Unavailable`], saying which of them.
pub async fn check(app: &App) -> Result<()> {
    let unready = |detail| Error::Unavailable {
        detail,
        retry_after_s: 5,
    };
    if app.stopping.is_cancelled() {
        return Err(unready("shutting down"));
    }
    if let Err(error) = app.store.ping().await {
        tracing::warn!(error = %Chain(&error), "not ready: the database does not answer");
        return Err(unready("the database does not answer"));
    }
    if let Err(error) = app.objects.ping().await {
        tracing::warn!(error = %Chain(&error), "not ready: the object store does not answer");
        return Err(unready("the object store does not answer"));
    }
    Ok(())
}
