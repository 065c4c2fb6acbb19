//! The zip of a download, computed and not written: stored, sorted, dated 1980, in one top folder.
//!
//! Its bytes follow from names, lengths and CRCs alone, so that any range of it can be made without reading the files
//! before it, and the same revision is the same zip on every machine. Sizes, offsets and counts that do not fit the
//! old fields use zip64, and only those. It does not touch files: [`ZipLayout::segments`] says which bytes come next.

use std::ops::Range;

use super::records::{self, Placed};
use crate::number::wide;

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
    entries: Vec<Placed>,
    directory_at: u64,
    /// The directory and the end records.
    tail: Vec<u8>,
}

impl ZipLayout {
    /// Lays out these entries below the folder `top`, sorted bytewise by path; with an empty `top`, at the top level.
    ///
    /// Paths are those of an opened package or of rows made from one: different, and short enough for a zip.
    pub fn new(top: &str, entries: &[ZipEntry]) -> Self {
        let above = if top.is_empty() {
            String::new()
        } else {
            format!("{top}/")
        };
        let mut placed: Vec<Placed> = entries
            .iter()
            .enumerate()
            .map(|(index, entry)| Placed {
                index,
                name: format!("{above}{}", entry.path),
                size_bytes: entry.size_bytes,
                crc32: entry.crc32,
                header_at: 0,
            })
            .collect();
        placed.sort_by(|a, b| a.name.cmp(&b.name));
        let mut at = 0_u64;
        for entry in &mut placed {
            entry.header_at = at;
            at = entry.ends_at();
        }
        let tail = records::directory(&placed, at);
        Self {
            entries: placed,
            directory_at: at,
            tail,
        }
    }

    /// Length of the archive in bytes.
    #[expect(
        clippy::len_without_is_empty,
        reason = "an archive is never empty: it has an end record"
    )]
    pub fn len(&self) -> u64 {
        self.directory_at.saturating_add(wide(self.tail.len()))
    }

    /// The pieces of this range of the archive, in order; what lies beyond its end is left out.
    pub fn segments(&self, range: Range<u64>) -> Vec<Segment> {
        let mut segments = Vec::new();
        let first = self
            .entries
            .partition_point(|entry| entry.ends_at() <= range.start);
        let entries = self.entries.get(first..).unwrap_or_default();
        for entry in entries
            .iter()
            .take_while(|entry| entry.header_at < range.end)
        {
            push_bytes(
                &mut segments,
                &range,
                entry.header_at,
                &records::header(entry),
            );
            let content = overlap(&range, entry.content_at(), entry.size_bytes);
            if !content.is_empty() {
                segments.push(Segment::File {
                    index: entry.index,
                    range: content,
                });
            }
        }
        push_bytes(&mut segments, &range, self.directory_at, &self.tail);
        segments
    }
}

/// The part of `length` bytes at `at` that lies in the range, counted from `at`.
fn overlap(range: &Range<u64>, at: u64, length: u64) -> Range<u64> {
    range.start.saturating_sub(at)..range.end.saturating_sub(at).min(length)
}

/// Adds the part of these bytes that lies in the range, to the bytes before them if that is what they follow.
fn push_bytes(segments: &mut Vec<Segment>, range: &Range<u64>, at: u64, bytes: &[u8]) {
    let part = overlap(range, at, wide(bytes.len()));
    let (Ok(start), Ok(end)) = (usize::try_from(part.start), usize::try_from(part.end)) else {
        return;
    };
    match (bytes.get(start..end), segments.last_mut()) {
        (None | Some([]), _) => {}
        (Some(part), Some(Segment::Bytes(before))) => before.extend_from_slice(part),
        (Some(part), Some(Segment::File { .. }) | None) => {
            segments.push(Segment::Bytes(part.to_vec()));
        }
    }
}
