//! A constant as bytes: from the model file or from a weight file, without copying where they lie ready.
//!
//! The checks here are those that every reader of a constant needs: known type, known extents, as many elements as
//! the type says, a record of the right type and size. Verification calls the same code.

use std::borrow::Cow;

use super::DataType;
use crate::blob::{Record, Storage, padding_bits};
use crate::number::wide;
use crate::spec::mil::value::immediate_value::Value as Immediate;
use crate::spec::mil::value::{BlobFileValue, Value as Place};
use crate::spec::mil::{
    Dimension, TensorType, TensorValue, Value, dimension, tensor_value, value_type,
};
use crate::{Error, Package, PackageFile, Shown};

/// A constant tensor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor<'a> {
    /// Element type.
    pub dtype: DataType,
    /// Extent of each axis; none for a scalar.
    pub shape: Vec<u64>,
    /// Elements in row-major order, little-endian, packed where they are smaller than a byte; of texts nothing.
    pub data: Cow<'a, [u8]>,
    /// Where the data lies.
    pub storage: Stored,
}

/// Where the data of a constant lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stored {
    /// In the model file.
    Immediate,
    /// In a weight file.
    Blob {
        /// The file's place among the package's files.
        file_index: usize,
        /// Where the record begins.
        offset: u64,
    },
}

impl Tensor<'_> {
    /// Number of elements; the product was checked when the tensor was made.
    pub fn elements(&self) -> u64 {
        self.shape
            .iter()
            .fold(1, |product: u64, extent| product.saturating_mul(*extent))
    }
}

/// The type of a constant tensor: element type and extents, all of them known.
pub(super) fn constant_type(tensor: &TensorType) -> Result<(DataType, Vec<u64>, u64), Shown> {
    let dtype = known_type(tensor)?;
    let mut shape = Vec::with_capacity(tensor.dimensions.len());
    let mut elements = 1u64;
    for (axis, dimension) in tensor.dimensions.iter().enumerate() {
        let extent = extent(dimension).ok_or_else(|| format!("axis {axis} has no known extent"))?;
        shape.push(extent);
        if extent != 0 {
            elements = elements
                .checked_mul(extent)
                .ok_or("the product of its extents is beyond 64 bits")?;
        }
    }
    if shape.contains(&0) {
        elements = 0;
    }
    Ok((dtype, shape, elements))
}

/// The element type, if it is one that is known.
pub(super) fn known_type(tensor: &TensorType) -> Result<DataType, Shown> {
    DataType::from_number(tensor.data_type)
        .ok_or_else(|| format!("element type {} is not known", tensor.data_type).into())
}

/// The extent of an axis, none where it is known only when the program runs.
pub(super) fn extent(dimension: &Dimension) -> Option<u64> {
    match dimension.dimension? {
        dimension::Dimension::Constant(constant) => Some(constant.size),
        dimension::Dimension::Unknown(_) => None,
    }
}

/// The constant as bytes.
///
/// The outer error is that of the weight file, the inner one says what does not fit the value's type.
pub(super) fn read<'a>(
    package: &'a Package,
    value: &'a Value,
) -> Result<Result<Tensor<'a>, Shown>, Error> {
    let Some(value_type::Type::TensorType(tensor)) = value
        .r#type
        .as_ref()
        .and_then(|outer| outer.r#type.as_ref())
    else {
        return Ok(Err("it is no tensor".into()));
    };
    let (dtype, shape, elements) = match constant_type(tensor) {
        Ok(parts) => parts,
        Err(why) => return Ok(Err(why)),
    };
    let (data, storage) = match &value.value {
        None => return Ok(Err("it has a type and no value".into())),
        Some(Place::BlobFileValue(reference)) => {
            let (file_index, file) = blob_file(package, reference)?;
            let storage = Storage::open(&file.path, &file.bytes)?;
            let record = storage.record(reference.offset)?;
            if let Err(why) = record_fits(&record, dtype, elements) {
                return Ok(Err(why));
            }
            (
                Cow::Borrowed(storage.data(&record)),
                Stored::Blob {
                    file_index,
                    offset: reference.offset,
                },
            )
        }
        Some(Place::ImmediateValue(immediate)) => match &immediate.value {
            Some(Immediate::Tensor(tensor)) => match immediate_data(tensor, dtype, elements) {
                Ok(data) => (data, Stored::Immediate),
                Err(why) => return Ok(Err(why)),
            },
            Some(Immediate::Tuple(_) | Immediate::List(_) | Immediate::Dictionary(_)) | None => {
                return Ok(Err("its type is a tensor and its value is none".into()));
            }
        },
    };
    Ok(Ok(Tensor {
        dtype,
        shape,
        data,
        storage,
    }))
}

/// The record of a constant in a weight file, with the file's place among the package's files.
pub(super) fn record_of(
    package: &Package,
    reference: &BlobFileValue,
) -> Result<(usize, Record), Error> {
    let (file_index, file) = blob_file(package, reference)?;
    let record = Storage::open(&file.path, &file.bytes)?.record(reference.offset)?;
    Ok((file_index, record))
}

fn blob_file<'a>(
    package: &'a Package,
    reference: &BlobFileValue,
) -> Result<(usize, &'a PackageFile), Error> {
    let file = package.blob_file(&reference.file_name)?;
    let index = package
        .files()
        .binary_search_by(|other| other.path.cmp(&file.path));
    Ok((index.unwrap_or_else(|place| place), file))
}

