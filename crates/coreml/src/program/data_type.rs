//! Element types of a program's tensors.

use std::fmt;

use crate::spec::mil;

/// An element type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DataType {
    /// Truth value; one byte where it is data.
    Bool,
    /// Text.
    String,
    /// 16-bit float.
    Float16,
    /// 32-bit float.
    Float32,
    /// 64-bit float.
    Float64,
    /// Brain float.
    Bfloat16,
    /// 8-bit integer.
    Int8,
    /// 16-bit integer.
    Int16,
    /// 32-bit integer.
    Int32,
    /// 64-bit integer.
    Int64,
    /// 4-bit integer.
    Int4,
    /// 8-bit natural number.
    Uint8,
    /// 16-bit natural number.
    Uint16,
    /// 32-bit natural number.
    Uint32,
    /// 64-bit natural number.
    Uint64,
    /// 4-bit natural number.
    Uint4,
    /// 2-bit natural number.
    Uint2,
    /// One bit.
    Uint1,
    /// 6-bit natural number.
    Uint6,
    /// 3-bit natural number.
    Uint3,
    /// 8-bit float with 4 bits of exponent.
    Float8E4M3Fn,
    /// 8-bit float with 5 bits of exponent.
    Float8E5M2,
}

/// Type, its number in the file, its name, its bits. The bits of a text are not fixed: 0.
const TABLE: [(DataType, mil::DataType, &str, u32); 22] = [
    (DataType::Bool, mil::DataType::Bool, "bool", 8),
    (DataType::String, mil::DataType::String, "string", 0),
    (DataType::Float16, mil::DataType::Float16, "float16", 16),
    (DataType::Float32, mil::DataType::Float32, "float32", 32),
    (DataType::Float64, mil::DataType::Float64, "float64", 64),
    (DataType::Bfloat16, mil::DataType::Bfloat16, "bfloat16", 16),
    (DataType::Int8, mil::DataType::Int8, "int8", 8),
    (DataType::Int16, mil::DataType::Int16, "int16", 16),
    (DataType::Int32, mil::DataType::Int32, "int32", 32),
    (DataType::Int64, mil::DataType::Int64, "int64", 64),
    (DataType::Int4, mil::DataType::Int4, "int4", 4),
    (DataType::Uint8, mil::DataType::Uint8, "uint8", 8),
    (DataType::Uint16, mil::DataType::Uint16, "uint16", 16),
    (DataType::Uint32, mil::DataType::Uint32, "uint32", 32),
    (DataType::Uint64, mil::DataType::Uint64, "uint64", 64),
    (DataType::Uint4, mil::DataType::Uint4, "uint4", 4),
    (DataType::Uint2, mil::DataType::Uint2, "uint2", 2),
    (DataType::Uint1, mil::DataType::Uint1, "uint1", 1),
    (DataType::Uint6, mil::DataType::Uint6, "uint6", 6),
    (DataType::Uint3, mil::DataType::Uint3, "uint3", 3),
    (
        DataType::Float8E4M3Fn,
        mil::DataType::Float8e4m3fn,
        "float8e4m3fn",
        8,
    ),
    (
        DataType::Float8E5M2,
        mil::DataType::Float8e5m2,
        "float8e5m2",
        8,
    ),
];

impl DataType {
    /// The type with that number in the file; none for numbers that are not known, and for 0, which means "not said".
    pub fn from_number(number: i32) -> Option<Self> {
        TABLE
            .iter()
            .find(|row| i32::from(row.1) == number)
            .map(|row| row.0)
    }

    /// The number in the file.
    pub fn number(self) -> i32 {
        self.row().map_or(0, |row| i32::from(row.1))
    }

    /// The name of the contract, for example `float16`.
    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.2)
    }

    /// Bits of one element where it is data; 0 for text.
    pub fn bits(self) -> u32 {
        self.row().map_or(0, |row| row.3)
    }

    /// Whether elements are floats.
    pub fn is_float(self) -> bool {
        self.name().contains("float")
    }

    /// Bytes of `elements` elements, packed where they are smaller than a byte; none where that is beyond 64 bits.
    pub fn size_bytes(self, elements: u64) -> Option<u64> {
        let bits = u64::from(self.bits());
        let rest = (elements % 8).wrapping_mul(bits).div_ceil(8);
        (elements / 8).checked_mul(bits)?.checked_add(rest)
    }

    fn row(self) -> Option<&'static (Self, mil::DataType, &'static str, u32)> {
        TABLE.iter().find(|row| row.0 == self)
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
