//! Local headers: each has to say what the directory says, and the entries have to fill the file without overlap.
//!
//! Readers that stream see the local headers, readers that seek see the directory; an archive that tells them
//! different things is refused. Entries begin at byte 0 and follow each other up to the directory, with nothing in
//! between but the data descriptor that the directory announces.

use std::ops::Range;

use super::directory::{Directory, Record};
use super::extra;
use super::fields::{Fields, from};
use crate::error::{Error, Shown};
use crate::map::Mapped;
use crate::number::wide;

const HEADER: u32 = 0x0403_4b50;
const DESCRIPTOR: u32 = 0x0807_4b50;

/// Flags in which both headers have to agree: encryption, sizes after the data, patches, strong encryption, UTF-8,
/// hidden headers.
const FLAGS: u16 = ENCRYPTED | SIZES_AFTER | PATCH | UTF8;
/// Encryption in its three forms.
pub(super) const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
/// The sizes are in a descriptor behind the data.
const SIZES_AFTER: u16 = 1 << 3;
/// Compressed patched data.
pub(super) const PATCH: u16 = 1 << 5;
/// The name is UTF-8.
const UTF8: u16 = 1 << 11;

/// Headers that are read between two releases of memory.
const RELEASE_EVERY: usize = 64;

/// Reads all local headers and answers where each entry's data lies, in the order of the directory.
pub(super) fn read(zip: &Mapped, directory: &Directory<'_>) -> Result<Vec<Range<u64>>, Error> {
    let mut order: Vec<(usize, &Record<'_>)> = directory.records.iter().enumerate().collect();
    order.sort_by_key(|(_, record)| record.sizes.header_at);
    let mut data = vec![0..0; order.len()];
    let mut expected_at = 0;
    let mut previous: &[u8] = b"";
    for (count, &(index, record)) in order.iter().enumerate() {
        let at = record.sizes.header_at;
        if at < expected_at {
            return Err(Error::ZipOverlap {
                place: record.name.into(),
                other: previous.into(),
            });
        }
        if at > expected_at {
            return Err(Error::Zip {
                offset: expected_at,
                why: "there are bytes that belong to no entry",
            });
        }
        let ends_at = order
            .get(count.saturating_add(1))
            .map_or(directory.begins_at, |(_, next)| next.sizes.header_at);
        let (range, end) = entry(zip, record, ends_at)?;
        if let Some(slot) = data.get_mut(index) {
            *slot = range;
        }
        (expected_at, previous) = (end, record.name);
        if count % RELEASE_EVERY == 0 {
            // The directory is touched again soon, the headers are not.
            zip.release(0..usize::try_from(end).unwrap_or(usize::MAX));
        }
    }
    if expected_at > directory.begins_at {
        return Err(Error::ZipOverlap {
            place: previous.into(),
            other: "the directory".into(),
        });
    }
    if expected_at < directory.begins_at {
        return Err(Error::Zip {
            offset: expected_at,
            why: "there are bytes that belong to no entry",
        });
    }
    Ok(data)
}

/// Compares one header; answers where the data lies and where the entry ends. `next_at` is where the next one begins.
fn entry(zip: &[u8], record: &Record<'_>, next_at: u64) -> Result<(Range<u64>, u64), Error> {
    let place = || Shown::from(record.name);
    let lies = |why| Error::ZipEntry {
        place: place(),
        why,
    };
    let at = record.sizes.header_at;
    let mut fields = from(zip, at).ok_or_else(|| lies("its header is beyond the file"))?;
    let whole_length = wide(fields.0.len());
    let local = local(&mut fields).ok_or_else(|| lies("its header is cut or not there"))?;
    if local.name != record.name {
        return Err(lies("its header has another name than the directory"));
    }
    if local.method != record.method || local.flags & FLAGS != record.flags & FLAGS {
        return Err(lies(
            "its header has another method or other flags than the directory",
        ));
    }
    let extra = extra::parse(local.extra).map_err(lies)?;
    let sizes = extra.sizes(local.unpacked, local.packed, 0).map_err(lies)?;
    let after = record.flags & SIZES_AFTER != 0;
    let agrees = |local: u64, directory: u64| local == directory || after && local == 0;
    if !agrees(local.crc32.into(), record.crc32.into())
        || !agrees(sizes.packed_bytes, record.sizes.packed_bytes)
        || !agrees(sizes.unpacked_bytes, record.sizes.unpacked_bytes)
    {
        return Err(lies(
            "its header has other sizes or another CRC-32 than the directory",
        ));
    }
    let header_bytes = whole_length.saturating_sub(wide(fields.0.len()));
    let begin = at.saturating_add(header_bytes);
    let end = begin
        .checked_add(record.sizes.packed_bytes)
        .filter(|&end| end <= wide(zip.len()));
    let end = end.ok_or_else(|| lies("its data goes beyond the file"))?;
    if !after {
        return Ok((begin..end, end));
    }
    // What lies between the data and the next entry has to be the descriptor, in one of its four forms.
    let gap = next_at
        .checked_sub(end)
        .and_then(|gap| u16::try_from(gap).ok());
    let descriptor = gap
        .and_then(|gap| from(zip, end)?.bytes(gap))
        .ok_or_else(|| lies("its data descriptor is not there"))?;
    if !describes(Fields(descriptor), record) {
        return Err(lies(
            "its data descriptor is missing or contradicts the directory",
        ));
    }
    Ok((begin..end, next_at))
}

struct Local<'a> {
    flags: u16,
    method: u16,
    crc32: u32,
    packed: u32,
    unpacked: u32,
    name: &'a [u8],
    extra: &'a [u8],
}

fn local<'a>(fields: &mut Fields<'a>) -> Option<Local<'a>> {
    if fields.u32()? != HEADER {
        return None;
    }
    let _needs = fields.u16()?;
    let (flags, method) = (fields.u16()?, fields.u16()?);
    let (_time, _date) = (fields.u16()?, fields.u16()?);
    let (crc32, packed, unpacked) = (fields.u32()?, fields.u32()?, fields.u32()?);
    let (name, extra) = (fields.u16()?, fields.u16()?);
    Some(Local {
        flags,
        method,
        crc32,
        packed,
        unpacked,
        name: fields.bytes(name)?,
        extra: fields.bytes(extra)?,
    })
}

/// Whether these bytes are a data descriptor, with or without signature and zip64, that says what the directory says.
fn describes(descriptor: Fields<'_>, record: &Record<'_>) -> bool {
    let says = |mut fields: Fields<'_>, is_wide: bool| {
        let crc32 = fields.u32()?;
        let mut size = || {
            if is_wide {
                fields.u64()
            } else {
                fields.u32().map(u64::from)
            }
        };
        let (packed, unpacked) = (size()?, size()?);
        let record = (
            record.crc32,
            record.sizes.packed_bytes,
            record.sizes.unpacked_bytes,
        );
        Some(fields.0.is_empty() && record == (crc32, packed, unpacked))
    };
    let (signature, is_wide) = match descriptor.0.len() {
        12 => (false, false),
        16 => (true, false),
        20 => (false, true),
        24 => (true, true),
        _ => return false,
    };
    let mut fields = descriptor;
    if signature && fields.u32() != Some(DESCRIPTOR) {
        return false;
    }
    says(fields, is_wide).unwrap_or(false)
}
