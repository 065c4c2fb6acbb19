//! `Manifest.json`: which file of a package is the model, and what the others are.
//!
//! It is followed, never assumed: the root model may have any name, and items that we do not know are kept. It only
//! reads; a rewritten package keeps its manifest byte by byte.

/// What a manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// `fileFormatVersion`.
    pub format_version: String,
    /// `rootModelIdentifier`: the identifier of the item that is the model.
    pub root: String,
    /// `itemInfoEntries`, sorted by identifier.
    pub items: Vec<Item>,
}

/// An entry of the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The key, in most packages a random UUID.
    pub identifier: String,
    /// Who added it, as `com.apple.CoreML`; may be missing.
    pub author: Option<String>,
    /// What it is called, as `weights`; may be missing.
    pub name: Option<String>,
    /// A file or folder, relative to `Data/`.
    pub path: String,
}
