//! The magnitude at which weights are cut off: `numpy.percentile` of numpy 2.4.

use super::super::half_bits::{f16_to_f32, f32_to_f16, f64_to_f16, round_to_half};
use super::super::histogram::{Histogram, INFINITE};
use super::super::{Cancelled, Compat, Left};

/// Weights looked at between two questions whether to stop.
const PIECE: usize = 1 << 20;

/// What happens to weights by the bits of their magnitudes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut<B> {
    /// Magnitudes up to this one go.
    UpTo(B),
    /// Everything is multiplied by zero: infinities and NaN become NaN and stay.
    All,
}

/// Where the percentile lies between two order statistics.
struct Place {
    rank: u64,
    fraction: f64,
}

impl Place {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "numpy computes the index in double; it is not negative"
    )]
    fn new(len: usize, percent: f64) -> Self {
        let index = len.saturating_sub(1) as f64 * (percent / 100.0);
        Self {
            rank: index.floor() as u64,
            fraction: index - index.floor(),
        }
    }
}

/// Nothing or everything, which coremltools tells by these very comparisons.
fn extreme<B>(percent: f64, zero: B) -> Option<Cut<B>> {
    match percent {
        0.0 => Some(Cut::UpTo(zero)),
        100.0 => Some(Cut::All),
        _ => None,
    }
}

/// The cut for halves.
pub(super) fn of_halves(
    histogram: &Histogram,
    len: usize,
    percent: f64,
    compat: Compat,
) -> Result<Cut<u16>, Left> {
    let has_nan = histogram.has_nan();
    if has_nan && compat == Compat::Mended {
        return Err(Left::NotANumber);
    }
    if let Some(cut) = extreme(percent, 0) {
        let infinite = histogram.count_magnitude(INFINITE) > 0;
        let poisoned = cut == Cut::All && infinite && compat == Compat::Mended;
        return if poisoned {
            Err(Left::Infinite)
        } else {
            Ok(cut)
        };
    }
    if has_nan {
        return Ok(Cut::UpTo(0));
    }
    let place = Place::new(len, percent);
    let last = (len as u64).saturating_sub(1);
    let (low, high) = two_ranks(
        (0..=INFINITE).map(|bits| (bits, histogram.count_magnitude(bits))),
        place.rank.min(last),
        (place.rank + 1).min(last),
    );
    let (low, high) = (f16_to_f32(low), f16_to_f32(high));
    let step = round_to_half(high - low);
    let weight = |w: f64| f16_to_f32(f64_to_f16(w));
    let cut = if place.fraction >= 0.5 {
        high - round_to_half(step * weight(1.0 - place.fraction))
    } else {
        low + round_to_half(step * weight(place.fraction))
    };
    Ok(if cut.is_nan() {
        Cut::UpTo(0)
    } else {
        Cut::UpTo(f32_to_f16(cut) & 0x7fff)
    })
}

/// The keys at two neighbouring ranks of ascending (key, count).
fn two_ranks<K: Copy + Default>(
    counts: impl Iterator<Item = (K, u64)>,
    first: u64,
    second: u64,
) -> (K, K) {
    let mut below = 0;
    let mut found = None;
    for (key, count) in counts {
        below += count;
        if found.is_none() && below > first {
            found = Some(key);
        }
        if below > second {
            return (found.unwrap_or(key), key);
        }
    }
    (K::default(), K::default())
}

/// The cut for singles: two passes of 16 bits each find the order statistics.
pub(super) fn of_singles(
    w: &[f32],
    percent: f64,
    compat: Compat,
    cancelled: Cancelled<'_>,
) -> Result<Cut<u32>, Left> {
    let mut upper = vec![0u64; 1 << 15];
    let (mut has_nan, mut has_infinite) = (false, false);
    for piece in w.chunks(PIECE) {
        if cancelled() {
            return Err(Left::Cancelled);
        }
        for w in piece {
            let bits = w.to_bits() & 0x7fff_ffff;
            upper[(bits >> 16) as usize] += 1;
            has_nan |= bits > 0x7f80_0000;
            has_infinite |= bits == 0x7f80_0000;
        }
    }
    if has_nan && compat == Compat::Mended {
        return Err(Left::NotANumber);
    }
    if let Some(cut) = extreme(percent, 0) {
        let poisoned = cut == Cut::All && has_infinite && compat == Compat::Mended;
        return if poisoned {
            Err(Left::Infinite)
        } else {
            Ok(cut)
        };
    }
    if has_nan {
        return Ok(Cut::UpTo(0));
    }
    let place = Place::new(w.len(), percent);
    let last = (w.len() as u64).saturating_sub(1);
    let (first, second) = (place.rank.min(last), (place.rank + 1).min(last));
    let numbered = || (0u32..).zip(upper.iter().copied());
    let (low_upper, high_upper) = two_ranks(numbered(), first, second);
    let below = |end: u32| upper.iter().take(end as usize).sum::<u64>();
    let low = in_bin(w, low_upper, first - below(low_upper), cancelled)?;
    let high = in_bin(w, high_upper, second - below(high_upper), cancelled)?;
    let (low, high) = (f32::from_bits(low), f32::from_bits(high));
    let step = high - low;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "numpy casts the weight to the array's type"
    )]
    let cut = if place.fraction >= 0.5 {
        high - step * ((1.0 - place.fraction) as f32)
    } else {
        low + step * (place.fraction as f32)
    };
    Ok(if cut.is_nan() {
        Cut::UpTo(0)
    } else {
        Cut::UpTo(cut.to_bits() & 0x7fff_ffff)
    })
}

/// The magnitude of the given rank among those whose upper bits are `upper`.
fn in_bin(w: &[f32], upper: u32, rank: u64, cancelled: Cancelled<'_>) -> Result<u32, Left> {
    let mut lower = vec![0u64; 1 << 16];
    for piece in w.chunks(PIECE) {
        if cancelled() {
            return Err(Left::Cancelled);
        }
        for w in piece {
            let bits = w.to_bits() & 0x7fff_ffff;
            if bits >> 16 == upper {
                lower[(bits & 0xffff) as usize] += 1;
            }
        }
    }
    let (low, _) = two_ranks((0u32..).zip(lower), rank, rank);
    Ok(upper << 16 | low)
}
