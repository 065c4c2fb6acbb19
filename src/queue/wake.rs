//! What other processes on the same database are told: `NOTIFY` on Postgres, sparingly, beside the polling that stays.
//!
//! A commit with a NOTIFY takes a lock of the whole server, so it is never part of a change: changes are gathered, and at
//! most ten times a second one small transaction of its own tells them. Nothing depends on it being heard.

use std::sync::{Mutex, PoisonError};

use api::ids::JobId;
use tokio::sync::Notify;

/// More changes than this at once are told as "look at everything".
const TOLD_MAX: usize = 100;

/// Changes that other processes were not told of yet.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    changes: Mutex<Vec<(JobId, bool)>>,
    filled: Notify,
}

impl Outbox {
    /// Adds one; forgotten when nobody sends and it is full.
    pub(super) fn add(&self, id: JobId, work: bool) {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let room = changes.len() <= TOLD_MAX;
        match changes.iter_mut().find(|(known, _)| *known == id) {
            Some((_, known)) => *known |= work,
            None if room => changes.push((id, work)),
            None => {}
        }
        drop(changes);
        self.filled.notify_one();
    }
}
