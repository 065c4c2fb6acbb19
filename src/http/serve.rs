//! Serving on a listener until told to stop.

use std::sync::Arc;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

use super::router::router;
use crate::app::App;

/// Answers requests until `app.stopping` is cancelled, then takes no more and finishes those that are open.
///
/// Waiting calls end by themselves at the signal. How long the others may take is the caller's decision: drop the
/// future to cut them off.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, app: Arc<App>) -> std::io::Result<()> {
    let stopping = app.stopping.clone();
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection without TCP_NODELAY");
        }
    });
    axum::serve(listener, router(app))
        .with_graceful_shutdown(async move { stopping.cancelled().await })
        .await
}
