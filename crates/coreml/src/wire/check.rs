//! Proves that a model file is well-formed before prost allocates for it.
//!
//! Beyond what one level shows (see [`super::fields`]) it checks, as far as `proto/` lists the fields: wire types,
//! UTF-8, singular fields and oneofs set at most once, map keys at most once, depth, the number of models in a
//! pipeline, and an upper estimate of the memory that the decoded tree takes. Protobuf allows a field to be repeated
//! and merged; we do not, so that each field of the decoded tree has exactly one place in the file. What the fields
//! mean is not looked at here (see [`crate::program`]).

use std::ops::Range;

use super::WireType;
use super::fields::{Field, named_fields};
use super::schema::{self, Kind, Message};
use crate::number::wide;
use crate::spec::schema::{MODEL, PIPELINE};
use crate::{Error, Limit, Limits, Shown};

/// More levels than these are never allowed: the decoder gives up at 100.
const DEPTH_THAT_DECODES: u64 = 90;

/// Bytes that the allocator is taken to add to a string, vector or map entry.
const ALLOCATION_BYTES: u64 = 16;

/// Checks that `bytes` is a well-formed `Model` within the limits.
///
/// # Errors
/// [`Error::Wire`] where the bytes are no protobuf or no `Model`, [`Error::TooMuch`] where a limit is passed.
pub fn check(bytes: &[u8], limits: &Limits) -> Result<(), Error> {
    let mut checker = Checker {
        bytes,
        depth_most: limits.message_depth.min(DEPTH_THAT_DECODES),
        decoded_most: limits.decoded_bytes,
        models_most: limits.pipeline_models,
        decoded_bytes: 0,
        models: 0,
    };
    checker.message(&MODEL, 0..bytes.len(), 1)
}

struct Checker<'a> {
    bytes: &'a [u8],
    depth_most: u64,
    decoded_most: u64,
    models_most: u64,
    decoded_bytes: u64,
    models: u64,
}

impl Checker<'_> {
    /// Recursion is bounded by `depth_most`, which is at most 90.
    fn message(
        &mut self,
        message: &'static Message,
        range: Range<usize>,
        depth: u64,
    ) -> Result<(), Error> {
        if depth > self.depth_most {
            return Err(too_much(
                Limit::MessageDepth,
                message,
                range.start,
                depth,
                self.depth_most,
            ));
        }
        let mut seen = 0u64;
        let mut oneofs = 0u64;
        let mut keys: Vec<(u32, Range<usize>)> = Vec::new();
        for field in named_fields(self.bytes, range.clone(), message.name) {
            let field = field?;
            let Some((index, known)) = message.field(field.number) else {
                continue;
            };
            once(message, known, index, &field, &mut seen, &mut oneofs)?;
            self.count_models(message, &field)?;
            self.payload(message, known, &field, depth)?;
            if let Kind::Message(entry) = known.kind
                && entry.map_entry
            {
                keys.push((field.number, self.key(entry, &field)?));
            }
        }
        self.distinct(message, keys)
    }

    fn payload(
        &mut self,
        message: &'static Message,
        known: &'static schema::Field,
        field: &Field,
        depth: u64,
    ) -> Result<(), Error> {
        let packed = known.repeated && field.wire_type == WireType::Len;
        let length = wide(field.payload.len());
        match known.kind {
            Kind::Message(inner) => {
                expect(message, known, field, WireType::Len)?;
                self.allocate(message, field, wide(inner.size_bytes))?;
                self.message(inner, field.payload.clone(), depth.saturating_add(1))
            }
            Kind::String => {
                expect(message, known, field, WireType::Len)?;
                let text = self.bytes.get(field.payload.clone()).unwrap_or_default();
                if let Err(error) = std::str::from_utf8(text) {
                    let at = field.payload.start.saturating_add(error.valid_up_to());
                    return Err(wire(at, message, format!("{} is not UTF-8", known.name)));
                }
                let held = if known.repeated {
                    wide(size_of::<String>())
                } else {
                    0
                };
                self.allocate(message, field, length.saturating_add(held))
            }
            Kind::Bytes => {
                expect(message, known, field, WireType::Len)?;
                self.allocate(message, field, length)
            }
            Kind::Varint { size_bytes } if packed => {
                let payload = self.bytes.get(field.payload.clone()).unwrap_or_default();
                let count = packed_varints(payload).map_err(|at| {
                    wire(
                        field.payload.start.saturating_add(at),
                        message,
                        format!("{} has a broken varint", known.name),
                    )
                })?;
                self.allocate(message, field, count.saturating_mul(wide(size_bytes)))
            }
            Kind::Fixed32 | Kind::Fixed64 if packed => {
                let size = if matches!(known.kind, Kind::Fixed32) {
                    4
                } else {
                    8
                };
                if !length.is_multiple_of(size) {
                    return Err(wire(
                        field.record.start,
                        message,
                        format!("{} ends inside a number", known.name),
                    ));
                }
                self.allocate(message, field, length)
            }
            Kind::Varint { .. } => self.scalar(message, known, field, WireType::Varint),
            Kind::Fixed32 => self.scalar(message, known, field, WireType::Fixed32),
            Kind::Fixed64 => self.scalar(message, known, field, WireType::Fixed64),
        }
    }

    fn scalar(
        &mut self,
        message: &'static Message,
        known: &'static schema::Field,
        field: &Field,
        wire_type: WireType,
    ) -> Result<(), Error> {
        expect(message, known, field, wire_type)?;
        if known.repeated {
            self.allocate(message, field, 8)
        } else {
            Ok(())
        }
    }

    /// Vectors double, so what they hold is counted twice.
    fn allocate(
        &mut self,
        message: &'static Message,
        field: &Field,
        bytes: u64,
    ) -> Result<(), Error> {
        let held = bytes.saturating_mul(2).saturating_add(ALLOCATION_BYTES);
        self.decoded_bytes = self.decoded_bytes.saturating_add(held);
        if self.decoded_bytes > self.decoded_most {
            return Err(too_much(
                Limit::DecodedBytes,
                message,
                field.record.start,
                self.decoded_bytes,
                self.decoded_most,
            ));
        }
        Ok(())
    }

    fn count_models(&mut self, message: &'static Message, field: &Field) -> Result<(), Error> {
        if std::ptr::eq(message, &raw const PIPELINE) && field.number == 1 {
            self.models = self.models.saturating_add(1);
            if self.models > self.models_most {
                return Err(too_much(
                    Limit::PipelineModels,
                    message,
                    field.record.start,
                    self.models,
                    self.models_most,
                ));
            }
        }
        Ok(())
    }

    /// The key of a map entry; a missing one is the empty string.
    fn key(&self, entry: &'static Message, field: &Field) -> Result<Range<usize>, Error> {
        for inner in named_fields(self.bytes, field.payload.clone(), entry.name) {
            let inner = inner?;
            if inner.number == 1 {
                return Ok(inner.payload);
            }
        }
        Ok(field.payload.start..field.payload.start)
    }

    fn distinct(
        &self,
        message: &'static Message,
        mut keys: Vec<(u32, Range<usize>)>,
    ) -> Result<(), Error> {
        let text = |range: &Range<usize>| self.bytes.get(range.clone()).unwrap_or_default();
        keys.sort_by(|a, b| (a.0, text(&a.1)).cmp(&(b.0, text(&b.1))));
        for pair in keys.windows(2) {
            if let [a, b] = pair
                && a.0 == b.0
                && text(&a.1) == text(&b.1)
            {
                let key = Shown::from(text(&b.1));
                return Err(wire(
                    a.1.start.max(b.1.start),
                    message,
                    format!("the key {key} is there twice"),
                ));
            }
        }
        Ok(())
    }
}