/// Whether a record holds that many elements of that type, to the bit.
fn record_fits(record: &Record, dtype: DataType, elements: u64) -> Result<(), Shown> {
    if !record.dtype.holds(dtype) {
        return Err(format!(
            "its type is {dtype}, but the record at byte {} holds {:?}",
            record.offset, record.dtype
        )
        .into());
    }
    let expected = dtype
        .size_bytes(elements)
        .ok_or("its size is beyond 64 bits")?;
    if record.size_bytes != expected {
        let found = record.size_bytes;
        return Err(format!(
            "its shape needs {expected} bytes, but the record at byte {} has {found}",
            record.offset
        )
        .into());
    }
    if record.dtype.bits() < 8 && record.padding_bits != padding_bits(record.dtype, elements) {
        return Err(format!(
            "the record at byte {} has {} unused bits, which its shape does not",
            record.offset, record.padding_bits
        )
        .into());
    }
    Ok(())
}

/// The elements of a value in the model file as little-endian bytes.
fn immediate_data(
    tensor: &TensorValue,
    dtype: DataType,
    elements: u64,
) -> Result<Cow<'_, [u8]>, Shown> {
    let count = |found: usize| {
        if wide(found) == elements {
            Ok(())
        } else {
            Err(Shown::from(format!(
                "its shape has {elements} elements, but its value {found}"
            )))
        }
    };
    let Some(value) = &tensor.value else {
        return count(0).map(|()| Cow::Borrowed(&[][..]));
    };
    match value {
        tensor_value::Value::Bytes(bytes) if dtype.bits() > 0 => {
            let found = wide(bytes.values.len());
            match dtype.size_bytes(elements) {
                Some(expected) if expected == found => Ok(Cow::Borrowed(&bytes.values)),
                _ => Err(format!(
                    "its shape has {elements} elements of type {dtype}, but its value {found} bytes"
                )
                .into()),
            }
        }
        tensor_value::Value::Floats(floats) if dtype == DataType::Float32 => {
            count(floats.values.len())?;
            Ok(Cow::Owned(
                floats
                    .values
                    .iter()
                    .flat_map(|value| value.to_le_bytes())
                    .collect(),
            ))
        }
        tensor_value::Value::Doubles(doubles) if dtype == DataType::Float64 => {
            count(doubles.values.len())?;
            Ok(Cow::Owned(
                doubles
                    .values
                    .iter()
                    .flat_map(|value| value.to_le_bytes())
                    .collect(),
            ))
        }
        tensor_value::Value::Ints(ints) => {
            count(ints.values.len())?;
            integers(ints.values.iter().map(|value| i64::from(*value)), dtype)
        }
        tensor_value::Value::LongInts(ints) => {
            count(ints.values.len())?;
            integers(ints.values.iter().copied(), dtype)
        }
        tensor_value::Value::Bools(bools) if dtype == DataType::Bool => {
            count(bools.values.len())?;
            Ok(Cow::Owned(
                bools.values.iter().map(|value| u8::from(*value)).collect(),
            ))
        }
        tensor_value::Value::Strings(strings) if dtype == DataType::String => {
            count(strings.values.len())?;
            Ok(Cow::Borrowed(&[]))
        }
        tensor_value::Value::Bytes(_)
        | tensor_value::Value::Floats(_)
        | tensor_value::Value::Doubles(_)
        | tensor_value::Value::Bools(_)
        | tensor_value::Value::Strings(_) => {
            Err(format!("its type is {dtype}, but its value is of another kind").into())
        }
    }
}

/// Integers as elements of that type. Unsigned numbers of the width of the field come as their two's complement.
fn integers<'a>(
    values: impl Iterator<Item = i64>,
    dtype: DataType,
) -> Result<Cow<'a, [u8]>, Shown> {
    let (size, signed) = match dtype {
        DataType::Int8 => (1, true),
        DataType::Int16 => (2, true),
        DataType::Int32 => (4, true),
        DataType::Uint8 => (1, false),
        DataType::Uint16 => (2, false),
        DataType::Uint32 => (4, false),
        DataType::Int64 | DataType::Uint64 => (8, true),
        DataType::Bool
        | DataType::String
        | DataType::Float16
        | DataType::Float32
        | DataType::Float64
        | DataType::Bfloat16
        | DataType::Int4
        | DataType::Uint4
        | DataType::Uint2
        | DataType::Uint1
        | DataType::Uint6
        | DataType::Uint3
        | DataType::Float8E4M3Fn
        | DataType::Float8E5M2 => {
            return Err(format!("its type is {dtype}, but its value is integers").into());
        }
    };
    let mut out = Vec::new();
    for value in values {
        let bytes = value.to_le_bytes();
        let (kept, cut) = bytes.split_at_checked(size).unwrap_or((&bytes, &[]));
        let negative = kept.last().is_some_and(|byte| *byte >= 0x80);
        let zeros = cut.iter().all(|byte| *byte == 0);
        let ones = cut.iter().all(|byte| *byte == 0xff);
        let fits = if signed {
            (zeros && !negative) || (ones && negative) || size == 8
        } else {
            zeros || (size == 4 && ones && negative)
        };
        if !fits {
            return Err(format!("its value {value} does not fit its type {dtype}").into());
        }
        out.extend_from_slice(kept);
    }
    Ok(Cow::Owned(out))
}
