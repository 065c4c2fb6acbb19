//! A package folder as a zip: in a file, or as a stream for an upload, with its digest.
//!
//! The bytes are those that the service makes for the same package: stored, sorted, fixed dates.

use std::io::Write as _;
use std::ops::Range;
use std::path::Path;

use bytes::Bytes;
use client::Chunks;
use coreml::archive::{Segment, ZipEntry, ZipLayout};
use coreml::{Mapped, Package};
use sha2::{Digest as _, Sha256};

use super::exit::Failure;

/// Bytes of one piece.
const PIECE_BYTES: usize = 256 * 1024;

/// A package, laid out as a zip.
#[derive(Debug, Clone)]
pub(crate) struct PackageZip {
    files: Vec<Mapped>,
    segments: Vec<Segment>,
    /// Bytes in all.
    pub(crate) size_bytes: u64,
}

impl PackageZip {
    /// Lays a package out below one top folder.
    pub(crate) fn new(package: &Package) -> Self {
        let mut entries: Vec<ZipEntry> = package
            .files()
            .iter()
            .map(|file| ZipEntry {
                path: file.path.clone(),
                size_bytes: file.size_bytes(),
                crc32: file.crc32(),
            })
            .collect();
        entries.extend(package.empty_folders().iter().map(|folder| ZipEntry {
            path: format!("{}/", folder.trim_end_matches('/')),
            size_bytes: 0,
            crc32: 0,
        }));
        let layout = ZipLayout::new(
            &format!("{}.{}", package.name(), package.kind().as_str()),
            &entries,
        );
        Self {
            files: package
                .files()
                .iter()
                .map(|file| file.bytes.clone())
                .collect(),
            segments: layout.segments(0..layout.len()),
            size_bytes: layout.len(),
        }
    }

    /// SHA-256 of the zip.
    pub(crate) fn sha256(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        self.pieces().for_each(|piece| hash.update(&piece));
        hash.finalize().into()
    }

    /// Writes the zip to a new file and makes it durable.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let write = || {
            let mut file = std::fs::File::create_new(path)?;
            self.pieces().try_for_each(|piece| file.write_all(&piece))?;
            file.sync_all()
        };
        write().map_err(|error: std::io::Error| Failure::file("write", path, &error))
    }

    /// The zip as a stream, from a byte on.
    pub(crate) fn chunks(&self, from: u64) -> Chunks {
        let mut skip = usize::try_from(from).unwrap_or(usize::MAX);
        let pieces = self.clone().into_pieces().filter_map(move |mut piece| {
            let skipped = skip.min(piece.len());
            skip -= skipped;
            drop(piece.split_to(skipped));
            (!piece.is_empty()).then_some(Ok(piece))
        });
        Box::pin(futures::stream::iter(pieces))
    }

    /// The zip in pieces.
    fn pieces(&self) -> impl Iterator<Item = Bytes> {
        self.clone().into_pieces()
    }

    /// The zip in pieces, which keep the maps alive.
    fn into_pieces(self) -> impl Iterator<Item = Bytes> + Send {
        let files = self.files;
        self.segments
            .into_iter()
            .flat_map(move |segment| match segment {
                Segment::Bytes(bytes) => split(Bytes::from(bytes)),
                Segment::File { index, range } => split(part(files.get(index), range)),
            })
    }
}

/// A range of a file; nothing where there is none, which the length of the transfer then shows.
fn part(file: Option<&Mapped>, range: Range<u64>) -> Bytes {
    let bounds = usize::try_from(range.start)
        .ok()
        .zip(usize::try_from(range.end).ok());
    match (file, bounds) {
        (Some(file), Some((start, end))) if start <= end && end <= file.len() => {
            Bytes::from_owner(file.clone()).slice(start..end)
        }
        _ => Bytes::new(),
    }
}

/// In pieces of at most [`PIECE_BYTES`].
fn split(mut bytes: Bytes) -> impl Iterator<Item = Bytes> + Send {
    std::iter::from_fn(move || {
        let size = bytes.len().min(PIECE_BYTES);
        (size > 0).then(|| bytes.split_to(size))
    })
}
