//! Names that some reader takes for the same one.
//!
//! A file system may fold case and normalise Unicode, and a package must mean the same on all of them. So paths are
//! kept as a tree of parts, each known by its folded form: two spellings of one form, a file twice, or a file that is
//! also a folder are conflicts. The tree holds each part once, so that memory follows the bytes of all names and not
//! names times depth. It decides nothing about what a path may contain; that is `path`.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use crate::error::Error;

/// What a path stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    File,
    Folder,
}

/// All paths seen so far.
#[derive(Debug, Default)]
pub(crate) struct Names {
    nodes: BTreeMap<(usize, String), Node>,
}

#[derive(Debug)]
struct Node {
    number: usize,
    spelling: String,
    kind: Kind,
}

/// What is known about a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    /// A folder that only paths below it have shown so far.
    Implied,
}

impl Names {
    /// Adds a path.
    ///
    /// # Errors
    /// [`Error::Conflict`] with an earlier one.
    pub(crate) fn insert(&mut self, path: &str, entry: Entry) -> Result<(), Error> {
        let mut parent = 0;
        let mut parts = path.split('/').peekable();
        let mut at_bytes = 0_usize;
        while let Some(part) = parts.next() {
            let kind = match (parts.peek().is_some(), entry) {
                (true, _) => Kind::Implied,
                (false, Entry::File) => Kind::File,
                (false, Entry::Folder) => Kind::Folder,
            };
            let number = self.nodes.len().saturating_add(1);
            let node = self
                .nodes
                .entry((parent, fold(part)))
                .or_insert_with(|| Node {
                    number,
                    spelling: part.to_owned(),
                    kind: Kind::Implied,
                });
            let fresh = node.number == number;
            if let Some(why) = conflict(node, part, kind, fresh) {
                let above = path.get(..at_bytes).unwrap_or_default();
                return Err(Error::Conflict {
                    place: path.into(),
                    why,
                    other: format!("{above}{}", node.spelling).into(),
                });
            }
            if kind != Kind::Implied {
                node.kind = kind;
            }
            parent = node.number;
            at_bytes = at_bytes.saturating_add(part.len()).saturating_add(1);
        }
        Ok(())
    }
}

fn conflict(node: &Node, part: &str, kind: Kind, fresh: bool) -> Option<&'static str> {
    if fresh {
        return None;
    }
    if node.spelling != part {
        return Some("differs only in case or Unicode form from");
    }
    match (node.kind, kind) {
        (Kind::File, Kind::File) | (Kind::Folder, Kind::Folder) => Some("is there twice, as"),
        (Kind::File, Kind::Folder | Kind::Implied) => {
            Some("needs a folder where there is the file")
        }
        (Kind::Folder | Kind::Implied, Kind::File) => Some("is a file where there is the folder"),
        (Kind::Folder, Kind::Implied) | (Kind::Implied, Kind::Folder | Kind::Implied) => None,
    }
}

/// The form under which names are compared: upper then lower case, which together fold what either alone leaves
/// apart (`ß` and `SS`, the two small sigmas), and canonical composition.
fn fold(part: &str) -> String {
    if part.is_ascii() {
        return part.to_ascii_lowercase();
    }
    part.nfd()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfc()
        .collect()
}
