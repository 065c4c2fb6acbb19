//! What systemd is told (`Type=notify`): ready, stopping, alive. A datagram each, to the socket that it names in the
//! environment; without one nothing happens, and nothing depends on its being read.

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::sync::Arc;

use tokio_util::task::TaskTracker;

use crate::app::App;

/// The socket of whoever supervises this process.
#[derive(Debug)]
pub(crate) struct Supervisor {
    to: Option<(UnixDatagram, SocketAddr)>,
    /// Milliseconds between two signs of life; half of what the supervisor allows.
    alive_ms: Option<u64>,
}

impl Supervisor {
    /// The one that the environment names.
    pub(crate) fn of_this_process() -> Self {
        let microseconds = std::env::var("WATCHDOG_USEC")
            .ok()
            .and_then(|text| text.parse::<u64>().ok())
            .filter(|_| {
                std::env::var("WATCHDOG_PID")
                    .map_or(true, |id| id == std::process::id().to_string())
            });
        Self {
            to: std::env::var("NOTIFY_SOCKET")
                .ok()
                .and_then(|name| connect(&name)),
            alive_ms: microseconds.map(|us| (us / 2_000).max(1)),
        }
    }

    /// Says a word, such as `READY=1`.
    pub(crate) fn say(&self, word: &str) {
        if let Some((socket, address)) = &self.to
            && let Err(error) = socket.send_to_addr(word.as_bytes(), address)
        {
            tracing::warn!(%error, "cannot tell the supervisor {word}");
        }
    }

    /// Says that all is up; and from then on, where it is asked for, that the process lives.
    pub(crate) fn ready(self: &Arc<Self>, app: &Arc<App>, tasks: &TaskTracker) {
        self.say("READY=1");
        let (Some(_), Some(alive_ms)) = (&self.to, self.alive_ms) else {
            return;
        };
        let (supervisor, app) = (Arc::clone(self), Arc::clone(app));
        tasks.spawn(async move {
            while !app.stopping.is_cancelled() {
                supervisor.say("WATCHDOG=1");
                tokio::select! {
                    () = app.clock.sleep(alive_ms) => {}
                    () = app.stopping.cancelled() => {}
                }
            }
        });
    }
}

/// A path, or with `@` a name without a file.
fn connect(name: &str) -> Option<(UnixDatagram, SocketAddr)> {
    let address = match name.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(name),
    };
    Some((UnixDatagram::unbound().ok()?, address.ok()?))
}
