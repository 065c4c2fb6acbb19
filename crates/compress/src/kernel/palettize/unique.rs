//! `mode: unique`: the distinct weights themselves, in the fewest bits that hold them.
//!
//! The table is ascending, both zeros are one value (`zero` says which), unused entries are 0
//! at the end.

use super::super::histogram::{Distinct, Histogram};
use super::super::{Cancelled, ErrorSums, FloatVec, Floats, Left};
use super::cluster::finish;
use super::zero::{Item, kept_is_negative};
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
    let zero = lut.iter().position(|&bits| bits == 0);
    lut.resize(1 << bits, 0);
    let mut palette = finish(w, bits, lut, &distinct, byte, cancelled)?;
    if let (Some(zero), true) = (zero, histogram.count(0x8000) > 0) {
        let signs = w.iter().map(|bits| bits & 0x8000 != 0);
        if keeps_negative(&palette.indices, signs, zero, cancelled)? {
            palette.lut = with_negative_zero(palette.lut, zero);
        }
    }
    Ok(palette)
}

fn byte(index: usize) -> u8 {
    u8::try_from(index).unwrap_or(u8::MAX)
}

fn keeps_negative(
    indices: &[u8],
    signs: impl Iterator<Item = bool>,
    zero: usize,
    cancelled: Cancelled<'_>,
) -> Result<bool, Left> {
    let items = indices
        .iter()
        .zip(signs)
        .map(|(&rank, negative)| Item { rank, negative });
    kept_is_negative(items.collect(), byte(zero), cancelled)
}

fn with_negative_zero(mut lut: FloatVec, zero: usize) -> FloatVec {
    match &mut lut {
        FloatVec::F16(lut) => lut
            .iter_mut()
            .skip(zero)
            .take(1)
            .for_each(|entry| *entry = 0x8000),
        FloatVec::F32(lut) => lut
            .iter_mut()
            .skip(zero)
            .take(1)
            .for_each(|entry| *entry = -0.0),
    }
    lut
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
        indices.extend(piece.iter().map(|w| byte(index(w))));
    }
    let zero = keys.binary_search(&0);
    let mut lut: Vec<f32> = keys.into_iter().map(of_key).collect();
    lut.resize(1 << bits, 0.0);
    let mut lut = FloatVec::F32(lut);
    let is_negative_zero = |w: &f32| *w == 0.0 && w.is_sign_negative();
    if let (Ok(zero), true) = (zero, w.iter().any(is_negative_zero))
        && keeps_negative(
            &indices,
            w.iter().map(|w| w.is_sign_negative()),
            zero,
            cancelled,
        )?
    {
        lut = with_negative_zero(lut, zero);
    }
    Ok(Palette {
        bits,
        lut,
        indices,
        error,
    })
}
