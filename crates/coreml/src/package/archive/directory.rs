//! The end record and the central directory: what an archive says about itself.
//!
//! The end record has to be at the very end, the directory has to end where it begins, and the directory has to have
//! exactly the entries that are counted: where readers could disagree about which directory counts, the archive is
//! refused. Nothing here looks at what the entries are called or hold; that is `verify`.

use super::extra::{self, Extra, Sizes};
use super::fields::{Fields, from};
use crate::error::{Error, Shown};
use crate::limits::{Limit, Limits};
use crate::number::wide;

const END: u32 = 0x0605_4b50;
const END_BYTES: usize = 22;
const ZIP64_LOCATOR: u32 = 0x0706_4b50;
const ZIP64_LOCATOR_BYTES: u64 = 20;
const ZIP64_END: u32 = 0x0606_4b50;
const RECORD: u32 = 0x0201_4b50;
const RECORD_BYTES: u64 = 46;
/// The newest version of the format, times ten.
const NEWEST: u16 = 63;

/// An entry of the central directory, as it stands there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc32: u32,
    pub(super) sizes: Sizes,
    pub(super) external_attributes: u32,
    pub(super) name: &'a [u8],
    pub(super) extra: Extra<'a>,
}

/// The directory and where it begins, which is where the entries end.
#[derive(Debug)]
pub(super) struct Directory<'a> {
    pub(super) records: Vec<Record<'a>>,
    pub(super) begins_at: u64,
}

/// What the end record or the zip64 end record says.
struct End {
    entries: u64,
    directory_bytes: u64,
    directory_at: u64,
    /// Where the first of the end records begins.
    begins_at: u64,
}

/// Reads the directory of an archive.
pub(super) fn read<'a>(
    zip: &'a [u8],
    place: &Shown,
    limits: &Limits,
) -> Result<Directory<'a>, Error> {
    let end = end(zip)?;
    if end.entries > limits.archive_entries {
        return Err(Error::TooMuch {
            limit: Limit::ArchiveEntries,
            place: place.clone(),
            found: end.entries,
            most: limits.archive_entries,
        });
    }
    if end.directory_at.checked_add(end.directory_bytes) != Some(end.begins_at) {
        return Err(bad(
            end.begins_at,
            "the directory does not end where the end record begins",
        ));
    }
    let mut fields = from(zip, end.directory_at).ok_or(bad(
        end.directory_at,
        "the directory begins beyond the file",
    ))?;
    let mut at = end.directory_at;
    let mut records = Vec::new();
    for _ in 0..end.entries {
        let before = wide(fields.0.len());
        if at.saturating_add(RECORD_BYTES) > end.begins_at {
            return Err(bad(
                at,
                "the end record counts more entries than the directory has",
            ));
        }
        records.push(record(&mut fields, at)?);
        at = at.saturating_add(before.saturating_sub(wide(fields.0.len())));
    }
    if at != end.begins_at {
        return Err(bad(
            at,
            "the directory has more than the entries that the end record counts",
        ));
    }
    Ok(Directory {
        records,
        begins_at: end.directory_at,
    })
}

/// Reads one entry; `at` is where it begins.
fn record<'a>(fields: &mut Fields<'a>, at: u64) -> Result<Record<'a>, Error> {
    let cut = || bad(at, "the directory is cut in an entry");
    let u16 = |fields: &mut Fields<'a>| fields.u16().ok_or_else(cut);
    if fields.u32() != Some(RECORD) {
        return Err(bad(at, "there is no entry of the directory"));
    }
    let (_made_by, needs) = (u16(fields)?, u16(fields)?);
    let (flags, method) = (u16(fields)?, u16(fields)?);
    let (_time, _date) = (u16(fields)?, u16(fields)?);
    let (crc32, packed, unpacked) = three(fields).ok_or_else(cut)?;
    let (name, extra, comment) = (u16(fields)?, u16(fields)?, u16(fields)?);
    let disk = u16(fields)?;
    let _internal_attributes = u16(fields)?;
    let external_attributes = fields.u32().ok_or_else(cut)?;
    let header_at = fields.u32().ok_or_else(cut)?;
    let name = fields.bytes(name).ok_or_else(cut)?;
    let extra = fields.bytes(extra).ok_or_else(cut)?;
    fields.bytes(comment).ok_or_else(cut)?;
    if disk != 0 && disk != u16::MAX {
        return Err(Error::ZipUnsupported {
            place: name.into(),
            why: "it is on disk",
            number: disk.into(),
        });
    }
    if needs & 0xff > NEWEST {
        return Err(Error::ZipUnsupported {
            place: name.into(),
            why: "it needs version",
            number: needs.into(),
        });
    }
    let entry = |why| Error::ZipEntry {
        place: name.into(),
        why,
    };
    let extra = extra::parse(extra).map_err(entry)?;
    let sizes = extra.sizes(unpacked, packed, header_at).map_err(entry)?;
    Ok(Record {
        flags,
        method,
        crc32,
        sizes,
        external_attributes,
        name,
        extra,
    })
}

