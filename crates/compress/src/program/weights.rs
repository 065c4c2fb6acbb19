//! A weight file rewritten: new records in the place of old ones, everything else as it stands.
//!
//! The old file is read from its map and the new one is streamed out. Ranges between replaced records are copied as
//! they are, records that nothing names included; only the absolute data offset in a moved record's header changes.
//! A file whose records are not laid out as coremltools lays them (data right behind its record, none overlapping) is
//! not taken apart: new records are appended and nothing is removed.

use std::io::{self, Seek, SeekFrom, Write};

use coreml::blob::{self, BlobType, Record};

use super::emit::Param;

/// Records start at multiples of this (blob storage version 2).
const ALIGNMENT: u64 = 64;

/// Where every old record that was kept now stands, and how the file ended.
#[derive(Debug)]
pub(crate) struct Rewriter<'a, W> {
    old: &'a [u8],
    out: W,
    /// Length of the new file so far.
    position: u64,
    /// Everything of the old file before this has been decided on.
    from: u64,
    /// Old ranges that were copied: start, end, where they went.
    moved: Vec<(u64, u64, u64)>,
    removed: u64,
    added: u64,
    /// All records of the old file by offset.
    records: Vec<Record>,
    /// Whether records may be taken out.
    regular: bool,
}

impl<'a, W: Write + Seek> Rewriter<'a, W> {
    /// Starts with the old header; `records` are all known records, sorted by offset.
    pub(crate) fn new(old: &'a [u8], records: Vec<Record>, mut out: W) -> io::Result<Self> {
        let regular = is_regular(&records);
        let header = old.len().min(64);
        out.write_all(&old[..header])?;
        Ok(Self {
            old,
            out,
            position: header as u64,
            from: header as u64,
            moved: Vec::new(),
            removed: 0,
            added: 0,
            records,
            regular,
        })
    }

    /// Copies everything up to the record and leaves the record itself out, where the file's layout allows.
    pub(crate) fn remove(&mut self, offset: u64) -> io::Result<()> {
        if !self.regular {
            return Ok(());
        }
        if let Ok(index) = self.records.binary_search_by_key(&offset, |r| r.offset) {
            self.copy_until(offset)?;
            self.from = self.end_of(index).max(self.from);
            self.removed += 1;
        }
        Ok(())
    }

    /// Copies everything up to and including the record, so that what is added next stands behind it.
    pub(crate) fn keep(&mut self, offset: u64) -> io::Result<()> {
        if !self.regular {
            return Ok(());
        }
        match self.records.binary_search_by_key(&offset, |r| r.offset) {
            Ok(index) => self.copy_until(self.end_of(index)),
            Err(_) => Ok(()),
        }
    }

    /// Copies all that is left of the old file.
    pub(crate) fn keep_rest(&mut self) -> io::Result<()> {
        self.copy_until(self.old.len() as u64)
    }

    /// Appends a record and returns its offset.
    pub(crate) fn add(&mut self, param: &Param) -> io::Result<u64> {
        if !self.regular {
            self.keep_rest()?;
        }
        self.pad()?;
        let offset = self.position;
        let data = param.data.bytes();
        let Some(kind) = BlobType::of(param.dtype) else {
            return Err(io::Error::other("a type that blobs cannot hold"));
        };
        let padding_bits = blob::padding_bits(kind, param.elements());
        let header = blob::record_header(kind, data.len() as u64, offset, padding_bits);
        self.write(&header)?;
        self.write(&data)?;
        self.added += 1;
        Ok(offset)
    }

    /// Ends the file: the rest is copied, the record count is mended.
    pub(crate) fn finish(mut self) -> io::Result<Moves> {
        self.keep_rest()?;
        if self.removed != 0 || self.added != 0 {
            let old_count = self
                .old
                .first_chunk::<4>()
                .map_or(0, |c| u32::from_le_bytes(*c));
            let count = u64::from(old_count) + self.added - self.removed.min(u64::from(old_count));
            self.out.seek(SeekFrom::Start(0))?;
            self.out
                .write_all(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes())?;
        }
        self.out.flush()?;
        Ok(Moves {
            moved: self.moved,
            length: self.position,
        })
    }

    fn end_of(&self, index: usize) -> u64 {
        let record = &self.records[index];
        let end = record.data_offset + record.size_bytes;
        end.next_multiple_of(ALIGNMENT).min(self.old.len() as u64)
    }

    fn copy_until(&mut self, end: u64) -> io::Result<()> {
        if end <= self.from {
            return Ok(());
        }
        self.pad()?;
        let (start, target) = (self.from, self.position);
        let mut at = start;
        if start != target {
            // Moved records carry the absolute offset of their data.
            let first = self.records.partition_point(|r| r.offset < start);
            let moved: Vec<u64> = self.records[first..]
                .iter()
                .map(|r| r.offset)
                .take_while(|o| *o < end)
                .collect();
            for offset in moved {
                self.write_old(at, offset + 16)?;
                self.write(&(offset - start + target + ALIGNMENT).to_le_bytes())?;
                at = offset + 24;
            }
        }
        self.write_old(at, end)?;
        self.moved.push((start, end, target));
        self.from = end;
        Ok(())
    }

    fn write_old(&mut self, from: u64, to: u64) -> io::Result<()> {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "offsets inside a mapped file"
        )]
        let bytes = &self.old[from as usize..to as usize];
        self.write(bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.position += bytes.len() as u64;
        Ok(())
    }

    fn pad(&mut self) -> io::Result<()> {
        let gap = self.position.next_multiple_of(ALIGNMENT) - self.position;
        #[expect(clippy::cast_possible_truncation, reason = "below 64")]
        self.write(&[0; ALIGNMENT as usize][..gap as usize])
    }
}

fn is_regular(records: &[Record]) -> bool {
    let own_data = records
        .iter()
        .all(|r| r.data_offset == r.offset + ALIGNMENT && r.offset % ALIGNMENT == 0);
    own_data
        && records
            .windows(2)
            .all(|pair| pair[0].data_offset + pair[0].size_bytes <= pair[1].offset)
}

/// Where old records went.
#[derive(Debug)]
pub(crate) struct Moves {
    moved: Vec<(u64, u64, u64)>,
    /// Length of the new file in bytes.
    pub(crate) length: u64,
}

impl Moves {
    /// The new offset of a record that was kept.
    pub(crate) fn offset(&self, old: u64) -> u64 {
        let index = self.moved.partition_point(|(start, ..)| *start <= old);
        match index.checked_sub(1).map(|i| self.moved[i]) {
            Some((start, end, target)) if old < end => old - start + target,
            Some(_) | None => old,
        }
    }
}
