//! Walks a tensor by its channels, in pieces that threads may share.
//!
//! The pieces depend on the shape alone and their sums are merged in order, so that the result
//! is the same on any number of threads.

use super::super::{Cancelled, ErrorSums, Left};
use super::Quantized;
use super::channel::{Channel, Grid, Kind};
use super::element::Weight;
use super::run;
use multiversion::multiversion;
use rayon::prelude::*;

/// Weights per piece of work.
const PIECE: usize = 1 << 18;
/// From here on the pieces are spread over threads.
const SPREAD: usize = 1 << 22;
/// Shorter runs of one channel are walked as rows of many channels.
const SHORT_RUN: usize = 32;

/// A row-major tensor seen as outer * channels * inner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct View {
    outer: usize,
    channels: usize,
    inner: usize,
}

impl View {
    pub(super) fn new(shape: &[usize], axis: Option<usize>, len: usize) -> Result<Self, Left> {
        let count = |dims: &[usize]| dims.iter().try_fold(1usize, |n, &d| n.checked_mul(d));
        if len == 0 || count(shape) != Some(len) {
            return Err(Left::Shape);
        }
        let Some(axis) = axis else {
            return Ok(Self {
                outer: 1,
                channels: 1,
                inner: len,
            });
        };
        let channels = *shape.get(axis).ok_or(Left::Shape)?;
        let outer = shape.get(..axis).and_then(count).ok_or(Left::Shape)?;
        Ok(Self {
            outer,
            channels,
            inner: len / outer / channels,
        })
    }
}

/// The loops of one element type, compiled for several instruction sets.
pub(super) trait Loops: Weight {
    /// Least and largest key.
    fn ends(w: &[Self]) -> (Self::Key, Self::Key);
    /// Updates keys per position.
    fn widen_ends(w: &[Self], least: &mut [Self::Key], largest: &mut [Self::Key]);
    /// Rows of `inner` weights, one channel each: parameters and codes in one go.
    fn rows(
        w: &[Self],
        inner: usize,
        grid: Grid,
        channels: &mut [Channel],
        codes: &mut [u8],
    ) -> Result<ErrorSums, Left>;
    /// Runs of `inner` weights whose channels are known and go round.
    fn runs(
        w: &[Self],
        inner: usize,
        grid: Grid,
        channels: &[Channel],
        codes: &mut [u8],
    ) -> ErrorSums;
    /// Rows in which each position has its own scale and zero.
    fn columns(w: &[Self], scale: &[f32], zero: &[f32], grid: Grid, codes: &mut [u8]) -> ErrorSums;
}

#[inline(always)]
fn rows<T: Weight>(
    w: &[T],
    inner: usize,
    grid: Grid,
    channels: &mut [Channel],
    codes: &mut [u8],
) -> Result<ErrorSums, Left> {
    let mut lanes = run::Lanes::new();
    for ((w, codes), out) in w.chunks(inner).zip(codes.chunks_mut(inner)).zip(channels) {
        let (least, largest) = run::ends(w);
        *out = Channel::new::<T>(least, largest, grid)?;
        one_run(w, *out, grid, codes, &mut lanes);
    }
    Ok(lanes.finish())
}

#[inline(always)]
fn one_run<T: Weight>(
    w: &[T],
    channel: Channel,
    grid: Grid,
    codes: &mut [u8],
    lanes: &mut run::Lanes<T>,
) {
    match channel.kind {
        Kind::Regular => run::one_channel(w, channel, grid, codes, lanes),
        Kind::Zero => codes.fill(0),
        Kind::Irregular => {
            for (&w, code) in w.iter().zip(codes) {
                run::irregular(w, channel, grid, code, lanes);
            }
        }
    }
}

#[inline(always)]
fn runs<T: Weight>(
    w: &[T],
    inner: usize,
    grid: Grid,
    channels: &[Channel],
    codes: &mut [u8],
) -> ErrorSums {
    let mut lanes = run::Lanes::new();
    let around = channels.iter().cycle();
    for ((w, codes), &channel) in w.chunks(inner).zip(codes.chunks_mut(inner)).zip(around) {
        one_run(w, channel, grid, codes, &mut lanes);
    }
    lanes.finish()
}

#[inline(always)]
fn columns<T: Weight>(
    w: &[T],
    scale: &[f32],
    zero: &[f32],
    grid: Grid,
    codes: &mut [u8],
) -> ErrorSums {
    let mut lanes = run::Lanes::new();
    for (w, codes) in w.chunks(scale.len()).zip(codes.chunks_mut(scale.len())) {
        run::many_channels(w, scale, zero, grid, codes, &mut lanes);
    }
    lanes.finish()
}

