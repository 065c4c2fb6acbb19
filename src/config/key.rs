//! One key of the configuration: its name, its documentation and how to read and write it.

use super::Config;
use super::value::Raw;

/// A key such as `server.listen`.
#[derive(Clone, Copy)]
pub struct Key {
    /// `section.key`, as scripts write it.
    pub name: &'static str,
    /// What it means, line by line.
    pub docs: &'static [&'static str],
    /// Its type in the code.
    pub(super) kind: &'static str,
    /// The value as a TOML literal.
    pub(super) written: fn(&Config) -> String,
    /// The value as a person may see it: secrets hidden.
    pub(super) shown: fn(&Config) -> String,
    /// Takes a value over; the error says what a right value looks like.
    pub(super) set: fn(&mut Config, &Raw) -> Result<(), String>,
}

impl Key {
    /// The environment variable that sets it: `server.listen` is `COREANVIL_SERVER__LISTEN`.
    pub fn variable(&self) -> String {
        format!(
            "COREANVIL_{}",
            self.name.to_uppercase().replacen('.', "__", 1)
        )
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Key").field(&self.name).finish()
    }
}

/// The known name nearest to a mistyped one, when one is near enough to be meant.
pub(super) fn nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (wrong.chars().count() / 3).max(2);
    known
        .map(|name| (distance(wrong, name), name))
        .filter(|(steps, _)| *steps <= limit)
        .min()
        .map(|(_, name)| name)
}

/// Levenshtein's distance: the number of characters to insert, delete or replace.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(128).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(128).enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for (y, pair) in b.iter().zip(row.windows(2)) {
            let [diagonal, above] = pair else { continue };
            let left = next.last().copied().unwrap_or(usize::MAX);
            next.push(
                (diagonal + usize::from(x != *y))
                    .min(above + 1)
                    .min(left + 1),
            );
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}
