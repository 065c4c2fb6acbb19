//! The loop over weights: quotient, code, and what the code gives back.
//!
//! Written in lanes of sixteen so that the compiler makes vector code of it, and so that the
//! sums do not depend on the vector width of the machine.

use super::super::ErrorSums;
use super::channel::{Channel, Grid};
use super::element::{MAGIC, Weight};

const LANES: usize = 16;
/// Weights whose squares are summed before the sum is widened to double.
const BLOCK: usize = 2048;

/// Sums of a block of weights, in lanes.
pub(super) struct Lanes<T: Weight> {
    signal: [T::Sum; LANES],
    noise: [T::Sum; LANES],
    max_abs: [f32; LANES],
    /// Weights added since the last widening.
    pending: usize,
    sums: ErrorSums,
}

impl<T: Weight> Lanes<T> {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self {
            signal: [T::Sum::default(); LANES],
            noise: [T::Sum::default(); LANES],
            max_abs: [0.0; LANES],
            pending: 0,
            sums: ErrorSums::default(),
        }
    }

    /// Widens the lanes once a block is full.
    #[inline(always)]
    fn added(&mut self, weights: usize) {
        self.pending += weights;
        if self.pending >= BLOCK {
            self.widen();
        }
    }

    #[inline(always)]
    fn widen(&mut self) {
        for lane in 0..LANES {
            self.sums.signal += self.signal[lane].into();
            self.sums.noise += self.noise[lane].into();
        }
        self.signal = [T::Sum::default(); LANES];
        self.noise = [T::Sum::default(); LANES];
        self.pending = 0;
    }

    /// The sums of everything added.
    #[inline(always)]
    pub(super) fn finish(mut self) -> ErrorSums {
        self.widen();
        let largest = self.max_abs.iter().fold(0.0f32, |m, &x| m.max(x));
        self.sums.max_abs = self.sums.max_abs.max(f64::from(largest));
        self.sums
    }
}

#[inline(always)]
fn step<T: Weight>(
    w: &[T; LANES],
    scale: &[f32; LANES],
    zero: &[f32; LANES],
    grid: Grid,
    codes: &mut [u8; LANES],
    lanes: &mut Lanes<T>,
) {
    for i in 0..LANES {
        let x = w[i].finite_value();
        let quotient = T::round_quotient(x / scale[i]);
        let whole = (quotient + MAGIC) - MAGIC;
        let shifted = whole + zero[i];
        let clipped = if shifted < grid.lo { grid.lo } else { shifted };
        let clipped = if clipped > grid.hi { grid.hi } else { clipped };
        codes[i] = (clipped + MAGIC).to_bits().to_le_bytes()[0];
        let back = T::round_finite((clipped - zero[i]) * scale[i]);
        let error = x - back;
        lanes.signal[i] += T::square(x);
        lanes.noise[i] += T::square(error);
        let size = error.abs();
        lanes.max_abs[i] = if size > lanes.max_abs[i] {
            size
        } else {
            lanes.max_abs[i]
        };
    }
}

/// Quantizes weights of one regular channel.
#[inline(always)]
pub(super) fn one_channel<T: Weight>(
    w: &[T],
    channel: Channel,
    grid: Grid,
    codes: &mut [u8],
    lanes: &mut Lanes<T>,
) {
    let (scale, zero) = ([channel.scale; LANES], [channel.zero; LANES]);
    for (w, codes) in w.chunks(BLOCK).zip(codes.chunks_mut(BLOCK)) {
        let (w, w_rest) = w.as_chunks::<LANES>();
        let (codes, codes_rest) = codes.as_chunks_mut::<LANES>();
        for (w, codes) in w.iter().zip(codes) {
            step(w, &scale, &zero, grid, codes, lanes);
        }
        if !w_rest.is_empty() {
            // Zeros quantize to the zero point without error.
            let (mut padded, mut out) = ([T::default(); LANES], [0u8; LANES]);
            padded[..w_rest.len()].copy_from_slice(w_rest);
            step(&padded, &scale, &zero, grid, &mut out, lanes);
            codes_rest.copy_from_slice(&out[..w_rest.len()]);
        }
        lanes.added(w.len() * LANES + w_rest.len());
    }
}

