//! From the parameters of a constexpr operation back to plain values, as coremltools'
//! `decompress_weights` computes them (`coremltools-facts` §8).
//!
//! What it does not do: unpack sub-byte values, find parameters in a program.

use super::{FloatVec, Floats};

/// Integers of at most eight bits, one per byte; of a signed type only the low `bits` are read.
#[derive(Clone, Copy, Debug)]
pub struct Codes<'a> {
    /// Bits of the stored type.
    pub bits: u32,
    /// Whether the low bits are two's complement.
    pub signed: bool,
    /// One value per byte.
    pub values: &'a [u8],
}

/// A parameter that may be of either sort.
#[derive(Clone, Copy, Debug)]
pub enum Array<'a> {
    /// Integers.
    Codes(Codes<'a>),
    /// Floats.
    Floats(Floats<'a>),
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
    /// A parameter has a type that the operation has not.
    #[error("a parameter has the wrong type")]
    Type,
}

/// `constexpr_affine_dequantize`: `scale * (data - zero_point)`, scale and zero point along `axis`
/// where they have more than one element.
///
/// # Errors
/// [`Misfit`] where the parameters do not go together.
pub fn affine(
    data: Codes<'_>,
    shape: &[usize],
    scale: Floats<'_>,
    zero_point: Array<'_>,
    axis: usize,
) -> Result<FloatVec, Misfit> {
    let _ = (data, shape, scale, zero_point, axis);
    Err(Misfit::Shape)
}

/// `constexpr_blockwise_shift_scale`: `scale * (data - offset)`, scale and offset of the same rank
/// as the data, repeated over blocks.
///
/// # Errors
/// [`Misfit`] where the parameters do not go together.
pub fn blockwise(
    data: Array<'_>,
    shape: &[usize],
    scale: Floats<'_>,
    scale_shape: &[usize],
    offset: Option<Array<'_>>,
) -> Result<FloatVec, Misfit> {
    let _ = (data, shape, scale, scale_shape, offset);
    Err(Misfit::Shape)
}

/// `constexpr_lut_to_dense` before iOS 18: one table.
///
/// # Errors
/// [`Misfit`] where an index lies outside the table.
pub fn lut_flat(indices: &[u8], lut: Array<'_>) -> Result<ArrayVec, Misfit> {
    let _ = (indices, lut);
    Err(Misfit::Shape)
}

/// `constexpr_lut_to_dense` of iOS 18: a table of vectors per block of indices.
/// `lut_shape` is the blocks per axis, then entries, then vector size.
///
/// # Errors
/// [`Misfit`] where the parameters do not go together.
pub fn lut(
    indices: &[u8],
    shape: &[usize],
    lut: Array<'_>,
    lut_shape: &[usize],
    vector_axis: Option<usize>,
) -> Result<ArrayVec, Misfit> {
    let _ = (indices, shape, lut, lut_shape, vector_axis);
    Err(Misfit::Shape)
}

/// `constexpr_sparse_to_dense`: zeros, and the values where `mask` (one byte per element) is set.
///
/// # Errors
/// [`Misfit`] where the mask does not count the values.
pub fn sparse(nonzero: Array<'_>, mask: &[u8]) -> Result<ArrayVec, Misfit> {
    let _ = (nonzero, mask);
    Err(Misfit::Shape)
}

/// `constexpr_lut_to_sparse`: the mask of the result (one byte per element) and its kept values.
///
/// # Errors
/// [`Misfit`] where the parameters do not go together.
pub fn lut_to_sparse(
    mask: &[u8],
    shape: &[usize],
    indices_nonzero: &[u8],
    lut: Array<'_>,
    lut_shape: &[usize],
    vector_axis: Option<usize>,
) -> Result<(Vec<u8>, ArrayVec), Misfit> {
    let _ = (mask, shape, indices_nonzero, lut, lut_shape, vector_axis);
    Err(Misfit::Shape)
}

/// `constexpr_sparse_blockwise_shift_scale`: the kept values (its mask is the given one).
///
/// # Errors
/// [`Misfit`] where the parameters do not go together.
pub fn sparse_blockwise(
    mask: &[u8],
    shape: &[usize],
    nonzero: Array<'_>,
    scale: Floats<'_>,
    scale_shape: &[usize],
    offset: Option<Array<'_>>,
) -> Result<FloatVec, Misfit> {
    let _ = (mask, shape, nonzero, scale, scale_shape, offset);
    Err(Misfit::Shape)
}

/// `constexpr_cast`: halves widened to singles.
pub fn cast(source: &[u16]) -> Vec<f32> {
    source
        .iter()
        .map(|&bits| super::half_bits::f16_to_f32(bits))
        .collect()
}
