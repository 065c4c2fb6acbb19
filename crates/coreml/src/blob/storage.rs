//! Records of a weight file, read from mapped bytes.
//!
//! Layout (little-endian): a header of 64 bytes (`u32` number of records, `u32` version 2), then records at multiples
//! of 64: `u32` sentinel, `u32` type, `u64` size of the data, `u64` its offset in the file, `u64` unused bits of its
//! last byte, 32 zero bytes, data. Old writers leave garbage in the unused part, so it is not looked at; the unused
//! bits count only for elements smaller than a byte.

use super::BlobType;
use crate::number::wide;
use crate::{Error, Shown};

/// Records and their data begin at multiples of this.
pub const ALIGNMENT_BYTES: u64 = 64;
/// Bytes of the file's header, and of a record's.
pub const HEADER_BYTES: u64 = 64;

const SENTINEL: u32 = 0xdead_beef;
const VERSION: u32 = 2;

/// A weight file.
#[derive(Debug, Clone, Copy)]
pub struct Storage<'a> {
    path: &'a str,
    bytes: &'a [u8],
}

/// One record of a weight file, checked against the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// Where its header begins; the program names it by this.
    pub offset: u64,
    /// Element type.
    pub dtype: BlobType,
    /// Bytes of data.
    pub size_bytes: u64,
    /// Where the data begins.
    pub data_offset: u64,
    /// Unused high bits of the last byte; 0 for elements of whole bytes.
    pub padding_bits: u64,
}

impl Record {
    /// Number of elements, from the size and the unused bits.
    pub fn elements(&self) -> u64 {
        let bits = self
            .size_bytes
            .saturating_mul(8)
            .saturating_sub(self.padding_bits);
        bits.checked_div(u64::from(self.dtype.bits())).unwrap_or(0)
    }

    /// Where the data ends.
    pub fn end(&self) -> u64 {
        self.data_offset.saturating_add(self.size_bytes)
    }
}

impl<'a> Storage<'a> {
    /// A weight file from its bytes; `path` is for errors.
    ///
    /// # Errors
    /// [`Error::Blob`] where the header is cut off, of another version, or counts more records than fit.
    pub fn open(path: &'a str, bytes: &'a [u8]) -> Result<Self, Error> {
        let storage = Self { path, bytes };
        let Some(header) = bytes.first_chunk::<64>() else {
            return Err(storage.bad(0, "the header is cut off"));
        };
        let [c0, c1, c2, c3, v0, v1, v2, v3, ..] = *header;
        let version = u32::from_le_bytes([v0, v1, v2, v3]);
        if version != VERSION {
            return Err(storage.bad(
                4,
                format!("storage version {version}; only version 2 is known"),
            ));
        }
        let count = u32::from_le_bytes([c0, c1, c2, c3]);
        let room = wide(bytes.len())
            .saturating_sub(HEADER_BYTES)
            .div_ceil(ALIGNMENT_BYTES);
        if u64::from(count) > room {
            return Err(storage.bad(
                0,
                format!("the header counts {count} records, more than the file has room for"),
            ));
        }
        Ok(storage)
    }

    /// The record whose header begins at `offset`.
    ///
    /// # Errors
    /// [`Error::Blob`] where there is no record, or its parts do not lie in the file.
    pub fn record(&self, offset: u64) -> Result<Record, Error> {
        if offset < HEADER_BYTES || !offset.is_multiple_of(ALIGNMENT_BYTES) {
            return Err(self.bad(offset, "records begin at multiples of 64 after the header"));
        }
        let fields = self.header_fields(offset);
        let (sentinel, kind, size_bytes, data_offset, padding) =
            fields.ok_or_else(|| self.bad(offset, "the record lies beyond the end of the file"))?;
        if sentinel != SENTINEL {
            return Err(self.bad(offset, "no record begins here"));
        }
        let dtype = BlobType::from_number(kind)
            .ok_or_else(|| self.bad(offset, format!("the record has the unknown type {kind}")))?;
        let smallest = offset.saturating_add(HEADER_BYTES);
        if data_offset < smallest || !data_offset.is_multiple_of(ALIGNMENT_BYTES) {
            let why = format!(
                "its data begins at byte {data_offset}, which is not a multiple of 64 after the record"
            );
            return Err(self.bad(offset, why));
        }
        if data_offset
            .checked_add(size_bytes)
            .is_none_or(|end| end > wide(self.bytes.len()))
        {
            let why =
                format!("its data ({size_bytes} bytes at byte {data_offset}) ends beyond the file");
            return Err(self.bad(offset, why));
        }
        let padding_bits = if dtype.bits() < 8 { padding } else { 0 };
        if padding_bits >= 8 || (size_bytes == 0 && padding_bits > 0) {
            return Err(self.bad(
                offset,
                format!("{padding_bits} unused bits in the last byte"),
            ));
        }
        if !size_bytes.is_multiple_of(u64::from(dtype.bits().div_ceil(8))) {
            return Err(self.bad(
                offset,
                format!("{size_bytes} bytes are no whole number of elements"),
            ));
        }
        Ok(Record {
            offset,
            dtype,
            size_bytes,
            data_offset,
            padding_bits,
        })
    }

