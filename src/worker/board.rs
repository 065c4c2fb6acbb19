//! What the engine's thread and the task that renews the lease tell each other: how far it is, and whether to stop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use api::jobs::Phase;

/// Shared by one attempt's engine thread and its lease.
#[derive(Debug)]
pub(super) struct Board {
    stop: AtomicBool,
    at: Mutex<(Phase, f64)>,
}

impl Board {
    /// At the beginning.
    pub(super) fn new() -> Self {
        Self {
            stop: AtomicBool::new(false),
            at: Mutex::new((Phase::Loading, 0.0)),
        }
    }

    /// Asks the work to stop. Asked often by the engine.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether the work was asked to stop.
    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Notes how far the work is.
    pub(super) fn set(&self, phase: Phase, progress: f64) {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner) = (phase, progress);
    }

    /// How far the work is.
    pub(super) fn at(&self) -> (Phase, f64) {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
