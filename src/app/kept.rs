//! Answers that are kept in memory: what is a function of things that never change, and costs something to compute.
//!
//! A few, the ones used last; a restart forgets them. It does not compute, and it does not decide who may see what.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// The last answers, by what was asked.
#[derive(Debug)]
pub(super) struct Kept<K, V> {
    most: usize,
    list: Mutex<VecDeque<(K, Arc<V>)>>,
}

impl<K: PartialEq, V> Kept<K, V> {
    /// Keeps at most so many.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            list: Mutex::new(VecDeque::new()),
        }
    }

    /// The answer, if it is still there.
    pub(super) fn get(&self, key: &K) -> Option<Arc<V>> {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let at = list.iter().position(|(known, _)| known == key)?;
        let found = list.remove(at)?;
        let value = Arc::clone(&found.1);
        list.push_front(found);
        Some(value)
    }

    /// Keeps an answer; the one that was not used for longest goes.
    pub(super) fn put(&self, key: K, value: V) -> Arc<V> {
        let value = Arc::new(value);
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain(|(known, _)| *known != key);
        list.truncate(self.most.saturating_sub(1));
        list.push_front((key, Arc::clone(&value)));
        value
    }
}
