//! Palettes: a table of at most 256 values and an index into it per weight.

use super::{Cancelled, ErrorSums, FloatVec, Floats, Left};

/// A table and the index of each weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Palette {
    /// Bits of an index: 1, 2, 3, 4, 6 or 8.
    pub bits: u32,
    /// 2^bits values of the weight's type.
    pub lut: FloatVec,
    /// One byte per weight, in the weight's order.
    pub indices: Vec<u8>,
    /// What it did to the numbers.
    pub error: ErrorSums,
}

/// The index widths that the opset has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Widths {
    /// 1, 2, 3, 4, 6, 8: iOS 18 and later.
    All,
    /// 1, 2, 4, 6, 8: before iOS 18.
    WithoutThree,
}

/// The optimal palette of `bits` bits (`mode: kmeans`).
///
/// # Errors
/// [`Left`] where the weights hold an infinity or a NaN.
pub fn kmeans(w: Floats<'_>, bits: u32, cancelled: Cancelled<'_>) -> Result<Palette, Left> {
    let _ = (w, bits, cancelled);
    Err(Left::Cancelled)
}

/// Evenly spaced values from the least to the largest weight (`mode: uniform`).
///
/// # Errors
/// [`Left`] where the weights hold an infinity or a NaN, or their range overflows their type.
pub fn uniform(w: Floats<'_>, bits: u32, cancelled: Cancelled<'_>) -> Result<Palette, Left> {
    let _ = (w, bits, cancelled);
    Err(Left::Cancelled)
}

/// The distinct weights themselves, in the fewest bits that hold them (`mode: unique`).
///
/// # Errors
/// [`Left`] where there are more than 256 of them, or one is a NaN.
pub fn unique(w: Floats<'_>, widths: Widths, cancelled: Cancelled<'_>) -> Result<Palette, Left> {
    let _ = (w, widths, cancelled);
    Err(Left::Cancelled)
}
