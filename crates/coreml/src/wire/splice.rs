//! Changes records of a message and leaves every other byte as it is.
//!
//! Lengths of the messages around a change are written anew; nothing else is encoded, so unknown fields, their order
//! and odd but valid encodings elsewhere survive. The schema is not needed: an edit names its place by offsets.

use std::ops::Range;

use super::encode::{put_tag, put_varint};
use super::fields::{Field, WireType, fields};
use crate::Error;
use crate::number::wide;

/// One change: some whole records of one message become other bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// One or more whole, adjacent records (tag, length, payload) of one message. An empty range inserts: before the
    /// record that begins there or, where none does, at the end of the message; of several messages the outermost.
    pub record: Range<usize>,
    /// What stands there afterwards: whole records, or nothing.
    pub replacement: Vec<u8>,
}

/// `bytes` with all `edits` made. They must be sorted and must not overlap.
///
/// # Errors
/// [`Error::Splice`] where an edit does not begin and end at records of one message, or edits overlap.
pub fn splice(bytes: &[u8], edits: &[Edit]) -> Result<Vec<u8>, Error> {
    let ordered = edits.windows(2).all(|pair| match pair {
        [a, b] => a.record.end <= b.record.start,
        _ => true,
    });
    if !ordered
        || edits
            .iter()
            .any(|edit| edit.record.end > bytes.len() || edit.record.start > edit.record.end)
    {
        return Err(Error::Splice {
            offset: edits.first().map_or(0, |edit| wide(edit.record.start)),
        });
    }
    let added = edits.iter().fold(0usize, |sum, edit| {
        sum.saturating_add(edit.replacement.len())
    });
    let mut out = Vec::with_capacity(bytes.len().saturating_add(added));
    message(bytes, 0..bytes.len(), edits, &mut out)?;
    Ok(out)
}

/// Copies the message at `range` with its edits. Depth is that of the edits' places, which a decoder has bounded.
fn message(
    bytes: &[u8],
    range: Range<usize>,
    mut edits: &[Edit],
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let mut copied = range.start;
    for field in fields(bytes, range.clone()) {
        let field = field?;
        if field.record.start < copied {
            // Inside an edit that was made already.
            if field.record.end > copied {
                return Err(misplaced(field.record.start));
            }
            continue;
        }
        while let Some((edit, rest)) = edits.split_first()
            && edit.record.start == field.record.start
            && copied <= field.record.start
        {
            out.extend_from_slice(bytes.get(copied..edit.record.start).unwrap_or_default());
            out.extend_from_slice(&edit.replacement);
            copied = edit.record.end;
            edits = rest;
        }
        if field.record.start < copied {
            if field.record.end > copied {
                return Err(misplaced(field.record.start));
            }
            continue;
        }
        let inside = edits
            .iter()
            .take_while(|edit| edit.record.start < field.record.end)
            .count();
        if let Some((inner, rest)) = edits.split_at_checked(inside).filter(|_| inside > 0) {
            out.extend_from_slice(bytes.get(copied..field.record.start).unwrap_or_default());
            nested(bytes, &field, inner, out)?;
            copied = field.record.end;
            edits = rest;
        } else if edits.is_empty() {
            break;
        }
    }
    for edit in edits {
        if edit.record != (range.end..range.end) {
            return Err(misplaced(edit.record.start));
        }
        out.extend_from_slice(bytes.get(copied..range.end).unwrap_or_default());
        copied = range.end;
        out.extend_from_slice(&edit.replacement);
    }
    if copied > range.end {
        return Err(misplaced(copied));
    }
    out.extend_from_slice(bytes.get(copied..range.end).unwrap_or_default());
    Ok(())
}

/// Writes a field whose payload is a message with edits in it.
fn nested(bytes: &[u8], field: &Field, edits: &[Edit], out: &mut Vec<u8>) -> Result<(), Error> {
    let fits = |edit: &Edit| {
        edit.record.start >= field.payload.start && edit.record.end <= field.payload.end
    };
    if field.wire_type != WireType::Len || !edits.iter().all(fits) {
        return Err(misplaced(field.record.start));
    }
    let mut payload = Vec::with_capacity(field.payload.len());
    message(bytes, field.payload.clone(), edits, &mut payload)?;
    if payload.len() == field.payload.len() {
        // The length stays as it was written, even where it was written with more bytes than needed.
        out.extend_from_slice(
            bytes
                .get(field.record.start..field.payload.start)
                .unwrap_or_default(),
        );
    } else {
        put_tag(field.number, WireType::Len, out);
        put_varint(wide(payload.len()), out);
    }
    out.extend_from_slice(&payload);
    Ok(())
}

fn misplaced(offset: usize) -> Error {
    Error::Splice {
        offset: wide(offset),
    }
}
