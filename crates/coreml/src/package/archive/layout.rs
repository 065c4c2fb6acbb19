//! The zip of a download, computed and not written: stored, sorted, dated 1980, in one top folder.
//!
//! Its bytes follow from names, lengths and CRCs alone, so that any range of it can be made without reading the files
//! before it, and the same revision is the same zip on every machine. Sizes, offsets and counts that do not fit the
//! old fields use zip64, and only those. It does not touch files: [`ZipLayout::segments`] says which bytes come next.

use std::ops::Range;

/// A file or folder of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZipEntry {
    /// The path in the package; with a `/` at its end, an empty folder.
    pub path: String,
    /// Length of its content.
    pub size_bytes: u64,
    /// CRC-32 of its content.
    pub crc32: u32,
}

/// A piece of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment {
    /// These bytes.
    Bytes(Vec<u8>),
    /// A range of a file's content.
    File {
        /// Which one, in the entries given to [`ZipLayout::new`].
        index: usize,
        /// Bytes of its content.
        range: Range<u64>,
    },
}

/// Where everything lies in the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZipLayout {
    length: u64,
}

impl ZipLayout {
    /// Lays out these entries below the folder `top`, sorted bytewise by path.
    pub fn new(_top: &str, _entries: &[ZipEntry]) -> Self {
        todo!()
    }

    /// Length of the archive in bytes.
    #[expect(
        clippy::len_without_is_empty,
        reason = "an archive is never empty: it has an end record"
    )]
    pub fn len(&self) -> u64 {
        self.length
    }

    /// The pieces of this range of the archive, in order; what lies beyond its end is left out.
    pub fn segments(&self, _range: Range<u64>) -> Vec<Segment> {
        todo!()
    }
}
