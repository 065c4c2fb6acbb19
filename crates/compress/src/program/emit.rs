//! New operations as bytes: a constant turned into a constexpr operation or back.
//!
//! Only what is new is built here; outputs, unknown fields and other attributes of the old operation are copied as
//! they stand. Field numbers: `proto/mil.proto`.

use std::borrow::Cow;

use coreml::program::DataType;
use coreml::wire;

use crate::kernel::FloatVec;

/// Values of a new parameter, stored bytes as the blob file and `bytes` immediates hold them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) dtype: DataType,
    /// Empty for a scalar.
    pub(crate) shape: Vec<u64>,
    pub(crate) data: Data,
}

/// Stored bytes, or floats that are stored as they lie in memory.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Data {
    Bytes(Vec<u8>),
    Floats(FloatVec),
}

impl Data {
    pub(crate) fn bytes(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Bytes(bytes) => Cow::Borrowed(bytes),
            Self::Floats(floats) => floats.to_le_bytes(),
        }
    }
}

impl Param {
    pub(crate) fn elements(&self) -> u64 {
        self.shape.iter().product()
    }

    /// `should_use_weight_file` of coremltools: at least ten elements of these types.
    pub(crate) fn wants_blob(&self) -> bool {
        match self.dtype {
            DataType::Float16
            | DataType::Float32
            | DataType::Int8
            | DataType::Uint8
            | DataType::Int4
            | DataType::Uint4
            | DataType::Uint1
            | DataType::Uint2
            | DataType::Uint3
            | DataType::Uint6 => self.elements() >= 10,
            DataType::Bool
            | DataType::String
            | DataType::Float64
            | DataType::Bfloat16
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::Uint16
            | DataType::Uint32
            | DataType::Uint64
            | DataType::Float8E4M3Fn
            | DataType::Float8E5M2 => false,
        }
    }
}

/// Where a parameter's values stand.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    Immediate,
    Blob { file_name: &'a str, offset: u64 },
}

/// How an operation takes its parameters: before iOS 18 as attributes, since then as inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Attributes,
    Inputs,
}

/// A new operation in the place of an old one.
#[derive(Debug)]
pub(crate) struct NewOperation<'a> {
    pub(crate) op_type: &'a str,
    /// The `name` attribute.
    pub(crate) name: &'a str,
    pub(crate) form: Form,
    pub(crate) params: Vec<(&'a Param, Place<'a>)>,
}

const TYPE: u32 = 1;
const INPUTS: u32 = 2;
const ATTRIBUTES: u32 = 5;
const OPERATIONS: u32 = 3;

/// The record that replaces the operation whose payload is `old` (of `bytes`).
pub(crate) fn replace(
    bytes: &[u8],
    old: std::ops::Range<usize>,
    new: &NewOperation<'_>,
) -> Result<Vec<u8>, coreml::Error> {
    let mut payload = wire::field_record(TYPE, new.op_type.as_bytes());
    for field in wire::fields(bytes, old) {
        let field = field?;
        match field.number {
            TYPE | INPUTS => {}
            ATTRIBUTES if dropped_attribute(bytes, &field)? => {}
            _ => payload.extend_from_slice(&bytes[field.record]),
        }
    }
    put_entry(ATTRIBUTES, "name", &text_value(new.name), &mut payload);
    for (param, place) in &new.params {
        let value = param_value(param, *place);
        match new.form {
            Form::Attributes => put_entry(ATTRIBUTES, param.name, &value, &mut payload),
            Form::Inputs => {
                let binding = wire::field_record(2, &value);
                put_entry(
                    INPUTS,
                    param.name,
                    &wire::field_record(1, &binding),
                    &mut payload,
                );
            }
        }
    }
    Ok(wire::field_record(OPERATIONS, &payload))
}

/// The name is written anew; parameters of the old operation go.
fn dropped_attribute(bytes: &[u8], entry: &wire::Field) -> Result<bool, coreml::Error> {
    const PARAMETERS: [&[u8]; 11] = [
        b"name",
        b"val",
        b"quantized_data",
        b"zero_point",
        b"scale",
        b"axis",
        b"indices",
        b"lut",
        b"shape",
        b"nonzero_data",
        b"mask",
    ];
    for field in wire::fields(bytes, entry.payload.clone()) {
        let field = field?;
        if field.number == 1 {
            return Ok(PARAMETERS.contains(&&bytes[field.payload])
                || bytes[entry.payload.clone()].is_empty());
        }
    }
    Ok(false)
}

