//! What other processes on the same database are told: `NOTIFY` on Postgres, sparingly, beside the polling that stays.
//!
//! A commit with a NOTIFY takes a lock of the whole server, so it is never part of a change: changes are gathered, and at
//! most two hundred times a second, ten when there are many, one small transaction of its own tells them. Nothing depends on
//! it being heard.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use api::ids::JobId;
use futures::future::{Either, select};
use tokio::sync::Notify;

use super::apply::Queue;
use super::error::Result;
use crate::store::Listener;

/// More changes than this at once are told as "look at everything".
const TOLD_MAX: usize = 100;
/// Pause after a message, for each change in it: who is told of few changes hears of the next at once, and of many at most
/// so often.
const PAUSE_MS: u64 = 5;
/// The longest pause.
const PAUSE_MAX_MS: u64 = 100;
/// How long our own first message may take to come back.
const PROBE_MS: u64 = 5_000;
/// Pause before listening again after a failure.
const AGAIN_MS: u64 = 5_000;

const EVERYTHING: &str = "*";
const PROBE: &str = "?";

/// Changes that other processes were not told of yet.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// Whether anybody sends.
    on: AtomicBool,
    changes: Mutex<Vec<(JobId, bool)>>,
    filled: Notify,
}

impl Outbox {
    /// Adds one; forgotten when nobody sends.
    pub(super) fn add(&self, id: JobId, work: bool) {
        if !self.on.load(Ordering::Relaxed) {
            return;
        }
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

    /// What is to be told, as a message; nothing when there is nothing.
    fn take(&self) -> Option<(usize, String)> {
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = std::mem::take(&mut *changes);
        let message = match changes.len() {
            0 => return None,
            1..=TOLD_MAX => changes
                .iter()
                .map(|(id, work)| format!("{}{id}", if *work { 'w' } else { 'c' }))
                .collect::<Vec<_>>()
                .join(","),
            _ => EVERYTHING.to_owned(),
        };
        Some((changes.len(), message))
    }
}

/// The changes of a message; `None` for all of them, or for what a later version may say.
fn changes(message: &str) -> Option<Vec<(JobId, bool)>> {
    let change = |text: &str| {
        let (kind, id) = text.split_at_checked(1)?;
        Some((id.parse().ok()?, kind == "w"))
    };
    message.split(',').map(change).collect()
}

impl Queue {
    /// Tells other processes what changes here; never ends. With a database that has no NOTIFY it does nothing.
    pub async fn tell_others(&self) {
        self.changes.outbox.on.store(true, Ordering::Relaxed);
        loop {
            self.changes.outbox.filled.notified().await;
            let told = self.tell_rest().await;
            let pause_ms = PAUSE_MS.saturating_mul(u64::try_from(told).unwrap_or(u64::MAX));
            self.clock.sleep(pause_ms.min(PAUSE_MAX_MS)).await;
        }
    }

    /// Tells other processes what they were not told of yet, also as the last word before the process ends; says how many
    /// changes that were.
    pub async fn tell_rest(&self) -> usize {
        let Some((told, message)) = self.changes.outbox.take() else {
            return 0;
        };
        if let Err(error) = self.store.notify(&message).await {
            tracing::debug!(%error, "cannot tell other processes; they look by themselves");
        }
        told
    }

    /// Hears what other processes tell and passes it on to who waits here; ends when the database has no LISTEN, or when
    /// `tried` is set and it turns out not to work (behind a pooler of transactions).
    pub async fn hear_others(&self, tried: bool) {
        let mut tried = tried;
        loop {
            match self.hear(&mut tried).await {
                Ok(()) => return,
                Err(error) => {
                    tracing::warn!(%error, "cannot listen to other processes; looking now and then meanwhile");
                }
            }
            self.clock.sleep(AGAIN_MS).await;
        }
    }

    async fn hear(&self, tried: &mut bool) -> Result<()> {
        let Some(mut listener) = self.store.listen().await? else {
            return Ok(());
        };
        if *tried {
            self.store.notify(PROBE).await?;
            let deadline = self.clock.sleep(PROBE_MS);
            let heard = std::pin::pin!(self.hear_probe(&mut listener));
            if let Either::Right(_) = select(heard, deadline).await {
                tracing::warn!(
                    "LISTEN does not hear NOTIFY (a pooler of transactions in between?): queue.notify is off"
                );
                return Ok(());
            }
            *tried = false;
        }
        self.changes.heard_all();
        loop {
            let message = listener.next().await?;
            self.pass_on(message.as_deref().unwrap_or(EVERYTHING));
        }
    }

    /// Ends when our own message, or another's, has come.
    async fn hear_probe(&self, listener: &mut Listener) {
        if let Ok(Some(message)) = listener.next().await {
            self.pass_on(&message);
        } else {
            std::future::pending::<()>().await;
        }
    }

    fn pass_on(&self, message: &str) {
        if message == PROBE {
            return;
        }
        match changes(message) {
            Some(changes) => {
                for (id, work) in changes {
                    self.changes.heard(id, work);
                }
            }
            None => self.changes.heard_all(),
        }
    }
}
