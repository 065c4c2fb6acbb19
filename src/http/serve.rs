//! Serving on a listener until told to stop: so many connections, each with time limits.
//!
//! Our own loop around hyper, since `axum::serve` has no limit on the time of a head and none on connections. A connection
//! beyond the limit is answered 503 at once instead of left waiting. A head that does not come within
//! `server.head_seconds` (also that of the next request: an idle connection) ends its connection without an answer.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io::Write as _;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use api::problem::Code;
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Request, Response};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;
use tower::Service as _;

use super::meter::Peer;
use super::router::{probes, router};
use super::wire::{self, Busy, Wire, Working};
use crate::app::App;

/// Most bytes of a request's line and headers.
const HEAD_BYTES: usize = 64 << 10;
/// How long the loop rests when the machine has no file descriptor for a connection.
const NO_DESCRIPTOR_MS: u64 = 100;
/// How long a connection without a request in work may take to end when the server stops.
const IDLE_END_MS: u64 = 500;
/// What is read and thrown away after a refusal, so that the client can read it: a close with unread bytes is a reset.
const LINGER_MS: u64 = 2_000;
const LINGER_BYTES: usize = 8 << 20;

/// Answers requests until `app.stopping` is cancelled, then takes no more and finishes those that are open.
///
/// Waiting calls end by themselves at the signal. How long the others may take is the caller's decision: drop the
/// future to cut them off.
///
/// # Errors
/// Never at present: what a listener may say (no descriptor, a client that went) passes.
pub async fn serve(listener: TcpListener, app: Arc<App>) -> std::io::Result<()> {
    let router = router(Arc::clone(&app));
    answer(listener, app, router).await
}

/// As [`serve`], for a process of workers: it answers whether it lives, is ready, and what it counts.
///
/// # Errors
/// As [`serve`].
pub async fn serve_probes(listener: TcpListener, app: Arc<App>) -> std::io::Result<()> {
    let router = probes(Arc::clone(&app));
    answer(listener, app, router).await
}

async fn answer(listener: TcpListener, app: Arc<App>, router: Router) -> std::io::Result<()> {
    let places = Arc::new(Semaphore::new(app.settings.connections));
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = app.stopping.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => match Arc::clone(&places).try_acquire_owned() {
                Ok(place) => {
                    let connection =
                        connection(Arc::clone(&app), router.clone(), stream, peer, place);
                    connections.spawn(connection);
                }
                Err(_) => turn_away(&app, stream),
            },
            Err(error) => {
                tracing::debug!(%error, "no connection");
                app.clock.sleep(NO_DESCRIPTOR_MS).await;
            }
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
    Ok(())
}

/// Says why, without waiting for the client.
fn turn_away(app: &App, stream: TcpStream) {
    let id = app.ids.uuid().to_string();
    let detail = "as many connections are open as this server serves";
    let answer = wire::answer(Code::Unavailable, "503 Service Unavailable", detail, &id);
    let sent = stream
        .into_std()
        .and_then(|mut stream| stream.write_all(&answer));
    tracing::debug!(
        request_id = id,
        sent = sent.is_ok(),
        "turned a connection away"
    );
}

async fn connection(
    app: Arc<App>,
    router: Router,
    stream: TcpStream,
    peer: SocketAddr,
    _place: OwnedSemaphorePermit,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection without TCP_NODELAY");
    }
    let busy = Busy::default();
    let wire = Wire::new(stream, busy.clone(), app.ids.uuid().to_string());
    let service = Calls {
        router,
        peer: Peer(peer.ip()),
        busy: busy.clone(),
    };
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // Who has ended its half of the line still gets its answer; else that is chance. Who is gone altogether is found
        // out with the next write, at the latest when the wait or the stream's comment is due.
        .half_close(true)
        .header_read_timeout(Duration::from_secs(app.settings.head_seconds.max(1)))
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(wire), service);
    let ended = tokio::select! {
        ended = poll_fn(|cx| connection.poll_without_shutdown(cx)) => Some(ended),
        () = app.stopping.cancelled() => None,
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        Pin::new(&mut connection).graceful_shutdown();
        let rest = poll_fn(|cx| connection.poll_without_shutdown(cx));
        tokio::pin!(rest);
        let idle = async {
            app.clock.sleep(IDLE_END_MS).await;
            if busy.is_busy() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            ended = &mut rest => ended,
            () = idle => Ok(()),
        }
    };
    if let Err(error) = &ended {
        tracing::debug!(%error, "a connection ended");
    }
    let (stream, refused) = connection.into_parts().io.into_inner().into_stream();
    close(&app, stream, refused).await;
}

/// Ends our half; after a refusal, reads what is still on its way.
async fn close(app: &App, mut stream: TcpStream, refused: bool) {
    if stream.shutdown().await.is_err() || !refused {
        return;
    }
    let drain = async {
        let mut buffer = [0; 8192];
        let mut bytes = 0;
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            bytes += read;
            if bytes > LINGER_BYTES {
                return;
            }
        }
    };
    tokio::select! {
        () = drain => {}
        () = app.clock.sleep(LINGER_MS) => {}
        () = app.stopping.cancelled() => {}
    }
}

/// The router as hyper calls it.
struct Calls {
    router: Router,
    peer: Peer,
    busy: Busy,
}

impl hyper::service::Service<Request<Incoming>> for Calls {
    type Response = Response<Held>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let working = self.busy.begin();
        request.extensions_mut().insert(self.peer);
        let answer = self.router.clone().call(request);
        Box::pin(async move {
            let answer = answer.await?;
            Ok(answer.map(|body| Held {
                body,
                _working: working,
            }))
        })
    }
}

/// An answer's body; while it is being sent, its request is in work.
#[derive(Debug)]
struct Held {
    body: Body,
    _working: Working,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
