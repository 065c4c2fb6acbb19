//! What the work and the thread that renews its lease tell each other: how far it is, what it noted, and whether to stop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use api::jobs::{LogLevel, LogLine, Phase};
use api::time::Time;
use tracing::Span;

/// Lines that wait to be written; more are dropped, since the log of an attempt is bounded anyway.
const LINES_MAX: usize = 1_000;

/// Shared by one attempt's work and its lease.
#[derive(Debug)]
pub struct Board {
    stop: AtomicBool,
    at: Mutex<(Phase, f64)>,
    span: Mutex<(Phase, Span)>,
    attempt: Span,
    lines: Mutex<Vec<LogLine>>,
}

impl Board {
    /// At the beginning of the attempt whose span this is called in.
    pub(super) fn new() -> Self {
        let attempt = Span::current();
        Self {
            span: Mutex::new((Phase::Loading, of_phase(&attempt, Phase::Loading))),
            attempt,
            stop: AtomicBool::new(false),
            at: Mutex::new((Phase::Loading, 0.0)),
            lines: Mutex::new(Vec::new()),
        }
    }

    /// Asks the work to stop.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether the work was asked to stop. Asked often by the engine.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Notes how far the work is.
    pub fn set(&self, phase: Phase, progress: f64) {
        *held(&self.at) = (phase, progress);
        let mut span = held(&self.span);
        if span.0 != phase {
            *span = (phase, of_phase(&self.attempt, phase));
        }
    }

    /// How far the work is.
    pub(super) fn at(&self) -> (Phase, f64) {
        *held(&self.at)
    }

    /// Adds a line to the attempt's log.
    pub fn note(&self, at: Time, level: LogLevel, message: impl Into<String>) {
        let mut lines = held(&self.lines);
        if lines.len() < LINES_MAX {
            let message = message.into();
            lines.push(LogLine { at, level, message });
        }
    }

    /// The lines that were not written yet.
    pub(super) fn lines(&self) -> Vec<LogLine> {
        held(&self.lines).clone()
    }

    /// The first so many lines are written.
    pub(super) fn written(&self, count: usize) {
        let mut lines = held(&self.lines);
        let count = count.min(lines.len());
        lines.drain(..count);
    }
}

/// A span in the attempt's; it ends when the next phase begins, or with the board.
fn of_phase(attempt: &Span, phase: Phase) -> Span {
    tracing::info_span!(parent: attempt, "phase", otel.name = phase.as_str())
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