fn three(fields: &mut Fields<'_>) -> Option<(u32, u32, u32)> {
    Some((fields.u32()?, fields.u32()?, fields.u32()?))
}

/// Finds and reads the end record, and the zip64 one when there is one.
fn end(zip: &[u8]) -> Result<End, Error> {
    let at = find_end(zip)?;
    let narrow = from(zip, at)
        .and_then(|fields| narrow_end(fields, at))
        .ok_or(bad(at, "the end record is cut or contradicts itself"))?;
    let (disk, end) = narrow;
    if disk != 0 && disk != u16::MAX {
        return Err(Error::ZipUnsupported {
            place: "the end record".into(),
            why: "it is on disk",
            number: disk.into(),
        });
    }
    let locator_at = at.saturating_sub(ZIP64_LOCATOR_BYTES);
    let mut locator = from(zip, locator_at).unwrap_or(Fields(&[]));
    if at < ZIP64_LOCATOR_BYTES || locator.u32() != Some(ZIP64_LOCATOR) {
        return Ok(end);
    }
    let cut = bad(locator_at, "the zip64 locator is cut");
    let (disk, zip64_at, disks) = zip64_locator(locator).ok_or(cut)?;
    if disk != 0 || disks > 1 {
        return Err(Error::ZipUnsupported {
            place: "the zip64 locator".into(),
            why: "it is for disk",
            number: disk.max(disks).into(),
        });
    }
    let wide = from(zip, zip64_at)
        .and_then(|fields| zip64_end(fields, zip64_at, locator_at))
        .ok_or(bad(
            locator_at,
            "the zip64 locator does not point at a zip64 end record before it",
        ))?;
    let agrees = |narrow: u64, full: u64, wide: u64| narrow == full || narrow == wide;
    let full32 = u64::from(u32::MAX);
    if agrees(end.entries, u16::MAX.into(), wide.entries)
        && agrees(end.directory_bytes, full32, wide.directory_bytes)
        && agrees(end.directory_at, full32, wide.directory_at)
    {
        Ok(wide)
    } else {
        Err(bad(at, "the two end records contradict each other"))
    }
}

/// The one end record whose comment reaches to the end of the file.
fn find_end(zip: &[u8]) -> Result<u64, Error> {
    let first = zip
        .len()
        .saturating_sub(END_BYTES.saturating_add(usize::from(u16::MAX)));
    let tail = zip.get(first..).unwrap_or_default();
    let mut found = None;
    for (offset, window) in tail.windows(END_BYTES).enumerate() {
        let comment = window
            .last_chunk()
            .map_or(0, |length| usize::from(u16::from_le_bytes(*length)));
        let reaches = offset.saturating_add(END_BYTES).saturating_add(comment);
        if window.starts_with(&END.to_le_bytes()) && reaches == tail.len() {
            let at = wide(first.saturating_add(offset));
            if found.is_some() {
                return Err(bad(at, "there are two end records"));
            }
            found = Some(at);
        }
    }
    found.ok_or(bad(
        wide(zip.len()),
        "the file does not end with a zip's end record",
    ))
}

fn narrow_end(mut fields: Fields<'_>, at: u64) -> Option<(u16, End)> {
    fields.u32()?;
    let (disk, directory_disk) = (fields.u16()?, fields.u16()?);
    let (here, entries) = (fields.u16()?, fields.u16()?);
    let (directory_bytes, directory_at) = (fields.u32()?, fields.u32()?);
    let disk = disk.max(directory_disk);
    // A split archive has fewer entries here than in all; one that is not split contradicts itself.
    if here != entries && disk == 0 {
        return None;
    }
    Some((
        disk,
        End {
            entries: entries.into(),
            directory_bytes: directory_bytes.into(),
            directory_at: directory_at.into(),
            begins_at: at,
        },
    ))
}

/// The disk and offset of the zip64 end record, and the number of disks.
fn zip64_locator(mut fields: Fields<'_>) -> Option<(u32, u64, u32)> {
    Some((fields.u32()?, fields.u64()?, fields.u32()?))
}

/// A zip64 end record that reaches exactly to its locator.
fn zip64_end(mut fields: Fields<'_>, at: u64, locator_at: u64) -> Option<End> {
    const BEFORE_LENGTH: u64 = 12;
    let signature = fields.u32()?;
    let length = fields.u64()?;
    let reaches = at.checked_add(BEFORE_LENGTH)?.checked_add(length)?;
    let (_made_by, _needs) = (fields.u16()?, fields.u16()?);
    let (disk, directory_disk) = (fields.u32()?, fields.u32()?);
    let (here, entries) = (fields.u64()?, fields.u64()?);
    let (directory_bytes, directory_at) = (fields.u64()?, fields.u64()?);
    let whole = signature == ZIP64_END && reaches == locator_at && length >= 44;
    let one_disk = disk == 0 && directory_disk == 0 && here == entries;
    (whole && one_disk).then_some(End {
        entries,
        directory_bytes,
        directory_at,
        begins_at: at,
    })
}

fn bad(offset: u64, why: &'static str) -> Error {
    Error::Zip { offset, why }
}
