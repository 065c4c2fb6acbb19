//! The records of a zip that we write, as bytes.
//!
//! Everything is stored and dated 1980-01-01 00:00, files are 0644 and folders 0755, names are UTF-8. A value that
//! does not fit its 32 or 16 bits is all ones there and whole in the zip64 record, as the format has it.

use crate::number::wide;

/// An entry at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    /// In the entries that the caller gave.
    pub(super) index: usize,
    /// With the top folder; a folder's ends with `/`.
    pub(super) name: String,
    pub(super) size_bytes: u64,
    pub(super) crc32: u32,
    pub(super) header_at: u64,
}

const HEADER_BYTES: u64 = 30;
const ZIP64_SIZES_BYTES: u64 = 20;
const UTF8: u16 = 1 << 11;
const STORED: u16 = 0;
const TIME: u16 = 0;
/// Year 0 since 1980, month 1, day 1.
const DATE: u16 = 1 << 5 | 1;
/// The version of the format that knows folders, and the one that knows zip64.
const PLAIN: u16 = 20;
const ZIP64: u16 = 45;
/// Attributes are those of Unix.
const UNIX: u16 = 3 << 8;

impl Placed {
    /// Where its content begins.
    pub(super) fn content_at(&self) -> u64 {
        let extra = if self.has_wide_size() {
            ZIP64_SIZES_BYTES
        } else {
            0
        };
        self.header_at
            .saturating_add(HEADER_BYTES)
            .saturating_add(wide(self.name.len()))
            .saturating_add(extra)
    }

    /// Where the next entry begins.
    pub(super) fn ends_at(&self) -> u64 {
        self.content_at().saturating_add(self.size_bytes)
    }

    fn has_wide_size(&self) -> bool {
        self.size_bytes >= u32::MAX.into()
    }
}

/// The local header of an entry.
pub(super) fn header(entry: &Placed) -> Vec<u8> {
    let mut out = Vec::new();
    put32(&mut out, 0x0403_4b50);
    put16(&mut out, if entry.has_wide_size() { ZIP64 } else { PLAIN });
    common(&mut out, entry);
    put16(&mut out, if entry.has_wide_size() { 20 } else { 0 });
    out.extend_from_slice(entry.name.as_bytes());
    if entry.has_wide_size() {
        // Both sizes, even if one would fit: a local header has both or none.
        zip64_field(&mut out, &[entry.size_bytes, entry.size_bytes]);
    }
    out
}

/// The directory and the end records; `at` is where they begin.
pub(super) fn directory(entries: &[Placed], at: u64) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        directory_entry(&mut out, entry);
    }
    let directory_bytes = wide(out.len());
    let count = wide(entries.len());
    let full = u64::from(u32::MAX);
    if count >= u16::MAX.into() || directory_bytes >= full || at >= full {
        zip64_end(&mut out, count, directory_bytes, at);
    }
    put32(&mut out, 0x0605_4b50);
    put16(&mut out, 0);
    put16(&mut out, 0);
    put16(&mut out, narrow16(count));
    put16(&mut out, narrow16(count));
    put32(&mut out, narrow32(directory_bytes));
    put32(&mut out, narrow32(at));
    put16(&mut out, 0);
    out
}

fn directory_entry(out: &mut Vec<u8>, entry: &Placed) {
    let mut wide_values = Vec::new();
    if entry.has_wide_size() {
        wide_values.extend([entry.size_bytes, entry.size_bytes]);
    }
    if entry.header_at >= u32::MAX.into() {
        wide_values.push(entry.header_at);
    }
    let needs = if wide_values.is_empty() { PLAIN } else { ZIP64 };
    put32(out, 0x0201_4b50);
    put16(out, UNIX | needs);
    put16(out, needs);
    common(out, entry);
    let mut extra = Vec::new();
    if !wide_values.is_empty() {
        zip64_field(&mut extra, &wide_values);
    }
    put16(out, narrow16(wide(extra.len())));
    put16(out, 0); // comment
    put16(out, 0); // disk
    put16(out, 0); // internal attributes
    put32(
        out,
        if entry.name.ends_with('/') {
            0o040_755 << 16 | 0x10
        } else {
            0o100_644 << 16
        },
    );
    put32(out, narrow32(entry.header_at));
    out.extend_from_slice(entry.name.as_bytes());
    out.extend_from_slice(&extra);
}

/// What both headers have: flags to length of the name.
fn common(out: &mut Vec<u8>, entry: &Placed) {
    put16(out, UTF8);
    put16(out, STORED);
    put16(out, TIME);
    put16(out, DATE);
    put32(out, entry.crc32);
    put32(out, narrow32(entry.size_bytes));
    put32(out, narrow32(entry.size_bytes));
    put16(out, narrow16(wide(entry.name.len())));
}

fn zip64_field(out: &mut Vec<u8>, values: &[u64]) {
    put16(out, 1);
    put16(out, narrow16(wide(values.len()).saturating_mul(8)));
    for &value in values {
        put64(out, value);
    }
}

fn zip64_end(out: &mut Vec<u8>, count: u64, directory_bytes: u64, directory_at: u64) {
    let at = directory_at.saturating_add(directory_bytes);
    put32(out, 0x0606_4b50);
    put64(out, 44);
    put16(out, UNIX | ZIP64);
    put16(out, ZIP64);
    put32(out, 0);
    put32(out, 0);
    put64(out, count);
    put64(out, count);
    put64(out, directory_bytes);
    put64(out, directory_at);
    put32(out, 0x0706_4b50);
    put32(out, 0);
    put64(out, at);
    put32(out, 1);
}

fn narrow16(value: u64) -> u16 {
    u16::try_from(value).unwrap_or(u16::MAX)
}

fn narrow32(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn put16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}
