//! What costs much and is asked for again and again: a walk reads the same files many times.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::Hash;

/// How many answers are kept; then all are forgotten.
const LIMIT: usize = 512;

/// Answers by what was asked.
#[derive(Debug)]
pub(crate) struct Memo<K, V>(RefCell<HashMap<K, V>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<K: Hash + Eq, V: Clone> Memo<K, V> {
    /// The answer to `key`, which has to depend on nothing else.
    pub(crate) fn answer(&self, key: K, find: impl FnOnce(&K) -> V) -> V {
        if let Some(known) = self.0.borrow().get(&key) {
            return known.clone();
        }
        let found = find(&key);
        let mut answers = self.0.borrow_mut();
        if answers.len() >= LIMIT {
            answers.clear();
        }
        answers.insert(key, found.clone());
        found
    }
}
