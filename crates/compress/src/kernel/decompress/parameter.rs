//! Parameters and results: integers or floats.

use super::super::{FloatVec, Floats};

/// Integers of at most eight bits, one per byte; only the low `bits` of each byte are read.
#[derive(Clone, Copy, Debug)]
pub struct Codes<'a> {
    /// Bits of the stored type.
    pub bits: u32,
    /// Whether the low bits are two's complement.
    pub signed: bool,
    /// One value per byte.
    pub values: &'a [u8],
}

impl Codes<'_> {
    /// The value of a byte, in eight bits of the same sign.
    #[inline(always)]
    pub(super) fn extend(self, byte: u8) -> u8 {
        let spare = 8u32.saturating_sub(self.bits).min(7);
        if self.signed {
            ((byte << spare).cast_signed() >> spare).cast_unsigned()
        } else {
            (byte << spare) >> spare
        }
    }

    /// The value of a byte.
    #[inline(always)]
    pub(super) fn number(self, byte: u8) -> f32 {
        let byte = self.extend(byte);
        if self.signed {
            f32::from(byte.cast_signed())
        } else {
            f32::from(byte)
        }
    }
}

/// A parameter that may be of either sort.
#[derive(Clone, Copy, Debug)]
pub enum Array<'a> {
    /// Integers.
    Codes(Codes<'a>),
    /// Floats.
    Floats(Floats<'a>),
}

impl Array<'_> {
    /// Number of elements.
    pub const fn len(&self) -> usize {
        match self {
            Self::Codes(codes) => codes.values.len(),
            Self::Floats(w) => w.len(),
        }
    }

    /// Whether there is no element.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element at `index`; NaN beyond the end.
    #[inline(always)]
    pub(super) fn number(&self, index: usize) -> f32 {
        match self {
            Self::Codes(codes) => codes
                .values
                .get(index)
                .map_or(f32::NAN, |&byte| codes.number(byte)),
            Self::Floats(w) => w.at(index),
        }
    }
}

/// A decompressed value of either sort.
#[derive(Clone, Debug, PartialEq)]
pub enum ArrayVec {
    /// Integers, one per byte, of the width and sign of the parameter that they came from.
    Codes {
        /// Bits of the stored type.
        bits: u32,
        /// Whether it is a signed type.
        signed: bool,
        /// One value per byte, sign-extended.
        values: Vec<u8>,
    },
    /// Floats.
    Floats(FloatVec),
}

impl ArrayVec {
    /// The same elements, borrowed.
    pub fn as_array(&self) -> Array<'_> {
        match self {
            Self::Codes {
                bits,
                signed,
                values,
            } => Array::Codes(Codes {
                bits: *bits,
                signed: *signed,
                values,
            }),
            Self::Floats(w) => Array::Floats(w.as_floats()),
        }
    }
}

/// Parameters that do not fit each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// A shape and a number of elements differ.
    #[error("a shape does not match the number of elements")]
    Count,
    /// Ranks or dimensions of two parameters do not go together.
    #[error("the shapes of two parameters do not go together")]
    Shape,
    /// An index or axis points outside.
    #[error("an index lies outside its table")]
    Index,
    /// A parameter is missing or has a type that the operation has not.
    #[error("a parameter is missing or has the wrong type")]
    Type,
}

/// The number of elements of a shape.
pub(super) fn count(shape: &[usize]) -> Result<usize, Misfit> {
    shape
        .iter()
        .try_fold(1usize, |n, &dim| n.checked_mul(dim))
        .ok_or(Misfit::Count)
}

/// Refuses a shape that is not that of `len` elements.
pub(super) fn expect_count(shape: &[usize], len: usize) -> Result<(), Misfit> {
    if count(shape)? == len {
        Ok(())
    } else {
        Err(Misfit::Count)
    }
}
