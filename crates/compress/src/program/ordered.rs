//! Work on many items by a few threads, results taken in order, few of them in memory at once.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex};

/// Runs `work` on `0..count` with `threads` threads and gives the results to `consume` in order, on this thread.
///
/// At most `2 * threads` results exist at any time, so memory is bounded by the largest of them. The first error of
/// `consume` stops the work and is returned.
pub(crate) fn run<R: Send, E>(
    count: usize,
    threads: usize,
    work: impl Fn(usize) -> R + Sync,
    mut consume: impl FnMut(usize, R) -> Result<(), E>,
) -> Result<(), E> {
    if threads <= 1 || count <= 1 {
        return (0..count).try_for_each(|i| consume(i, work(i)));
    }
    let window = threads * 2;
    let shared = Shared {
        state: Mutex::new(State::default()),
        changed: Condvar::new(),
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.min(count) {
            scope.spawn(|| {
                // A panic in `work` must not leave the consumer waiting.
                let _guard = PanicGuard(&shared);
                while let Some(index) = shared.take(count, window) {
                    let result = work(index);
                    shared.put(index, result);
                }
            });
        }
        let outcome = (0..count).try_for_each(|index| match shared.next(index) {
            Some(result) => consume(index, result),
            // A worker panicked; leaving the scope carries the panic on.
            None => Ok(()),
        });
        shared.stop();
        outcome
    })
}

struct Shared<R> {
    state: Mutex<State<R>>,
    changed: Condvar,
}

struct State<R> {
    next: usize,
    consumed: usize,
    stopped: bool,
    ready: BTreeMap<usize, R>,
}

impl<R> Default for State<R> {
    fn default() -> Self {
        Self {
            next: 0,
            consumed: 0,
            stopped: false,
            ready: BTreeMap::new(),
        }
    }
}

impl<R> Shared<R> {
    fn lock(&self) -> std::sync::MutexGuard<'_, State<R>> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn wait<'g>(
        &self,
        guard: std::sync::MutexGuard<'g, State<R>>,
    ) -> std::sync::MutexGuard<'g, State<R>> {
        self.changed
            .wait(guard)
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn take(&self, count: usize, window: usize) -> Option<usize> {
        let mut state = self.lock();
        loop {
            if state.stopped || state.next >= count {
                return None;
            }
            if state.next < state.consumed + window {
                state.next += 1;
                return Some(state.next - 1);
            }
            state = self.wait(state);
        }
    }

    fn put(&self, index: usize, result: R) {
        self.lock().ready.insert(index, result);
        self.changed.notify_all();
    }

    fn next(&self, index: usize) -> Option<R> {
        let mut state = self.lock();
        loop {
            if let Some(result) = state.ready.remove(&index) {
                // The one being consumed still exists.
                state.consumed = index;
                self.changed.notify_all();
                return Some(result);
            }
            if state.stopped {
                return None;
            }
            state = self.wait(state);
        }
    }

    fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }
}

struct PanicGuard<'s, R>(&'s Shared<R>);

impl<R> Drop for PanicGuard<'_, R> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}
