//! Walks a checked model file by the tables of `proto/`: to find messages, and to write a form that does not depend on
//! the order in which an exporter happened to write maps.

use std::ops::Range;

use super::encode::{put_tag, put_varint};
use super::schema::{Kind, Message};
use super::{Field, WireType, fields};
use crate::Error;
use crate::number::wide;
use crate::spec::schema::MODEL;

/// Payload ranges of all messages of this name (as in `proto/`, for example `Value.BlobFileValue`), in file order.
///
/// # Errors
/// What the wire format refuses; nothing after [`super::check`].
pub fn find(bytes: &[u8], name: &str) -> Result<Vec<Range<usize>>, Error> {
    let mut found = Vec::new();
    let mut open = vec![(&MODEL, 0..bytes.len())];
    while let Some((message, range)) = open.pop() {
        if message.name == name {
            found.push(range.clone());
        }
        for field in fields(bytes, range) {
            let field = field?;
            if let Some(inner) = inner(message, &field) {
                open.push((inner, field.payload));
            }
        }
    }
    found.sort_by_key(|range| range.start);
    Ok(found)
}

/// The model file with fields in ascending order of their numbers and map entries in ascending order of their keys, at
/// every level that `proto/` knows; other bytes as they are. Entries of maps for which `drop` answers true (name of
/// the entry's message, key) are left out.
///
/// # Errors
/// What the wire format refuses; nothing after [`super::check`].
pub fn canonical(bytes: &[u8], drop: &dyn Fn(&str, &[u8]) -> bool) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(bytes.len());
    message(bytes, &MODEL, 0..bytes.len(), drop, &mut out)?;
    Ok(out)
}

/// Recursion is bounded by the depth that [`super::check`] allows.
fn message(
    bytes: &[u8],
    kind: &'static Message,
    range: Range<usize>,
    drop: &dyn Fn(&str, &[u8]) -> bool,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let mut records: Vec<(u32, &[u8], Vec<u8>)> = Vec::new();
    for field in fields(bytes, range) {
        let field = field?;
        let Some(inner) = inner(kind, &field) else {
            let record = bytes.get(field.record).unwrap_or_default();
            records.push((field.number, &[], record.to_vec()));
            continue;
        };
        let key = if inner.map_entry {
            key(bytes, field.payload.clone())?
        } else {
            &[]
        };
        if inner.map_entry && drop(inner.name, key) {
            continue;
        }
        let mut payload = Vec::new();
        message(bytes, inner, field.payload, drop, &mut payload)?;
        let mut record = Vec::with_capacity(payload.len().saturating_add(12));
        put_tag(field.number, WireType::Len, &mut record);
        put_varint(wide(payload.len()), &mut record);
        record.append(&mut payload);
        records.push((field.number, key, record));
    }
    // Stable: repeated fields keep their order, map entries (which have a key) are sorted by it.
    records.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    for (_, _, record) in records {
        out.extend_from_slice(&record);
    }
    Ok(())
}

fn inner(message: &Message, field: &Field) -> Option<&'static Message> {
    match (field.wire_type, message.field(field.number)?.1.kind) {
        (WireType::Len, Kind::Message(inner)) => Some(inner),
        _ => None,
    }
}

fn key(bytes: &[u8], entry: Range<usize>) -> Result<&[u8], Error> {
    for field in fields(bytes, entry) {
        let field = field?;
        if field.number == 1 {
            return Ok(bytes.get(field.payload).unwrap_or_default());
        }
    }
    Ok(&[])
}
