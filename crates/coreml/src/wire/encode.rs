//! Encoders for the few records that replacements are made of. They append to a vector and cannot fail.

use crate::number::wide;

/// Appends a varint.
pub fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            out.push(low & 0x7f);
            return;
        }
        out.push(low | 0x80);
    }
}

/// Appends the tag of a field with wire type 0 (`varint`) or 2 (length-delimited).
pub fn put_tag(field: u32, wire_type: super::WireType, out: &mut Vec<u8>) {
    put_varint((u64::from(field) << 3) | wire_type.number(), out);
}

/// Appends a length-delimited field: tag, length, payload.
pub fn put_len_field(field: u32, payload: &[u8], out: &mut Vec<u8>) {
    put_tag(field, super::WireType::Len, out);
    put_varint(wide(payload.len()), out);
    out.extend_from_slice(payload);
}

/// Appends a varint field; negative numbers of proto's `int32` and `int64` are given as their two's complement.
pub fn put_varint_field(field: u32, value: u64, out: &mut Vec<u8>) {
    put_tag(field, super::WireType::Varint, out);
    put_varint(value, out);
}

/// A length-delimited field as a record of its own.
pub fn field_record(field: u32, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len().saturating_add(12));
    put_len_field(field, payload, &mut out);
    out
}

/// A varint field as a record of its own.
pub fn varint_record(field: u32, value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    put_varint_field(field, value, &mut out);
    out
}
