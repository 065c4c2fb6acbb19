//! Signals that end a command: the first one asks, the second one insists.
//!
//! Local work sees a flag and cleans up after itself; calls to a server are dropped, and what they had written
//! goes with them. Both end with 130.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::exit::{Exit, Failure};

/// SIGINT and SIGTERM of this process, heard from the moment this was made.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Begins to listen: from now on a signal does not end the process by itself.
    pub(crate) fn new() -> Result<Self, Failure> {
        let broken = |error: std::io::Error| {
            Failure::new(
                Exit::Unavailable,
                format!("cannot wait for signals: {error}"),
            )
        };
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(broken)?,
            terminate: signal(SignalKind::terminate()).map_err(broken)?,
        })
    }

    /// Resolves at the next one.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Runs a call to a server until it ends or a signal comes.
pub(crate) async fn or_dropped<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let mut signals = Signals::new()?;
    tokio::select! {
        done = work => done,
        () = signals.next() => Err(Failure::interrupted()),
    }
}

/// Runs local work on a thread of its own. A signal raises the flag that the work looks at; a second one gives up
/// waiting for it.
pub(crate) async fn or_cancelled<T: Send + 'static>(
    work: impl FnOnce(&(dyn Fn() -> bool + Sync)) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let mut signals = Signals::new()?;
    let flag = Arc::new(AtomicBool::new(false));
    let seen = flag.clone();
    let mut running = crate::worker::run_blocking(move || work(&|| seen.load(Ordering::Relaxed)));
    tokio::select! {
        done = &mut running => return done.unwrap_or_else(|broken| Err(died(&broken))),
        () = signals.next() => {}
    }
    flag.store(true, Ordering::Relaxed);
    tokio::select! {
        done = &mut running => match done {
            Ok(Err(_)) => Err(Failure::interrupted()),
            Ok(Ok(done)) => Ok(done),
            Err(broken) => Err(died(&broken)),
        },
        () = signals.next() => Err(Failure::new(
            Exit::Interrupted,
            "interrupted twice: temporary files may remain beside the output",
        )),
    }
}

/// The work panicked: a fault of this program.
fn died(broken: &tokio::task::JoinError) -> Failure {
    Failure::new(
        Exit::Unavailable,
        format!("internal error: a worker thread: {broken}"),
    )
    .hint("this is a fault of coreanvil; please report it with the file that caused it")
}
