//! A refusal that the client can read: what it is still sending is taken in and thrown away for a while.
//!
//! A connection that is closed with unread bytes is reset, and a reset takes the answer with it before many clients
//! have read it. So the answer goes out at once, and a task of its own reads on, up to a limit in bytes and time.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, BodyDataStream};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures::StreamExt as _;

use crate::app::App;

/// Most bytes that are thrown away for one refusal.
const MOST_BYTES: usize = 256 << 20;
/// Longest that it may take.
const MOST_MS: u64 = 10_000;

/// Runs a request; reads on when it was refused.
pub(crate) async fn around(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let rest = Rest(Arc::new(Mutex::new(body.into_data_stream())));
    let reading = rest.clone();
    let body = Body::from_stream(futures::stream::poll_fn(move |cx| {
        reading.stream().poll_next_unpin(cx)
    }));
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.status().is_client_error() || response.status().is_server_error() {
        let until = app.clock.sleep(MOST_MS);
        let stopping = app.stopping.clone();
        app.tasks.spawn(async move {
            tokio::select! {
                () = rest.discard() => {}
                () = until => {}
                () = stopping.cancelled() => {}
            }
        });
    }
    response
}

/// What of a body has not been read. The handler reads it first; who comes after it, the rest.
#[derive(Clone)]
struct Rest(Arc<Mutex<BodyDataStream>>);

impl Rest {
    fn stream(&self) -> std::sync::MutexGuard<'_, BodyDataStream> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn discard(&self) {
        let mut bytes = 0;
        while let Some(Ok(chunk)) =
            futures::future::poll_fn(|cx| self.stream().poll_next_unpin(cx)).await
        {
            bytes += chunk.len();
            if bytes > MOST_BYTES {
                break;
            }
        }
    }
}
