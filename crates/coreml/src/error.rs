//! The one error of this crate: what was wrong, where, and why, in a line that is safe to print.
//!
//! Names and paths come out of hostile files, so variants hold them as [`Shown`]: escaped and cut when the error is
//! made, not when it is printed. A new variant therefore needs a `#[error("WHAT: {place}: WHY")]` line and an arm in
//! [`Error::class`], nothing more. An operating system's reason is part of the line and not a `source`, so that the
//! line is complete wherever it is printed and nobody prints it twice.
//!
//! Exit statuses and HTTP codes are deliberately not here: the callers map [`Class`].

use std::fmt;
use std::io;
use std::path::Path;

use crate::limits::Limit;

/// What a caller has to know about an error to answer for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The file is malformed or hostile; nobody could open it.
    Malformed,
    /// The file is in order, but needs something that this version does not know.
    Unsupported,
    /// The file system failed, or the path does not exist; the file may be in order.
    Io,
}

/// Everything that can be wrong with a package, one variant each.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused.
    #[error("cannot {doing}: {place}: {why}")]
    Io {
        /// A verb: "read", "create", "write".
        doing: &'static str,
        /// The file or folder.
        place: Shown,
        /// The reason the operating system gave.
        why: io::Error,
    },
    /// The path that the caller named does not exist.
    #[error("no such file or folder: {place}")]
    NotFound {
        /// The path as it was given.
        place: Shown,
    },
    /// The path that a result should get is taken.
    #[error("exists already: {place}: it would be overwritten")]
    Exists {
        /// The path as it was given.
        place: Shown,
    },
    /// Neither a folder, nor a zip, nor the beginning of a model.
    #[error("not a Core ML package: {place}: {why}")]
    NotAPackage {
        /// The path as it was given.
        place: Shown,
        /// What was found instead.
        why: &'static str,
    },
    /// A limit was passed.
    #[error("{}: {place}: {found} {}, at most {most} (limits.{})", limit.exceeded(), limit.unit(), limit.key())]
    TooMuch {
        /// Which one.
        limit: Limit,
        /// File, entry, function or operation.
        place: Shown,
        /// What the input has or claims to have; for a counter that stops early, where it stopped.
        found: u64,
        /// What is allowed.
        most: u64,
    },
    /// A path that could leave the package or that readers understand differently.
    #[error("unsafe path: {place}: {why}")]
    UnsafePath {
        /// The path.
        place: Shown,
        /// Which rule it breaks.
        why: &'static str,
    },
    /// A symbolic link; links are refused everywhere.
    #[error("a link: {place}: packages must not contain links")]
    Link {
        /// The path.
        place: Shown,
    },
    /// A device, socket or pipe.
    #[error(
        "neither a file nor a folder: {place}: packages must not contain devices, sockets or pipes"
    )]
    SpecialFile {
        /// The path.
        place: Shown,
    },
    /// Two names that some reader takes for the same one.
    #[error("conflicting names: {place}: {why} {other}")]
    Conflict {
        /// The later name.
        place: Shown,
        /// How they conflict: "is the same name as".
        why: &'static str,
        /// The earlier name.
        other: Shown,
    },
    /// The manifest is missing, not JSON, or not a manifest.
    #[error("bad manifest: {place}: {why}")]
    Manifest {
        /// The manifest's path, or the key in it.
        place: Shown,
        /// What is wrong.
        why: Shown,
    },
    /// A manifest of another major version.
    #[error("unsupported manifest: fileFormatVersion {found}: this version reads 1.x")]
    ManifestVersion {
        /// The version found.
        found: Shown,
    },
    /// The manifest's root is not a file of the package.
    #[error("no root model: {place}: {why}")]
    NoModel {
        /// The path that the manifest names.
        place: Shown,
        /// What is there instead.
        why: &'static str,
    },
    /// A blob reference that names no weight file of the package.
    #[error("bad blob file: {place}: {why}")]
    BlobReference {
        /// The reference as the program has it.
        place: Shown,
        /// Which rule it breaks.
        why: &'static str,
    },
    /// The zip's end record, directory or a header is broken.
    #[error("bad zip: byte {offset}: {why}")]
    Zip {
        /// Byte offset in the archive.
        offset: u64,
        /// What is wrong.
        why: &'static str,
    },
    /// An entry contradicts itself or its data.
    #[error("bad zip entry: {place}: {why}")]
    ZipEntry {
        /// The entry's name.
        place: Shown,
        /// What is wrong.
        why: &'static str,
    },
    /// Two entries claim the same bytes.
    #[error("overlapping zip entries: {place}: its bytes are also those of {other}")]
    ZipOverlap {
        /// One entry.
        place: Shown,
        /// The other.
        other: Shown,
    },
    /// An encrypted entry.
    #[error("encrypted zip entry: {place}: encrypted archives cannot be read")]
    ZipEncrypted {
        /// The entry's name.
        place: Shown,
    },
    /// A compression method other than stored and deflate, or an archive in several parts.
    #[error(
        "unsupported zip: {place}: {why} {number}; only stored and deflated entries in one file are read"
    )]
    ZipUnsupported {
        /// The entry's name, or the record.
        place: Shown,
        /// "compression method", "disk".
        why: &'static str,
        /// The method or disk.
        number: u64,
    },
    /// A zip without a package in it.
    #[error("no package in the zip: {place}: no folder in it has a Manifest.json")]
    ZipNoPackage {
        /// The archive.
        place: Shown,
    },
    /// A zip with several packages in it.
    #[error("several packages in the zip: {place}: also {other}; send them one by one")]
    ZipManyPackages {
        /// One package.
        place: Shown,
        /// Another.
        other: Shown,
    },
    /// The model file is no protobuf message, or breaks a rule of `proto/`.
    #[error("bad model file: byte {offset} in {place}: {why}")]
    Wire {
        /// Byte offset in the model file.
        offset: u64,
        /// The message it is in.
        place: &'static str,
        /// What is wrong.
        why: Shown,
    },
    /// An edit of a model file does not fit its records; a fault of the caller, never of the input.
    #[error(
        "cannot change the model file: byte {offset}: the edit does not begin and end at fields of one message"
    )]
    Splice {
        /// Where the edit begins.
        offset: u64,
    },
    /// The model file is in order, but of a version or kind that is not known.
    #[error("unsupported model: {place}: {why}")]
    UnsupportedModel {
        /// What it has.
        place: Shown,
        /// What is known instead.
        why: Shown,
    },
    /// A specification version that never was, no model, or parts of the model file that contradict each other.
    #[error("bad model: {place}: {why}")]
    Model {
        /// The part.
        place: Shown,
        /// What is wrong.
        why: Shown,
    },
    /// A name that is empty, too long, holds control characters, or is defined twice.
    #[error("bad name: {place}: {why}")]
    Name {
        /// Function and operation.
        place: Shown,
        /// What is wrong, with the name.
        why: Shown,
    },
    /// A name that nothing defines before it is used.
    #[error("undefined name: {place}: {why}")]
    Undefined {
        /// Function and operation.
        place: Shown,
        /// The name and where it is used.
        why: Shown,
    },
    /// An operation or block whose parts do not fit each other.
    #[error("bad operation: {place}: {why}")]
    Operation {
        /// Function and operation.
        place: Shown,
        /// What is wrong.
        why: Shown,
    },
    /// A constant whose type, shape and data do not fit each other.
    #[error("bad value: {place}: {why}")]
    Value {
        /// Function and operation.
        place: Shown,
        /// What is wrong.
        why: Shown,
    },
    /// Parameters of a compressed weight that do not fit each other.
    #[error("bad compressed weight: {place}: {why}")]
    Constexpr {
        /// Function and operation.
        place: Shown,
        /// Which parameter and what is wrong.
        why: Shown,
    },
    /// The description's features are not those of the program.
    #[error("bad description: {place}: {why}")]
    Feature {
        /// Function and feature.
        place: Shown,
        /// What is wrong.
        why: Shown,
    },
    /// A weight file that is no blob storage, or a record in it that is broken.
    #[error("bad weight file: {place} byte {offset}: {why}")]
    Blob {
        /// The weight file.
        place: Shown,
        /// Byte offset in it.
        offset: u64,
        /// What is wrong.
        why: Shown,
    },
    /// Two records of a weight file that claim the same bytes.
    #[error(
        "overlapping weights: {place} byte {offset}: the record at byte {other} takes the same bytes"
    )]
    BlobOverlap {
        /// The weight file.
        place: Shown,
        /// One record.
        offset: u64,
        /// The other.
        other: u64,
    },
    /// A layer of a neural network whose weights do not fit its sizes.
    #[error("bad layer: {place}: {why}")]
    Layer {
        /// The layer.
        place: Shown,
        /// What is wrong.
        why: Shown,
    },
}

