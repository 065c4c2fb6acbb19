//! `mode: unique`: the distinct weights themselves, in the fewest bits that hold them.
//!
//! The table is ascending, both zeros are one value, unused entries are 0 at the end.

use super::super::histogram::{Distinct, Histogram};
use super::super::{Cancelled, ErrorSums, FloatVec, Floats, Left};
use super::cluster::finish;
use super::{Palette, Widths};

/// The distinct weights themselves, in the fewest bits that hold them.
///
/// # Errors
/// [`Left`] where there are more than 256 of them, or one is a NaN.
pub fn unique(w: Floats<'_>, widths: Widths, cancelled: Cancelled<'_>) -> Result<Palette, Left> {
    match w {
        Floats::F16(w) => halves(w, widths, cancelled),
        Floats::F32(w) => singles(w, widths, cancelled),
    }
}

/// The fewest bits for so many values.
fn bits_for(distinct: usize, widths: Widths) -> Result<u32, Left> {
    let all: &[u32] = match widths {
        Widths::All => &[1, 2, 3, 4, 6, 8],
        Widths::WithoutThree => &[1, 2, 4, 6, 8],
    };
    let fits = all.iter().copied().find(|&bits| distinct <= 1 << bits);
    fits.ok_or(Left::TooManyValues)
}

fn halves(w: &[u16], widths: Widths, cancelled: Cancelled<'_>) -> Result<Palette, Left> {
    let histogram = Histogram::of(w, cancelled)?;
    if histogram.has_nan() {
        return Err(Left::NotANumber);
    }
    let distinct = histogram.distinct();
    let bits = bits_for(distinct.len(), widths)?;
    let mut lut: Vec<u16> = distinct.iter().map(|d: &Distinct| d.bits).collect();
    lut.resize(1 << bits, 0);
    finish(
        w,
        bits,
        lut,
        &distinct,
        |i| u8::try_from(i).unwrap_or(u8::MAX),
        cancelled,
    )
}

/// A single by value: both zeros have the key of +0.
fn key(w: f32) -> i32 {
    let bits = (w + 0.0).to_bits().cast_signed();
    bits ^ ((bits >> 31) & 0x7fff_ffff)
}

fn of_key(key: i32) -> f32 {
    f32::from_bits((key ^ ((key >> 31) & 0x7fff_ffff)).cast_unsigned())
}

fn singles(w: &[f32], widths: Widths, cancelled: Cancelled<'_>) -> Result<Palette, Left> {
    let mut keys: Vec<i32> = Vec::with_capacity(257);
    let mut error = ErrorSums::default();
    let mut too_many = false;
    for piece in w.chunks(1 << 16) {
        if cancelled() {
            return Err(Left::Cancelled);
        }
        for &w in piece {
            if w.is_nan() {
                return Err(Left::NotANumber);
            }
            if too_many {
                continue;
            }
            let key = key(w);
            if let Err(place) = keys.binary_search(&key) {
                keys.insert(place, key);
                too_many = keys.len() > 256;
            }
            error.signal += f64::from(w) * f64::from(w);
        }
    }
    if too_many {
        return Err(Left::TooManyValues);
    }
    let bits = bits_for(keys.len(), widths)?;
    let mut indices = Vec::with_capacity(w.len());
    for piece in w.chunks(1 << 16) {
        if cancelled() {
            return Err(Left::Cancelled);
        }
        let index = |w: &f32| keys.binary_search(&key(*w)).unwrap_or(0);
        indices.extend(
            piece
                .iter()
                .map(|w| u8::try_from(index(w)).unwrap_or(u8::MAX)),
        );
    }
    let mut lut: Vec<f32> = keys.into_iter().map(of_key).collect();
    lut.resize(1 << bits, 0.0);
    Ok(Palette {
        bits,
        lut: FloatVec::F32(lut),
        indices,
        error,
    })
}