/// Quantizes a row in which each weight has the channel at its own position.
#[inline(always)]
pub(super) fn many_channels<T: Weight>(
    w: &[T],
    scale: &[f32],
    zero: &[f32],
    grid: Grid,
    codes: &mut [u8],
    lanes: &mut Lanes<T>,
) {
    let blocks = w.chunks(BLOCK).zip(codes.chunks_mut(BLOCK));
    for ((w, codes), (scale, zero)) in blocks.zip(scale.chunks(BLOCK).zip(zero.chunks(BLOCK))) {
        let (w, w_rest) = w.as_chunks::<LANES>();
        let (codes, codes_rest) = codes.as_chunks_mut::<LANES>();
        let (scale, scale_rest) = scale.as_chunks::<LANES>();
        let (zero, zero_rest) = zero.as_chunks::<LANES>();
        for ((w, codes), (scale, zero)) in w.iter().zip(codes).zip(scale.iter().zip(zero)) {
            step(w, scale, zero, grid, codes, lanes);
        }
        if !w_rest.is_empty() {
            let len = w_rest.len();
            let (mut padded, mut out) = ([T::default(); LANES], [0u8; LANES]);
            let (mut scale, mut zero) = ([1.0; LANES], [grid.lo; LANES]);
            padded[..len].copy_from_slice(w_rest);
            scale[..len].copy_from_slice(scale_rest);
            zero[..len].copy_from_slice(zero_rest);
            step(&padded, &scale, &zero, grid, &mut out, lanes);
            codes_rest.copy_from_slice(&out[..len]);
        }
        lanes.added(w.len() * LANES + w_rest.len());
    }
}

/// One weight of a channel whose scale is 0, infinite or NaN, step by step as numpy does it.
pub(super) fn irregular<T: Weight>(
    w: T,
    channel: Channel,
    grid: Grid,
    code: &mut u8,
    lanes: &mut Lanes<T>,
) {
    let x = w.value();
    let quotient = T::round(x / channel.scale).round_ties_even();
    *code = grid.code(T::round(quotient + channel.zero));
    let value = |byte: u8| {
        if grid.lo < 0.0 {
            f32::from(byte.cast_signed())
        } else {
            f32::from(byte)
        }
    };
    let zero = value(grid.code(channel.zero));
    let back = T::round((value(*code) - zero) * channel.scale);
    lanes.sums.add(f64::from(x), f64::from(back), 1.0);
}

/// Least and largest key.
#[inline(always)]
pub(super) fn ends<T: Weight>(w: &[T]) -> (T::Key, T::Key) {
    let (mut least, mut largest) = ([T::TOP; 32], [T::BOTTOM; 32]);
    let (chunks, rest) = w.as_chunks::<32>();
    for chunk in chunks {
        for i in 0..32 {
            least[i] = least[i].min(chunk[i].key());
            largest[i] = largest[i].max(chunk[i].key());
        }
    }
    let (mut low, mut high) = (T::TOP, T::BOTTOM);
    for i in 0..32 {
        low = low.min(least[i]);
        high = high.max(largest[i]);
    }
    for w in rest {
        low = low.min(w.key());
        high = high.max(w.key());
    }
    (low, high)
}

/// Updates the keys of a row in which each position is a channel of its own.
#[inline(always)]
pub(super) fn widen_ends<T: Weight>(w: &[T], least: &mut [T::Key], largest: &mut [T::Key]) {
    for (w, (least, largest)) in w.iter().zip(least.iter_mut().zip(largest)) {
        let key = w.key();
        *least = key.min(*least);
        *largest = key.max(*largest);
    }
}