fn once(
    message: &'static Message,
    known: &'static schema::Field,
    index: usize,
    field: &Field,
    seen: &mut u64,
    oneofs: &mut u64,
) -> Result<(), Error> {
    let set = |bits: &mut u64, shift: u32, why: &str| {
        let bit = 1u64.checked_shl(shift).unwrap_or(0);
        if *bits & bit != 0 {
            return Err(wire(
                field.record.start,
                message,
                format!("{} {why}", known.name),
            ));
        }
        *bits |= bit;
        Ok(())
    };
    if !known.repeated {
        set(
            seen,
            u32::try_from(index).unwrap_or(u32::MAX),
            "is there twice",
        )?;
    }
    if known.oneof > 0 {
        set(
            oneofs,
            u32::from(known.oneof),
            "is there beside another choice",
        )?;
    }
    Ok(())
}

fn expect(
    message: &'static Message,
    known: &'static schema::Field,
    field: &Field,
    wire_type: WireType,
) -> Result<(), Error> {
    if field.wire_type == wire_type {
        Ok(())
    } else {
        Err(wire(
            field.record.start,
            message,
            format!("{} has the wrong wire type", known.name),
        ))
    }
}

/// Number of varints in a packed run, or where it breaks.
fn packed_varints(payload: &[u8]) -> Result<u64, usize> {
    let mut count = 0u64;
    let mut length = 0u32;
    for (index, byte) in payload.iter().enumerate() {
        length = length.saturating_add(1);
        if length > 10 || (length == 10 && *byte > 1) {
            return Err(index);
        }
        if *byte < 0x80 {
            count = count.saturating_add(1);
            length = 0;
        }
    }
    if length > 0 {
        Err(payload.len())
    } else {
        Ok(count)
    }
}

fn wire(offset: usize, message: &'static Message, why: String) -> Error {
    Error::Wire {
        offset: wide(offset),
        place: message.name,
        why: why.into(),
    }
}

fn too_much(
    limit: Limit,
    message: &'static Message,
    offset: usize,
    found: u64,
    most: u64,
) -> Error {
    Error::TooMuch {
        limit,
        place: Shown::from(format!(
            "{} at byte {offset} of the model file",
            message.name
        )),
        found,
        most,
    }
}
