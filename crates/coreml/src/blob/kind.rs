//! Element types of weight files. Shapes and signs of floats are the program's business.

use crate::program::DataType;

/// The element type that a record states. Numbers 16 and 17 are the two 8-bit floats, in an order not verified, so
/// either program type may have either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BlobType {
    /// 16-bit float.
    Float16,
    /// 32-bit float.
    Float32,
    /// 8-bit natural number.
    Uint8,
    /// 8-bit integer.
    Int8,
    /// Brain float.
    Bfloat16,
    /// 16-bit integer.
    Int16,
    /// 16-bit natural number.
    Uint16,
    /// 4-bit integer.
    Int4,
    /// One bit.
    Uint1,
    /// 2-bit natural number.
    Uint2,
    /// 4-bit natural number.
    Uint4,
    /// 3-bit natural number.
    Uint3,
    /// 6-bit natural number.
    Uint6,
    /// 32-bit integer.
    Int32,
    /// 32-bit natural number.
    Uint32,
    /// 8-bit float, number 16.
    Float8A,
    /// 8-bit float, number 17.
    Float8B,
}

impl BlobType {
    /// Every type, ascending by its number from 1.
    pub const ALL: [Self; 17] = [
        Self::Float16,
        Self::Float32,
        Self::Uint8,
        Self::Int8,
        Self::Bfloat16,
        Self::Int16,
        Self::Uint16,
        Self::Int4,
        Self::Uint1,
        Self::Uint2,
        Self::Uint4,
        Self::Uint3,
        Self::Uint6,
        Self::Int32,
        Self::Uint32,
        Self::Float8A,
        Self::Float8B,
    ];

    /// The type with that number in a record.
    pub fn from_number(number: u32) -> Option<Self> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        Self::ALL.get(index).copied()
    }

    /// The number in a record.
    pub fn number(self) -> u32 {
        (1..)
            .zip(Self::ALL)
            .find_map(|(number, kind)| (kind == self).then_some(number))
            .unwrap_or(0)
    }

    /// Bits of one element.
    pub fn bits(self) -> u32 {
        match self {
            Self::Uint1 => 1,
            Self::Uint2 => 2,
            Self::Uint3 => 3,
            Self::Int4 | Self::Uint4 => 4,
            Self::Uint6 => 6,
            Self::Uint8 | Self::Int8 | Self::Float8A | Self::Float8B => 8,
            Self::Float16 | Self::Bfloat16 | Self::Int16 | Self::Uint16 => 16,
            Self::Float32 | Self::Int32 | Self::Uint32 => 32,
        }
    }

    /// The type in which elements of a program's type are stored, or none where they never are.
    pub fn of(data_type: DataType) -> Option<Self> {
        match data_type {
            DataType::Float16 => Some(Self::Float16),
            DataType::Float32 => Some(Self::Float32),
            DataType::Bfloat16 => Some(Self::Bfloat16),
            DataType::Int8 => Some(Self::Int8),
            DataType::Int16 => Some(Self::Int16),
            DataType::Int32 => Some(Self::Int32),
            DataType::Int4 => Some(Self::Int4),
            DataType::Uint8 => Some(Self::Uint8),
            DataType::Uint16 => Some(Self::Uint16),
            DataType::Uint32 => Some(Self::Uint32),
            DataType::Uint4 => Some(Self::Uint4),
            DataType::Uint2 => Some(Self::Uint2),
            DataType::Uint1 => Some(Self::Uint1),
            DataType::Uint6 => Some(Self::Uint6),
            DataType::Uint3 => Some(Self::Uint3),
            DataType::Float8E4M3Fn => Some(Self::Float8A),
            DataType::Float8E5M2 => Some(Self::Float8B),
            DataType::Bool
            | DataType::String
            | DataType::Float64
            | DataType::Int64
            | DataType::Uint64 => None,
        }
    }

    /// Whether elements of a program's type may be stored in this type.
    pub fn holds(self, data_type: DataType) -> bool {
        match self {
            Self::Float8A | Self::Float8B => {
                matches!(data_type, DataType::Float8E4M3Fn | DataType::Float8E5M2)
            }
            Self::Float16
            | Self::Float32
            | Self::Uint8
            | Self::Int8
            | Self::Bfloat16
            | Self::Int16
            | Self::Uint16
            | Self::Int4
            | Self::Uint1
            | Self::Uint2
            | Self::Uint4
            | Self::Uint3
            | Self::Uint6
            | Self::Int32
            | Self::Uint32 => Self::of(data_type) == Some(self),
        }
    }
}