impl Error {
    /// What the caller has to answer for.
    pub fn class(&self) -> Class {
        match self {
            Self::Io { .. } | Self::NotFound { .. } | Self::Exists { .. } => Class::Io,
            Self::ManifestVersion { .. }
            | Self::ZipUnsupported { .. }
            | Self::UnsupportedModel { .. } => Class::Unsupported,
            Self::NotAPackage { .. }
            | Self::TooMuch { .. }
            | Self::UnsafePath { .. }
            | Self::Link { .. }
            | Self::SpecialFile { .. }
            | Self::Conflict { .. }
            | Self::Manifest { .. }
            | Self::NoModel { .. }
            | Self::BlobReference { .. }
            | Self::Zip { .. }
            | Self::ZipEntry { .. }
            | Self::ZipOverlap { .. }
            | Self::ZipEncrypted { .. }
            | Self::ZipNoPackage { .. }
            | Self::ZipManyPackages { .. }
            | Self::Wire { .. }
            | Self::Splice { .. }
            | Self::Model { .. }
            | Self::Name { .. }
            | Self::Undefined { .. }
            | Self::Operation { .. }
            | Self::Value { .. }
            | Self::Constexpr { .. }
            | Self::Feature { .. }
            | Self::Blob { .. }
            | Self::BlobOverlap { .. }
            | Self::Layer { .. } => Class::Malformed,
        }
    }

