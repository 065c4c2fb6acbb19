//! Section `worker`: how many jobs run here, and with what.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::value::{Auto, Raw, Setting, quoted};

section! {
    /// Workers: the processes that compress.
    pub struct Worker in worker {
        /// Jobs at once. "auto" is the number of cores less one, at least one.
        concurrency: Auto<NonZeroUsize> = Auto::Auto,
        /// Threads of the engine, all jobs together. "auto" is the number of cores.
        threads: Auto<NonZeroUsize> = Auto::Auto,
        /// Folder for packages in work. "auto" is a folder in `data.folder`; the same file system as a local object
        /// store spares a copy.
        scratch: Auto<PathBuf> = Auto::Auto,
        /// Milliseconds between two looks for work when nothing wakes the worker earlier.
        poll_ms: u64 = 1000,
        /// Seconds after which a job whose worker is silent is given to another.
        lease_seconds: u64 = 60,
        /// Seconds between two signs of life; at most a third of `lease_seconds`.
        heartbeat_seconds: u64 = 15,
        /// Where a process of workers alone answers `/healthz`, `/readyz` and `/metrics`, such as `0.0.0.0:9100`; "off" is
        /// nowhere. `serve` answers them on `server.listen`.
        listen: Listen = Listen::Off,
    }
}

/// Where somebody listens, if anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// Nowhere.
    Off,
    /// There.
    At(SocketAddr),
}

impl Setting for Listen {
    fn read(raw: &Raw) -> Result<Self, String> {
        if String::read(raw)? == "off" {
            return Ok(Self::Off);
        }
        let read = SocketAddr::read(raw).map(Self::At);
        read.map_err(|why| format!("{why}, or \"off\""))
    }
    fn written(&self) -> String {
        match self {
            Self::Off => quoted("off"),
            Self::At(address) => address.written(),
        }
    }
}
