//! Weights as kernels see them: raw halves or singles, borrowed or owned.
//!
//! Halves are kept as their sixteen bits. Kernels convert them where they need numbers; most of
//! the work (histograms, comparisons, copies) is done on the bits themselves.

use super::half_bits::{f16_to_f32, f32_to_f16};
use std::borrow::Cow;

/// The two floating types that a Core ML weight has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FloatKind {
    /// IEEE half, stored as its bits.
    F16,
    /// IEEE single.
    F32,
}

impl FloatKind {
    /// Bytes of one element.
    pub const fn size_bytes(self) -> usize {
        match self {
            Self::F16 => 2,
            Self::F32 => 4,
        }
    }
}

/// Borrowed weights, row-major.
#[derive(Clone, Copy, Debug)]
pub enum Floats<'a> {
    /// Raw bits of halves.
    F16(&'a [u16]),
    /// Singles.
    F32(&'a [f32]),
}

impl<'a> Floats<'a> {
    /// The type of the elements.
    pub const fn kind(self) -> FloatKind {
        match self {
            Self::F16(_) => FloatKind::F16,
            Self::F32(_) => FloatKind::F32,
        }
    }

    /// Number of elements.
    pub const fn len(self) -> usize {
        match self {
            Self::F16(w) => w.len(),
            Self::F32(w) => w.len(),
        }
    }

    /// Whether there is no element.
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The elements `from..to`, or fewer where the slice ends earlier.
    #[must_use]
    pub fn part(self, from: usize, to: usize) -> Floats<'a> {
        match self {
            Self::F16(w) => Floats::F16(cut(w, from, to)),
            Self::F32(w) => Floats::F32(cut(w, from, to)),
        }
    }

    /// The element at `index` widened to a single; NaN beyond the end.
    pub fn at(self, index: usize) -> f32 {
        match self {
            Self::F16(w) => w.get(index).map_or(f32::NAN, |&bits| f16_to_f32(bits)),
            Self::F32(w) => w.get(index).copied().unwrap_or(f32::NAN),
        }
    }

    /// A copy that owns its elements.
    pub fn to_vec(self) -> FloatVec {
        match self {
            Self::F16(w) => FloatVec::F16(w.to_vec()),
            Self::F32(w) => FloatVec::F32(w.to_vec()),
        }
    }
}

fn cut<T>(w: &[T], from: usize, to: usize) -> &[T] {
    let to = to.min(w.len());
    w.get(from.min(to)..to).unwrap_or_default()
}

/// Owned weights, row-major.
#[derive(Clone, Debug, PartialEq)]
pub enum FloatVec {
    /// Raw bits of halves.
    F16(Vec<u16>),
    /// Singles.
    F32(Vec<f32>),
}

impl FloatVec {
    /// Zeros of the given kind.
    pub fn zeros(kind: FloatKind, len: usize) -> Self {
        match kind {
            FloatKind::F16 => Self::F16(vec![0; len]),
            FloatKind::F32 => Self::F32(vec![0.0; len]),
        }
    }

    /// Singles rounded to `kind`, to nearest, ties to even.
    pub fn from_singles(kind: FloatKind, values: Vec<f32>) -> Self {
        match kind {
            FloatKind::F16 => Self::F16(values.iter().map(|&v| f32_to_f16(v)).collect()),
            FloatKind::F32 => Self::F32(values),
        }
    }

    /// Stored little-endian bytes of `kind`; trailing bytes that make no element are ignored.
    pub fn from_le_bytes(kind: FloatKind, bytes: &[u8]) -> Self {
        match kind {
            FloatKind::F16 => Self::F16(
                bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|&b| u16::from_le_bytes(b))
                    .collect(),
            ),
            FloatKind::F32 => Self::F32(
                bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|&b| f32::from_le_bytes(b))
                    .collect(),
            ),
        }
    }

    /// The same elements, borrowed.
    pub fn as_floats(&self) -> Floats<'_> {
        match self {
            Self::F16(w) => Floats::F16(w),
            Self::F32(w) => Floats::F32(w),
        }
    }

    /// The type of the elements.
    pub fn kind(&self) -> FloatKind {
        self.as_floats().kind()
    }

    /// Number of elements.
    pub fn len(&self) -> usize {
        self.as_floats().len()
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes to store, little-endian; borrowed where the machine keeps them so.
    pub fn to_le_bytes(&self) -> Cow<'_, [u8]> {
        if cfg!(target_endian = "little") {
            return Cow::Borrowed(match self {
                Self::F16(w) => bytemuck::cast_slice(w),
                Self::F32(w) => bytemuck::cast_slice(w),
            });
        }
        Cow::Owned(match self {
            Self::F16(w) => w.iter().flat_map(|v| v.to_le_bytes()).collect(),
            Self::F32(w) => w.iter().flat_map(|v| v.to_le_bytes()).collect(),
        })
    }
}

/// Weights over stored bytes: borrowed where alignment and byte order allow, copied otherwise.
#[derive(Debug)]
pub enum Stored<'a> {
    /// Halves.
    F16(Cow<'a, [u16]>),
    /// Singles.
    F32(Cow<'a, [f32]>),
}

impl<'a> Stored<'a> {
    /// Little-endian bytes of `kind`; trailing bytes that make no element are ignored.
    pub fn new(kind: FloatKind, bytes: &'a [u8]) -> Self {
        let whole = bytes.len() - bytes.len() % kind.size_bytes();
        let bytes = bytes.get(..whole).unwrap_or_default();
        let little = cfg!(target_endian = "little");
        match kind {
            FloatKind::F16 => match bytemuck::try_cast_slice(bytes) {
                Ok(w) if little => Self::F16(Cow::Borrowed(w)),
                Ok(_) | Err(_) => Self::copied(FloatVec::from_le_bytes(kind, bytes)),
            },
            FloatKind::F32 => match bytemuck::try_cast_slice(bytes) {
                Ok(w) if little => Self::F32(Cow::Borrowed(w)),
                Ok(_) | Err(_) => Self::copied(FloatVec::from_le_bytes(kind, bytes)),
            },
        }
    }

    fn copied(values: FloatVec) -> Self {
        match values {
            FloatVec::F16(w) => Self::F16(Cow::Owned(w)),
            FloatVec::F32(w) => Self::F32(Cow::Owned(w)),
        }
    }

    /// The elements.
    pub fn as_floats(&self) -> Floats<'_> {
        match self {
            Self::F16(w) => Floats::F16(w),
            Self::F32(w) => Floats::F32(w),
        }
    }
}
