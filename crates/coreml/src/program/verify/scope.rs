//! Names in scope: defined once, before they are used, and gone with the block that defined them.

use std::collections::HashMap;

use crate::spec::mil::{Value, ValueType};

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Definition<'a> {
    /// Its type.
    pub(super) value_type: &'a ValueType,
    /// Its value, where a `const` operation defined it.
    pub(super) value: Option<&'a Value>,
}

/// The names that an operation can use.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    visible: HashMap<&'a str, Definition<'a>>,
    defined: Vec<&'a str>,
}

/// A point to go back to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark(usize);

impl<'a> Scope<'a> {
    /// What `name` stands for.
    pub(super) fn get(&self, name: &str) -> Option<Definition<'a>> {
        self.visible.get(name).copied()
    }

    /// Adds a name; false where it is visible already.
    pub(super) fn define(&mut self, name: &'a str, definition: Definition<'a>) -> bool {
        if self.visible.contains_key(name) {
            return false;
        }
        self.visible.insert(name, definition);
        self.defined.push(name);
        true
    }

    /// The point to leave a block to.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.defined.len())
    }

    /// Forgets what was defined since.
    pub(super) fn leave(&mut self, mark: Mark) {
        for name in self.defined.drain(mark.0.min(self.defined.len())..) {
            self.visible.remove(name);
        }
    }
}
