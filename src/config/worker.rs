//! Section `worker`: how many jobs run here, and with what.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::value::Auto;

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
    }
}
