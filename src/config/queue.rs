//! Section `queue`: who is next, how often a job is tried, how long anything may take.

use super::value::{Raw, Setting, quoted};

section! {
    /// The queue of jobs. How often workers look and how long they may be silent stands in `[worker]`.
    pub struct Queue in queue {
        /// Jobs of one kind that may run at once in one project; 0 is any number. The project with the fewest running
        /// jobs goes first anyway, so that a limit is only needed to keep cores free.
        running_per_project: u64 = 0,
        /// On Postgres, whether processes wake each other by LISTEN and NOTIFY beside looking every `worker.poll_ms`:
        /// "on", "off", or "auto", which gives up where it does not work, as behind a pooler of transactions.
        notify: Notify = Notify::Auto,
        /// Seconds a job may wait for a worker before it fails with `expired`.
        wait_seconds: u64 = 86_400,
        /// Seconds one attempt may run.
        attempt_seconds: u64 = 3_600,
        /// Seconds all attempts of a job may run together.
        total_seconds: u64 = 21_600,
        /// How often a job is tried again after a failure that may pass.
        retries: u64 = 5,
        /// Longest pause before such a retry, in seconds; the first one is a second, then they grow.
        backoff_seconds: u64 = 3_600,
        /// Attempts in a row whose worker fell silent, before the job fails with `poison`.
        losses: u64 = 3,
        /// Days that events and attempts' logs of finished jobs are kept.
        keep_days: u64 = 30,
    }
}

/// Whether processes wake each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notify {
    /// Where it works.
    Auto,
    /// Always tried.
    On,
    /// Never.
    Off,
}

impl Setting for Notify {
    fn read(raw: &Raw) -> Result<Self, String> {
        match String::read(raw)?.as_str() {
            "auto" => Ok(Self::Auto),
            "on" => Ok(Self::On),
            "off" => Ok(Self::Off),
            _ => Err("expected \"auto\", \"on\" or \"off\"".to_owned()),
        }
    }
    fn written(&self) -> String {
        quoted(match self {
            Self::Auto => "auto",
            Self::On => "on",
            Self::Off => "off",
        })
    }
}
