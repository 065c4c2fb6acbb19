//! Scale and zero point of one channel from its least and largest weight.

use super::super::{Compat, Left};
use super::element::Weight;
use super::{CodeType, Mode, Scheme};

/// The codes of a scheme: their ends, and what happens where the formula breaks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grid {
    pub(super) lo: f32,
    pub(super) hi: f32,
    mode: Mode,
    /// The fixed zero point of symmetric unsigned codes.
    middle: f32,
    pub(super) has_zero_points: bool,
    pub(super) compat: Compat,
}

impl Grid {
    pub(super) fn new(scheme: Scheme, compat: Compat) -> Self {
        let (lo, hi, middle) = match (scheme.mode, scheme.codes) {
            (Mode::Symmetric, CodeType::Int8) => (-127.0, 127.0, 0.0),
            (Mode::Symmetric, CodeType::Uint8) => (0.0, 254.0, 127.0),
            (Mode::Asymmetric, CodeType::Int8) => (-128.0, 127.0, 0.0),
            (Mode::Asymmetric, CodeType::Uint8) => (0.0, 255.0, 0.0),
        };
        let has_zero_points = (scheme.mode, scheme.codes) != (Mode::Symmetric, CodeType::Int8);
        Self {
            lo,
            hi,
            mode: scheme.mode,
            middle,
            has_zero_points,
            compat,
        }
    }

    /// The byte of an integral value between -128 and 255; numpy casts NaN to 0.
    pub(super) fn code(self, value: f32) -> u8 {
        let clipped = if value < self.lo { self.lo } else { value };
        let clipped = if clipped > self.hi { self.hi } else { clipped };
        if clipped.is_nan() {
            0
        } else {
            (clipped + super::element::MAGIC).to_bits().to_le_bytes()[0]
        }
    }
}

/// How the weights of a channel become codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Every step is finite: the plain loop.
    Regular,
    /// All weights are zero, and so are all codes.
    Zero,
    /// Only with [`Compat::Exact`]: step by step, with infinities and NaN.
    Irregular,
}

/// Scale and zero point of one channel, as floats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Channel {
    pub(super) scale: f32,
    /// Added to the quotient; NaN where coremltools computes NaN.
    pub(super) zero: f32,
    pub(super) kind: Kind,
}

impl Channel {
    pub(super) const NONE: Self = Self {
        scale: 0.0,
        zero: 0.0,
        kind: Kind::Zero,
    };

    fn is_regular(self) -> bool {
        self.scale > 0.0 && self.scale.is_finite() && self.zero.is_finite()
    }

    /// From the keys of the least and the largest weight of the channel.
    pub(super) fn new<T: Weight>(least: T::Key, largest: T::Key, grid: Grid) -> Result<Self, Left> {
        let (mut least, mut largest) = (T::of_key(least), T::of_key(largest));
        if least.is_nan() || largest.is_nan() {
            if grid.compat == Compat::Mended {
                return Err(Left::NotANumber);
            }
            (least, largest) = (f32::NAN, f32::NAN);
        } else if least.is_infinite() || largest.is_infinite() {
            return Err(Left::Infinite);
        }
        let (least, largest) = match grid.mode {
            Mode::Symmetric => {
                let most = if least.abs() > largest.abs() {
                    least.abs()
                } else {
                    largest.abs()
                };
                (-most, most)
            }
            // A NaN is kept, as numpy's minimum does and Rust's does not.
            Mode::Asymmetric => (
                if least > 0.0 { 0.0 } else { least },
                if largest < 0.0 { 0.0 } else { largest },
            ),
        };
        let plain = Self::rounding(least, largest, grid, T::round);
        if plain.is_regular() && zero_is_sound::<T>(least, largest, grid) {
            return Ok(plain);
        }
        if least == 0.0 && largest == 0.0 {
            return Ok(Self {
                kind: Kind::Zero,
                ..plain
            });
        }
        if grid.compat == Compat::Exact {
            let kind = if plain.is_regular() {
                Kind::Regular
            } else {
                Kind::Irregular
            };
            return Ok(Self { kind, ..plain });
        }
        let wide = Self::rounding(least, largest, grid, |x| x);
        let mended = Self {
            scale: T::round(wide.scale),
            ..wide
        };
        if mended.is_regular() {
            Ok(mended)
        } else {
            Err(Left::DegenerateScale)
        }
    }

    /// The formula with `round` after each operation.
    fn rounding(least: f32, largest: f32, grid: Grid, round: impl Fn(f32) -> f32) -> Self {
        let range = round(largest - least);
        let scale = round(range / (grid.hi - grid.lo));
        let zero = match grid.mode {
            Mode::Symmetric => grid.middle,
            Mode::Asymmetric => {
                let shift = round(round(grid.lo * largest) - round(grid.hi * least));
                let zero = round(shift / range).round_ties_even();
                let zero = if zero < grid.lo { grid.lo } else { zero };
                if zero > grid.hi { grid.hi } else { zero }
            }
        };
        Self {
            scale,
            zero,
            kind: Kind::Regular,
        }
    }
}

/// Whether no product inside the zero point overflows.
fn zero_is_sound<T: Weight>(least: f32, largest: f32, grid: Grid) -> bool {
    match grid.mode {
        Mode::Symmetric => true,
        Mode::Asymmetric => {
            T::round(grid.lo * largest).is_finite() && T::round(grid.hi * least).is_finite()
        }
    }
}