/// One implementation of [`Loops`] per type: the dispatch needs functions without generics.
macro_rules! loops {
    ($type:ty, $module:ident) => {
        mod $module {
            use super::*;
            #[multiversion(targets(
                "x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+bmi2+f16c",
                "x86_64+avx2+bmi2+f16c"
            ))]
            pub(super) fn ends(w: &[$type]) -> (<$type as Weight>::Key, <$type as Weight>::Key) {
                run::ends(w)
            }
            #[multiversion(targets(
                "x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+bmi2+f16c",
                "x86_64+avx2+bmi2+f16c"
            ))]
            pub(super) fn widen_ends(
                w: &[$type],
                least: &mut [<$type as Weight>::Key],
                largest: &mut [<$type as Weight>::Key],
            ) {
                run::widen_ends(w, least, largest)
            }
            #[multiversion(targets(
                "x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+bmi2+f16c",
                "x86_64+avx2+bmi2+f16c"
            ))]
            pub(super) fn rows(
                w: &[$type],
                inner: usize,
                grid: Grid,
                channels: &mut [Channel],
                codes: &mut [u8],
            ) -> Result<ErrorSums, Left> {
                super::rows(w, inner, grid, channels, codes)
            }
            #[multiversion(targets(
                "x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+bmi2+f16c",
                "x86_64+avx2+bmi2+f16c"
            ))]
            pub(super) fn runs(
                w: &[$type],
                inner: usize,
                grid: Grid,
                channels: &[Channel],
                codes: &mut [u8],
            ) -> ErrorSums {
                super::runs(w, inner, grid, channels, codes)
            }
            #[multiversion(targets(
                "x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+bmi2+f16c",
                "x86_64+avx2+bmi2+f16c"
            ))]
            pub(super) fn columns(
                w: &[$type],
                scale: &[f32],
                zero: &[f32],
                grid: Grid,
                codes: &mut [u8],
            ) -> ErrorSums {
                super::columns(w, scale, zero, grid, codes)
            }
        }

        impl Loops for $type {
            fn ends(w: &[Self]) -> (Self::Key, Self::Key) {
                $module::ends(w)
            }
            fn widen_ends(w: &[Self], least: &mut [Self::Key], largest: &mut [Self::Key]) {
                $module::widen_ends(w, least, largest);
            }
            fn rows(
                w: &[Self],
                inner: usize,
                grid: Grid,
                channels: &mut [Channel],
                codes: &mut [u8],
            ) -> Result<ErrorSums, Left> {
                $module::rows(w, inner, grid, channels, codes)
            }
            fn runs(
                w: &[Self],
                inner: usize,
                grid: Grid,
                channels: &[Channel],
                codes: &mut [u8],
            ) -> ErrorSums {
                $module::runs(w, inner, grid, channels, codes)
            }
            fn columns(
                w: &[Self],
                scale: &[f32],
                zero: &[f32],
                grid: Grid,
                codes: &mut [u8],
            ) -> ErrorSums {
                $module::columns(w, scale, zero, grid, codes)
            }
        }
    };
}

loops!(u16, half_loops);
loops!(f32, single_loops);

/// Quantizes a tensor whose elements are those of `view`.
pub(super) fn quantize<T: Loops>(
    w: &[T],
    view: View,
    grid: Grid,
    cancelled: Cancelled<'_>,
) -> Result<Quantized, Left> {
    let mut codes = vec![0u8; w.len()];
    let mut channels = vec![Channel::NONE; view.channels];
    let error = if view.outer == 1 && view.channels > 1 {
        by_rows(w, view, grid, &mut channels, &mut codes, cancelled)?
    } else {
        let (least, largest) = all_ends(w, view, cancelled)?;
        for (out, (&least, &largest)) in channels.iter_mut().zip(least.iter().zip(&largest)) {
            *out = Channel::new::<T>(least, largest, grid)?;
        }
        let regular = channels.iter().all(|c| c.kind != Kind::Irregular);
        if view.inner < SHORT_RUN && regular {
            by_columns(w, view, grid, &channels, &mut codes, cancelled)?
        } else {
            by_runs(w, view, grid, &channels, &mut codes, cancelled)?
        }
    };
    if channels.iter().any(|c| c.scale.is_nan()) && w.iter().any(|w| w.value().is_infinite()) {
        return Err(Left::Infinite);
    }
    let scales: Vec<f32> = channels.iter().map(|c| c.scale).collect();
    let zero_points = grid
        .has_zero_points
        .then(|| channels.iter().map(|c| grid.code(c.zero)).collect());
    Ok(Quantized {
        codes,
        scales: T::store(&scales),
        zero_points,
        error,
    })
}