    /// An error of the operating system, with what was being done to what; for `map_err`.
    pub fn io(doing: &'static str, place: impl Into<Shown>) -> impl FnOnce(io::Error) -> Self {
        move |why| Self::Io {
            doing,
            place: place.into(),
            why,
        }
    }
}

/// Text out of an input, made safe to print: control and direction characters escaped, the middle of long text cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown(String);

/// Characters kept at the front of a long text, and at its end; paths differ at both ends.
const KEPT_FRONT: usize = 110;
const KEPT_BACK: usize = 60;

impl Shown {
    /// The escaped text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Shown {
    fn from(text: &str) -> Self {
        let mut out = String::new();
        let most = KEPT_FRONT.saturating_add(KEPT_BACK);
        if text.chars().nth(most).is_none() {
            escape_into(text.chars(), &mut out);
        } else {
            escape_into(text.chars().take(KEPT_FRONT), &mut out);
            out.push('…');
            let mut back: Vec<char> = text.chars().rev().take(KEPT_BACK).collect();
            back.reverse();
            escape_into(back.into_iter(), &mut out);
        }
        Self(out)
    }
}

impl From<String> for Shown {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&String> for Shown {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&Path> for Shown {
    fn from(path: &Path) -> Self {
        Self::from(path.to_string_lossy().as_ref())
    }
}

impl From<&[u8]> for Shown {
    fn from(bytes: &[u8]) -> Self {
        Self::from(String::from_utf8_lossy(bytes).as_ref())
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn escape_into(text: impl Iterator<Item = char>, out: &mut String) {
    for c in text {
        if c.is_control() || changes_layout(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
}

/// Line separators, direction overrides and invisible characters, with which a name can pretend to be another.
fn changes_layout(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}
