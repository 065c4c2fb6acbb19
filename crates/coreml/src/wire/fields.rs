//! One level of a message, field by field, without looking into the payloads.
//!
//! Everything is checked that one level can show: varints of at most ten bytes that fit 64 bits, field numbers from 1
//! to 2^29-1, known wire types, lengths inside the message, groups that end where they should. Groups are skipped with
//! a counter, not with recursion.

use std::ops::Range;

use crate::Error;
use crate::number::wide;

/// Groups inside each other that are followed; deeper ones are refused as malformed.
const GROUP_DEPTH: usize = 64;

/// How a payload is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireType {
    /// A varint.
    Varint,
    /// Eight bytes.
    Fixed64,
    /// A length and as many bytes.
    Len,
    /// A group, from its start tag to its end tag.
    Group,
    /// Four bytes.
    Fixed32,
}

impl WireType {
    /// The number in the tag.
    pub fn number(self) -> u64 {
        match self {
            Self::Varint => 0,
            Self::Fixed64 => 1,
            Self::Len => 2,
            Self::Group => 3,
            Self::Fixed32 => 5,
        }
    }
}

/// One field of a message. Ranges are offsets in the whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Field number.
    pub number: u32,
    /// How the payload is delimited.
    pub wire_type: WireType,
    /// Tag, length and payload.
    pub record: Range<usize>,
    /// The payload alone; of a group, what is between its tags.
    pub payload: Range<usize>,
    /// The value of a varint, 0 for other wire types.
    pub value: u64,
}

/// Iterator over the fields of one message; it ends after the first error.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    bytes: &'a [u8],
    position: usize,
    end: usize,
    /// Name of the message, for errors.
    name: &'static str,
}

/// The fields of the message that takes `range` of `bytes`. A range outside `bytes` has no fields.
pub fn fields(bytes: &[u8], range: Range<usize>) -> Fields<'_> {
    named_fields(bytes, range, "message")
}

/// [`fields`] with the name that errors give the message.
pub(super) fn named_fields<'a>(
    bytes: &'a [u8],
    range: Range<usize>,
    name: &'static str,
) -> Fields<'a> {
    let end = range.end.min(bytes.len());
    Fields {
        bytes,
        position: range.start.min(end),
        end,
        name,
    }
}

impl Iterator for Fields<'_> {
    type Item = Result<Field, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.position >= self.end {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.position = self.end;
        }
        Some(field)
    }
}

impl Fields<'_> {
    fn field(&mut self) -> Result<Field, Error> {
        let start = self.position;
        let (number, wire) = self.tag()?;
        let (wire_type, payload, value) = match wire {
            3 => (WireType::Group, self.group(number)?, 0),
            4 => return Err(self.bad(start, "the end of a group that was not begun")),
            _ => self.payload(start, wire)?,
        };
        Ok(Field {
            number,
            wire_type,
            record: start..self.position,
            payload,
            value,
        })
    }

    /// What follows a tag that is not of a group.
    fn payload(&mut self, start: usize, wire: u64) -> Result<(WireType, Range<usize>, u64), Error> {
        match wire {
            0 => {
                let from = self.position;
                let value = self.varint()?;
                Ok((WireType::Varint, from..self.position, value))
            }
            1 => Ok((WireType::Fixed64, self.take(8)?, 0)),
            2 => {
                let length = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
                Ok((WireType::Len, self.take(length)?, 0))
            }
            5 => Ok((WireType::Fixed32, self.take(4)?, 0)),
            _ => Err(self.bad(start, "a wire type that does not exist")),
        }
    }

    fn tag(&mut self) -> Result<(u32, u64), Error> {
        let start = self.position;
        let tag = self.varint()?;
        match u32::try_from(tag >> 3) {
            Ok(number) if (1..1 << 29).contains(&number) => Ok((number, tag & 7)),
            Ok(_) | Err(_) => Err(self.bad(start, "a field number outside 1 to 2^29-1")),
        }
    }

    fn varint(&mut self) -> Result<u64, Error> {
        let start = self.position;
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = match self.bytes.get(self.position) {
                Some(byte) if self.position < self.end => *byte,
                Some(_) | None => {
                    return Err(self.bad(start, "a varint cut off by the end of its message"));
                }
            };
            self.position = self.position.saturating_add(1);
            if shift == 63 && byte > 1 {
                return Err(self.bad(start, "a varint of more than 64 bits"));
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(self.bad(start, "a varint of more than 64 bits"))
    }

    fn take(&mut self, length: usize) -> Result<Range<usize>, Error> {
        let start = self.position;
        match start.checked_add(length) {
            Some(end) if end <= self.end => {
                self.position = end;
                Ok(start..end)
            }
            Some(_) | None => {
                Err(self.bad(start, "a field that is longer than the message around it"))
            }
        }
    }

    fn group(&mut self, number: u32) -> Result<Range<usize>, Error> {
        let start = self.position;
        let mut open = vec![number];
        while let Some(innermost) = open.last().copied() {
            let at = self.position;
            if at >= self.end {
                return Err(self.bad(at, "a group that does not end"));
            }
            let (number, wire) = self.tag()?;
            match wire {
                3 if open.len() < GROUP_DEPTH => open.push(number),
                3 => return Err(self.bad(at, "groups nested too deeply")),
                4 if number == innermost => {
                    open.pop();
                }
                4 => {
                    return Err(
                        self.bad(at, "the end of another group than the one that was begun")
                    );
                }
                _ => {
                    self.payload(at, wire)?;
                }
            }
            if open.is_empty() {
                return Ok(start..at);
            }
        }
        Ok(start..self.position)
    }

    fn bad(&self, offset: usize, why: &'static str) -> Error {
        Error::Wire {
            offset: wide(offset),
            place: self.name,
            why: why.into(),
        }
    }
}
