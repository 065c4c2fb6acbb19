//! The thread that keeps leases alive: it has a runtime and database connections of its own, so that a worker whose cores
//! are all busy is still heard of.
//!
//! It also writes progress and log lines, sees a wish to cancel or a lost lease in the answer, and tells the database every
//! now and then that this process is there. It does not end attempts.

use std::sync::Arc;

use api::ids::WorkerId;
use api::jobs::JobKind;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use super::attempt::Stop;
use super::board::Board;
use crate::app::{App, Chain};
use crate::queue::{Error as QueueError, Lease, Queue};

/// When progress is looked at first: work that has ended by then costs no write of its own.
const FIRST_LOOK_MS: u64 = 100;
/// How often after that; written only when it moved.
const LOOK_MS: u64 = 500;
/// Progress that is worth a write.
const STEP: f64 = 0.01;
/// Pause between two tries to reach the database at the start.
const AGAIN_MS: u64 = 1_000;

/// The thread, from outside. It ends when this is dropped and no lease is kept any more.
#[derive(Debug)]
pub(super) struct Keeper {
    orders: mpsc::UnboundedSender<Order>,
    ended: oneshot::Receiver<()>,
}

/// A lease that is being kept.
#[derive(Debug)]
pub(super) struct Kept {
    /// Why the attempt has to stop, when it has to.
    stop: oneshot::Receiver<Stop>,
    /// Dropped when the lease need not be kept any more.
    let_go: oneshot::Sender<()>,
    /// Ends when nothing is written about the lease any more.
    gone: oneshot::Receiver<()>,
}

struct Order {
    lease: Lease,
    board: Arc<Board>,
    stop: oneshot::Sender<Stop>,
    let_go: oneshot::Receiver<()>,
    gone: oneshot::Sender<()>,
    span: tracing::Span,
}

impl Keeper {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the machine has no thread left.
    pub(super) fn start(app: &Arc<App>, kinds: &'static [JobKind]) -> std::io::Result<Self> {
        let (orders, receiver) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let app = Arc::clone(app);
        let (ending, ended) = oneshot::channel::<()>();
        let run = move || {
            runtime.block_on(keep(&app, kinds, receiver));
            drop(ending);
        };
        std::thread::Builder::new()
            .name("leases".to_owned())
            .spawn(run)?;
        Ok(Self { orders, ended })
    }

    /// Ends when all leases have ended and the database knows that this worker has gone.
    pub(super) async fn end(self) {
        drop(self.orders);
        let _dropped = self.ended.await;
    }

    /// Keeps a lease until [`Kept::end`].
    pub(super) fn keep(&self, lease: Lease, board: &Arc<Board>) -> Kept {
        let (stop, stop_receiver) = oneshot::channel();
        let (let_go, let_go_receiver) = oneshot::channel();
        let (gone, gone_receiver) = oneshot::channel();
        let order = Order {
            lease,
            board: Arc::clone(board),
            stop,
            let_go: let_go_receiver,
            gone,
            span: tracing::Span::current(),
        };
        // A thread that is gone drops the order, which the attempt sees as a lost lease.
        drop(self.orders.send(order));
        Kept {
            stop: stop_receiver,
            let_go,
            gone: gone_receiver,
        }
    }
}

impl Kept {
    /// Ends when the attempt has to stop.
    pub(super) async fn stop(&mut self) -> Stop {
        (&mut self.stop).await.unwrap_or(Stop::Lost)
    }

    /// Lets go; ends when nothing is written about the lease any more.
    pub(super) async fn end(self) {
        drop(self.let_go);
        let _ended = self.gone.await;
    }
}

async fn keep(app: &App, kinds: &[JobKind], mut orders: mpsc::UnboundedReceiver<Order>) {
    let queue = loop {
        match app.queue.apart().await {
            Ok(queue) => break Arc::new(queue),
            Err(error) => tracing::warn!(error = %Chain(&error), "cannot reach the database"),
        }
        if orders.is_closed() {
            return;
        }
        app.clock.sleep(AGAIN_MS).await;
    };
    let id = WorkerId(app.ids.uuid());
    let leases = TaskTracker::new();
    loop {
        if let Err(error) = queue.worker_seen(id, kinds).await {
            tracing::warn!(error = %Chain(&error), "cannot say that this worker is there");
        }
        let next_sign = app.clock.sleep(u64::from(queue.policy().renew_ms));
        tokio::pin!(next_sign);
        let closed = loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => {
                        let span = order.span.clone();
                        let kept = renew(Arc::clone(&queue), Arc::clone(&app.clock), order);
                        leases.spawn(kept.instrument(span));
                    }
                    None => break true,
                },
                () = &mut next_sign => break false,
            }
        };
        if closed {
            break;
        }
    }
    leases.close();
    leases.wait().await;
    if let Err(error) = queue.worker_gone(id).await {
        tracing::debug!(error = %Chain(&error), "cannot say that this worker has gone");
    }
}

/// Keeps the lease alive, writes what moved and what was noted, until there is a reason to stop or nobody needs it.
async fn renew(queue: Arc<Queue>, clock: Arc<dyn crate::clock::Clock>, order: Order) {
    let Order {
        lease,
        board,
        stop,
        mut let_go,
        gone,
        span: _,
    } = order;
    let renew_ns = u64::from(queue.policy().renew_ms).saturating_mul(1_000_000);
    let mut written_ns = clock.monotonic_ns();
    let mut written = None;
    let mut pause_ms = FIRST_LOOK_MS;
    let reason = loop {
        tokio::select! {
            _let_go = &mut let_go => break None,
            () = clock.sleep(pause_ms) => {}
        }
        pause_ms = LOOK_MS;
        let (phase, progress) = board.at();
        let lines = board.lines();
        let moved = written.is_none_or(|(was, at)| was != phase || progress >= at + STEP);
        let due = clock.monotonic_ns().saturating_sub(written_ns) >= renew_ns;
        if moved || due || !lines.is_empty() {
            let at = moved.then_some((phase, progress));
            match queue.note(&lease, at, &lines).await {
                Ok(beat) => {
                    board.written(lines.len());
                    if moved {
                        written = Some((phase, progress));
                    }
                    written_ns = clock.monotonic_ns();
                    if beat.cancel_requested {
                        break Some(Stop::Release);
                    }
                }
                Err(QueueError::StaleLease { .. }) => break Some(Stop::Lost),
                // The database is away for a moment: the lease runs on, and the next look tries again.
                Err(error) => tracing::warn!(error = %Chain(&error), "cannot renew the lease"),
            }
        }
    };
    if let Some(reason) = reason
        && stop.send(reason).is_err()
    {
        tracing::debug!("the attempt ended by itself");
    }
    drop(gone);
}