/// A `const` operation of a scalar, as a record of its block.
pub(crate) fn scalar_const(name: &str, dtype: DataType, data: &[u8]) -> Vec<u8> {
    let param = Param {
        name: "val",
        dtype,
        shape: Vec::new(),
        data: Data::Bytes(data.to_vec()),
    };
    let mut payload = wire::field_record(TYPE, b"const");
    let mut output = wire::field_record(1, name.as_bytes());
    wire::put_len_field(2, &value_type(dtype, &[]), &mut output);
    wire::put_len_field(3, &output, &mut payload);
    put_entry(ATTRIBUTES, "name", &text_value(name), &mut payload);
    put_entry(
        ATTRIBUTES,
        "val",
        &param_value(&param, Place::Immediate),
        &mut payload,
    );
    wire::field_record(OPERATIONS, &payload)
}

/// An input that names a value, as a record of its operation.
pub(crate) fn named_input(input: &str, value_name: &str) -> Vec<u8> {
    let binding = wire::field_record(1, value_name.as_bytes());
    let mut out = Vec::new();
    put_entry(INPUTS, input, &wire::field_record(1, &binding), &mut out);
    out
}

fn put_entry(field: u32, key: &str, value: &[u8], out: &mut Vec<u8>) {
    let mut entry = wire::field_record(1, key.as_bytes());
    wire::put_len_field(2, value, &mut entry);
    wire::put_len_field(field, &entry, out);
}

/// `ValueType { tensorType { dataType, rank, dimensions { constant { size } } } }`
fn value_type(dtype: DataType, shape: &[u64]) -> Vec<u8> {
    let mut tensor = wire::varint_record(1, u64::from(dtype.number().unsigned_abs()));
    if !shape.is_empty() {
        wire::put_varint_field(2, shape.len() as u64, &mut tensor);
    }
    for &extent in shape {
        let constant = if extent == 0 {
            Vec::new()
        } else {
            wire::varint_record(1, extent)
        };
        wire::put_len_field(3, &wire::field_record(1, &constant), &mut tensor);
    }
    wire::field_record(1, &tensor)
}

fn param_value(param: &Param, place: Place<'_>) -> Vec<u8> {
    let mut value = wire::field_record(2, &value_type(param.dtype, &param.shape));
    match place {
        Place::Blob { file_name, offset } => {
            let mut blob = wire::field_record(1, file_name.as_bytes());
            wire::put_varint_field(2, offset, &mut blob);
            wire::put_len_field(5, &blob, &mut value);
        }
        Place::Immediate => {
            let (field, values) = immediate(param);
            let tensor = wire::field_record(field, &values);
            wire::put_len_field(3, &wire::field_record(1, &tensor), &mut value);
        }
    }
    value
}

/// The `TensorValue` field for a type and its message of values (coremltools' `helper.py`).
fn immediate(param: &Param) -> (u32, Vec<u8>) {
    let data = param.data.bytes();
    if data.is_empty() {
        return (immediate_field(param.dtype), Vec::new());
    }
    let packed = if immediate_field(param.dtype) == INTS {
        varints(param.dtype, &data)
    } else {
        // Booleans are one byte each, which is their varint; floats and bytes are little-endian as they stand.
        data.into_owned()
    };
    (immediate_field(param.dtype), wire::field_record(1, &packed))
}

/// Integers as packed varints, sign-extended to 64 bits.
fn varints(dtype: DataType, data: &[u8]) -> Vec<u8> {
    let signed = matches!(dtype, DataType::Int32 | DataType::Int16);
    let width = dtype.bits() as usize / 8;
    let mut out = Vec::new();
    for element in data.chunks_exact(width) {
        let negative = signed && element.last().is_some_and(|b| b & 0x80 != 0);
        let mut wide = [if negative { 0xff } else { 0 }; 8];
        wide[..width].copy_from_slice(element);
        wire::put_varint(u64::from_le_bytes(wide), &mut out);
    }
    out
}

/// Field number of `TensorValue.ints`.
const INTS: u32 = 2;

/// The field of `TensorValue` that holds a type.
fn immediate_field(dtype: DataType) -> u32 {
    match dtype {
        DataType::Float32 => 1,
        DataType::Int32 | DataType::Int16 | DataType::Uint16 => INTS,
        DataType::Bool => 3,
        DataType::String => 4,
        DataType::Int64 | DataType::Uint64 => 5,
        DataType::Float64 => 6,
        DataType::Float16
        | DataType::Bfloat16
        | DataType::Int8
        | DataType::Int4
        | DataType::Uint8
        | DataType::Uint32
        | DataType::Uint4
        | DataType::Uint2
        | DataType::Uint1
        | DataType::Uint6
        | DataType::Uint3
        | DataType::Float8E4M3Fn
        | DataType::Float8E5M2 => 7,
    }
}

fn text_value(text: &str) -> Vec<u8> {
    let mut value = wire::field_record(2, &value_type(DataType::String, &[]));
    let strings = wire::field_record(4, &wire::field_record(1, text.as_bytes()));
    wire::put_len_field(3, &wire::field_record(1, &strings), &mut value);
    value
}
