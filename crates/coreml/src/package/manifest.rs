//! `Manifest.json`: which file of a package is the model, and what the others are.
//!
//! It is followed, never assumed: the root model may have any name, and items that we do not know are kept. A key
//! that is there twice is refused, since readers disagree about which one counts. It only reads; a rewritten package
//! keeps its manifest byte by byte.

use serde_json::Deserializer;

use super::json::{Json, nesting};
use super::path;
use crate::error::{Error, Shown};
use crate::limits::{Limit, Limits};
use crate::number::wide;

/// Where the manifest lies in a package.
pub(crate) const MANIFEST: &str = "Manifest.json";

/// The folder that items' paths are relative to.
const DATA: &str = "Data";

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
    /// The file or folder, relative to the package: `Data/` and the manifest's path.
    pub path: String,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// When it is not JSON, not a manifest, of another major version, or passes a limit.
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        let json = parse_json(bytes, limits)?;
        let Json::Object(mut top) = json else {
            return Err(bad(MANIFEST, "it is not a JSON object"));
        };
        let format_version = text(top.remove("fileFormatVersion"), "fileFormatVersion")?;
        check_version(&format_version)?;
        let root = text(top.remove("rootModelIdentifier"), "rootModelIdentifier")?;
        let entries = match top.remove("itemInfoEntries") {
            Some(Json::Object(entries)) => entries,
            Some(_) => return Err(bad("itemInfoEntries", "it is not an object")),
            None => return Err(bad("itemInfoEntries", "it is missing")),
        };
        let count = wide(entries.len());
        if count > limits.manifest_items {
            return Err(Error::TooMuch {
                limit: Limit::ManifestItems,
                place: MANIFEST.into(),
                found: count,
                most: limits.manifest_items,
            });
        }
        let items = entries
            .into_iter()
            .map(|(identifier, entry)| item(identifier, entry, limits))
            .collect::<Result<Vec<_>, _>>()?;
        let manifest = Self {
            format_version,
            root,
            items,
        };
        if manifest.root_item().is_none() {
            return Err(bad(
                "rootModelIdentifier",
                format!("no item has the identifier {}", Shown::from(&manifest.root)),
            ));
        }
        Ok(manifest)
    }

    /// The item with the weights, as coremltools finds it.
    pub fn weights_item(&self) -> Option<&Item> {
        let is = |item: &&Item| {
            item.name.as_deref() == Some("weights")
                && item.author.as_deref() == Some("com.apple.CoreML")
        };
        self.items.iter().find(is)
    }

    /// The item that is the model; a parsed manifest has one.
    pub fn root_item(&self) -> Option<&Item> {
        self.items.iter().find(|item| item.identifier == self.root)
    }
}

fn parse_json(bytes: &[u8], limits: &Limits) -> Result<Json, Error> {
    let too_much = |limit, found, most| Error::TooMuch {
        limit,
        place: MANIFEST.into(),
        found,
        most,
    };
    if wide(bytes.len()) > limits.manifest_bytes {
        return Err(too_much(
            Limit::ManifestBytes,
            wide(bytes.len()),
            limits.manifest_bytes,
        ));
    }
    // serde_json refuses more than 127 levels on its own; ours comes first, so that it can say its name.
    let most = limits.manifest_depth.min(100);
    let depth = nesting(bytes);
    if depth > most {
        return Err(too_much(Limit::ManifestDepth, depth, most));
    }
    let not_json = |error: serde_json::Error| bad(MANIFEST, format!("not JSON: {error}"));
    let mut deserializer = Deserializer::from_slice(bytes);
    let json = serde::Deserialize::deserialize(&mut deserializer).map_err(not_json)?;
    deserializer.end().map_err(not_json)?;
    Ok(json)
}

fn item(identifier: String, entry: Json, limits: &Limits) -> Result<Item, Error> {
    let Json::Object(mut entry) = entry else {
        return Err(bad(&identifier, "the item is not an object"));
    };
    let optional = |value: Option<Json>, key: &str| match value {
        Some(value) => text(Some(value), &format!("{identifier}.{key}")).map(Some),
        None => Ok(None),
    };
    let author = optional(entry.remove("author"), "author")?;
    let name = optional(entry.remove("name"), "name")?;
    let relative = text(entry.remove("path"), &format!("{identifier}.path"))?;
    // A folder may be written with a slash at its end.
    let trimmed = relative.strip_suffix('/').unwrap_or(&relative);
    path::check(trimmed, limits)?;
    let path = format!("{DATA}/{trimmed}");
    Ok(Item {
        identifier,
        author,
        name,
        path,
    })
}

fn text(value: Option<Json>, key: &str) -> Result<String, Error> {
    match value {
        Some(Json::Text(text)) => Ok(text),
        Some(Json::Object(_) | Json::Other) => Err(bad(key, "it is not a string")),
        None => Err(bad(key, "it is missing")),
    }
}

fn check_version(version: &str) -> Result<(), Error> {
    let parts: Option<Vec<u64>> = version.split('.').map(|part| part.parse().ok()).collect();
    match parts.as_deref() {
        Some([1, ..]) => Ok(()),
        Some(_) => Err(Error::ManifestVersion {
            found: version.into(),
        }),
        None => Err(bad(
            "fileFormatVersion",
            format!("{} is not a version", Shown::from(version)),
        )),
    }
}

fn bad(place: &str, why: impl Into<Shown>) -> Error {
    Error::Manifest {
        place: place.into(),
        why: why.into(),
    }
}