/// Runs `work` on every item, spread over threads where the tensor is large, and adds the sums.
fn pieces<I: Send>(
    len: usize,
    items: impl Iterator<Item = I>,
    cancelled: Cancelled<'_>,
    work: impl Fn(I) -> Result<ErrorSums, Left> + Sync + Send,
) -> Result<ErrorSums, Left> {
    let checked = |item| {
        if cancelled() {
            Err(Left::Cancelled)
        } else {
            work(item)
        }
    };
    let sums: Vec<ErrorSums> = if len < SPREAD {
        items.map(checked).collect::<Result<_, _>>()?
    } else {
        let items: Vec<I> = items.collect();
        items
            .into_par_iter()
            .map(checked)
            .collect::<Result<_, _>>()?
    };
    Ok(sums
        .into_iter()
        .fold(ErrorSums::default(), ErrorSums::merged))
}

fn by_rows<T: Loops>(
    w: &[T],
    view: View,
    grid: Grid,
    channels: &mut [Channel],
    codes: &mut [u8],
    cancelled: Cancelled<'_>,
) -> Result<ErrorSums, Left> {
    let rows = (PIECE / view.inner).max(1);
    let len = rows * view.inner;
    let items = w
        .chunks(len)
        .zip(codes.chunks_mut(len))
        .zip(channels.chunks_mut(rows));
    pieces(w.len(), items, cancelled, |((w, codes), channels)| {
        T::rows(w, view.inner, grid, channels, codes)
    })
}

type Ends<K> = (Vec<K>, Vec<K>);

/// Least and largest key of every channel.
fn all_ends<T: Loops>(w: &[T], view: View, cancelled: Cancelled<'_>) -> Result<Ends<T::Key>, Left> {
    let mut least = vec![T::TOP; view.channels];
    let mut largest = vec![T::BOTTOM; view.channels];
    let row = view.channels * view.inner;
    if view.inner >= SHORT_RUN {
        for w in w.chunks(row) {
            for (w, (low, high)) in w.chunks(view.inner).zip(least.iter_mut().zip(&mut largest)) {
                for w in w.chunks(PIECE) {
                    if cancelled() {
                        return Err(Left::Cancelled);
                    }
                    let (l, h) = T::ends(w);
                    *low = l.min(*low);
                    *high = h.max(*high);
                }
            }
        }
        return Ok((least, largest));
    }
    let mut column_least = vec![T::TOP; row];
    let mut column_largest = vec![T::BOTTOM; row];
    for w in w.chunks(row) {
        if cancelled() {
            return Err(Left::Cancelled);
        }
        T::widen_ends(w, &mut column_least, &mut column_largest);
    }
    let columns = column_least
        .chunks(view.inner)
        .zip(column_largest.chunks(view.inner));
    for ((lows, highs), (low, high)) in columns.zip(least.iter_mut().zip(&mut largest)) {
        *low = lows.iter().copied().min().unwrap_or(*low);
        *high = highs.iter().copied().max().unwrap_or(*high);
    }
    Ok((least, largest))
}

fn by_columns<T: Loops>(
    w: &[T],
    view: View,
    grid: Grid,
    channels: &[Channel],
    codes: &mut [u8],
    cancelled: Cancelled<'_>,
) -> Result<ErrorSums, Left> {
    let spread = |value: fn(&Channel) -> f32| -> Vec<f32> {
        channels
            .iter()
            .flat_map(|c| std::iter::repeat_n(value(c), view.inner))
            .collect()
    };
    // A channel of zeros: 0 / 1 + 0 gives the code 0 without error.
    let scale = spread(|c| if c.kind == Kind::Zero { 1.0 } else { c.scale });
    let zero = spread(|c| if c.kind == Kind::Zero { 0.0 } else { c.zero });
    let row = scale.len();
    let len = (PIECE / row).max(1) * row;
    let items = w.chunks(len).zip(codes.chunks_mut(len));
    pieces(w.len(), items, cancelled, |(w, codes)| {
        Ok(T::columns(w, &scale, &zero, grid, codes))
    })
}

fn by_runs<T: Loops>(
    w: &[T],
    view: View,
    grid: Grid,
    channels: &[Channel],
    codes: &mut [u8],
    cancelled: Cancelled<'_>,
) -> Result<ErrorSums, Left> {
    if view.channels == 1 {
        let items = w.chunks(PIECE).zip(codes.chunks_mut(PIECE));
        return pieces(w.len(), items, cancelled, |(w, codes)| {
            Ok(T::runs(w, PIECE, grid, channels, codes))
        });
    }
    let row = view.channels * view.inner;
    let len = (PIECE / row).max(1) * row;
    let items = w.chunks(len).zip(codes.chunks_mut(len));
    pieces(w.len(), items, cancelled, |(w, codes)| {
        Ok(T::runs(w, view.inner, grid, channels, codes))
    })
}
