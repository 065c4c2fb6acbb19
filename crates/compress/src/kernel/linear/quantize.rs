//! The call, its arguments and its result.

use super::super::{Cancelled, Compat, ErrorSums, FloatVec, Floats, Left};
use super::channel::Grid;
use super::layout::{self, View};

/// How the range of a channel is laid onto the codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// `linear_symmetric`: zero in the middle.
    Symmetric,
    /// `linear`: from the least to the largest value, zero included.
    Asymmetric,
}

/// The type of the codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeType {
    /// Signed eight bits.
    Int8,
    /// Unsigned eight bits.
    Uint8,
}

/// Mode and code type of one quantization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scheme {
    /// How the range is laid onto the codes.
    pub mode: Mode,
    /// The type of the codes.
    pub codes: CodeType,
}

/// Codes with their scales and zero points.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantized {
    /// One byte per weight, two's complement where signed, in the weight's order.
    pub codes: Vec<u8>,
    /// One per channel, or one; of the weight's type.
    pub scales: FloatVec,
    /// One per channel, or one, as codes; none for symmetric signed.
    pub zero_points: Option<Vec<u8>>,
    /// What it did to the numbers.
    pub error: ErrorSums,
}

/// Quantizes `w` of the given row-major shape; `channel_axis` none means one scale for all.
///
/// # Errors
/// [`Left`] where the weights hold an infinity or a NaN, or a scale cannot be stored.
pub fn quantize(
    w: Floats<'_>,
    shape: &[usize],
    channel_axis: Option<usize>,
    scheme: Scheme,
    compat: Compat,
    cancelled: Cancelled<'_>,
) -> Result<Quantized, Left> {
    let view = View::new(shape, channel_axis, w.len())?;
    let grid = Grid::new(scheme, compat);
    match w {
        Floats::F16(w) => layout::quantize(w, view, grid, cancelled),
        Floats::F32(w) => layout::quantize(w, view, grid, cancelled),
    }
}
