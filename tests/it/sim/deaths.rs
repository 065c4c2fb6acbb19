//! Writes that die half way: the caller vanishes at some point, or the database fails at a row, and nobody was told whether
//! it happened.
//!
//! What a seed draws is the fate, so that a run can be repeated though no two runs take equally many polls.

use std::future::poll_fn;
use std::sync::atomic::Ordering;
use std::task::Poll;

use coreanvil::queue::{Error, Result};

use super::storm::Storm;

/// One in so many writes dies.
const DEATHS: u64 = 8;
/// About as many polls as the longest write takes.
const POLLS: u64 = 24;
/// About as many rows as the longest write writes.
const ROWS: u64 = 8;

/// How a write dies.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// The caller vanishes anywhere, and nothing has happened: the database takes no row of it.
    Lost,
    /// The caller vanishes anywhere, and it has happened once.
    Untold,
    /// The database fails at this row of it; it happens if it has fewer.
    Doomed(u64),
}

/// Polls at most so often, then drops.
async fn dies_after<T>(polls: u64, write: impl Future<Output = T>) {
    // Dropped at the end of this block at the latest: only then has it died.
    let mut write = Box::pin(write);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 || write.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        left -= 1;
        Poll::Pending
    })
    .await;
}

impl Storm<'_> {
    /// Does the write of a process, or dies in the middle of it: then nobody is told.
    pub(super) async fn perhaps<T>(
        &mut self,
        who: usize,
        write: impl AsyncFn() -> Result<T>,
    ) -> Option<Result<T>> {
        if self.is_calm() || !self.dice.once_in(DEATHS) {
            return Some(write().await);
        }
        let fate = match self.dice.roll(4) {
            0 => Fate::Lost,
            1 => Fate::Doomed(1 + self.dice.roll(ROWS)),
            _ => Fate::Untold,
        };
        let store = self.fleet.processes[who].store;
        let ids = self.fleet.ids.0.load(Ordering::Relaxed);
        let happened = match fate {
            Fate::Lost => {
                self.arena.doom(Some(1)).await;
                dies_after(1 + self.dice.roll(POLLS), write()).await;
                self.arena.settle(store).await;
                self.arena.doom(None).await;
                false
            }
            Fate::Untold => {
                dies_after(1 + self.dice.roll(POLLS), write()).await;
                self.arena.settle(store).await;
                if self.sweeps() || !self.arena.has_changed().await {
                    self.fleet.ids.0.store(ids, Ordering::Relaxed);
                    // Whatever it answers, nobody hears it.
                    drop(write().await);
                }
                true
            }
            Fate::Doomed(row) => {
                self.arena.doom(Some(row)).await;
                let answer = write().await;
                self.arena.settle(store).await;
                self.arena.doom(None).await;
                !matches!(answer, Err(Error::Store(_)))
            }
        };
        if !happened {
            self.fleet.ids.0.store(ids, Ordering::Relaxed);
        }
        for doing in &mut self.doings {
            doing.whole = happened;
        }
        self.ledger.meets(if happened {
            "death after"
        } else {
            "death before"
        });
        self.note(&format!("and died: {fate:?}"));
        None
    }
}