    /// The data of a record of this file; empty for a record of another one that lies beyond its end.
    pub fn data(&self, record: &Record) -> &'a [u8] {
        match (
            usize::try_from(record.data_offset),
            usize::try_from(record.end()),
        ) {
            (Ok(start), Ok(end)) => self.bytes.get(start..end).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Walks all records from the first on; each begins at the next multiple of 64 after the data before it.
    pub fn records(&self) -> Records<'a> {
        Records {
            storage: *self,
            offset: HEADER_BYTES,
        }
    }

    fn header_fields(&self, offset: u64) -> Option<(u32, u32, u64, u64, u64)> {
        let start = usize::try_from(offset).ok()?;
        let header = self.bytes.get(start..)?.first_chunk::<64>()?;
        let part = |at: usize| {
            header
                .get(at..)?
                .first_chunk::<8>()
                .map(|bytes| u64::from_le_bytes(*bytes))
        };
        let half = |at: usize| {
            header
                .get(at..)?
                .first_chunk::<4>()
                .map(|bytes| u32::from_le_bytes(*bytes))
        };
        Some((half(0)?, half(4)?, part(8)?, part(16)?, part(24)?))
    }

    fn bad(&self, offset: u64, why: impl Into<Shown>) -> Error {
        Error::Blob {
            place: self.path.into(),
            offset,
            why: why.into(),
        }
    }
}

/// Iterator over the records of a [`Storage`]; it ends after the first error.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    storage: Storage<'a>,
    offset: u64,
}

impl Iterator for Records<'_> {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.offset >= wide(self.storage.bytes.len()) {
            return None;
        }
        let record = self.storage.record(self.offset);
        self.offset = match &record {
            Ok(record) => record
                .end()
                .checked_next_multiple_of(ALIGNMENT_BYTES)
                .unwrap_or(u64::MAX),
            Err(_) => u64::MAX,
        };
        Some(record)
    }
}

/// The first 64 bytes of a weight file with `count` records.
pub fn file_header(count: u32) -> [u8; 64] {
    let mut header = [0; 64];
    put(&mut header, 0, &count.to_le_bytes());
    put(&mut header, 4, &VERSION.to_le_bytes());
    header
}

/// The 64 bytes before the data of a record that begins at `record_offset`; the data follows at once.
pub fn record_header(
    dtype: BlobType,
    size_bytes: u64,
    record_offset: u64,
    padding_bits: u64,
) -> [u8; 64] {
    let mut header = [0; 64];
    put(&mut header, 0, &SENTINEL.to_le_bytes());
    put(&mut header, 4, &dtype.number().to_le_bytes());
    put(&mut header, 8, &size_bytes.to_le_bytes());
    put(
        &mut header,
        16,
        &record_offset.saturating_add(HEADER_BYTES).to_le_bytes(),
    );
    put(&mut header, 24, &padding_bits.to_le_bytes());
    header
}

/// Unused bits of the last byte of `elements` elements of that type.
pub fn padding_bits(dtype: BlobType, elements: u64) -> u64 {
    u64::from(dtype.bits())
        .wrapping_mul(elements)
        .wrapping_neg()
        & 7
}

fn put(header: &mut [u8; 64], at: usize, bytes: &[u8]) {
    for (slot, byte) in header.iter_mut().skip(at).zip(bytes) {
        *slot = *byte;
    }
}
