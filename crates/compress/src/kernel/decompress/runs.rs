//! How blocks lie over a row-major tensor: runs of neighbours that share a block.

use super::parameter::{Misfit, count};

/// A run of elements of one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Row-major number of the block.
    pub(super) block: usize,
}

/// One axis, perhaps of several merged ones.
#[derive(Clone, Copy)]
struct Axis {
    size: usize,
    blocks: usize,
}

/// The runs of a tensor of `shape` that is divided into `blocks` along each axis, in order.
///
/// Neighbouring axes are merged where their blocks stay contiguous, so that the usual cases
/// (one scale per output channel, blocks along the last axis) have runs as long as possible.
pub(super) fn runs(shape: &[usize], blocks: &[usize]) -> Result<impl Iterator<Item = Run>, Misfit> {
    if shape.len() != blocks.len() {
        return Err(Misfit::Shape);
    }
    let total = count(shape)?;
    let mut axes: Vec<Axis> = Vec::with_capacity(shape.len());
    for (&size, &blocks) in shape.iter().zip(blocks) {
        if blocks == 0 || size % blocks != 0 {
            return Err(Misfit::Shape);
        }
        match axes.last_mut() {
            Some(last) if blocks == 1 || last.blocks == last.size => {
                last.size = last.size.saturating_mul(size);
                last.blocks = last.blocks.saturating_mul(blocks);
            }
            _ => axes.push(Axis { size, blocks }),
        }
    }
    let last = axes.pop().unwrap_or(Axis { size: 1, blocks: 1 });
    let step = last.size / last.blocks.max(1);
    let rows = if total == 0 { 0 } else { total / last.size };
    let mut index = vec![0usize; axes.len()];
    Ok((0..rows).flat_map(move |row| {
        let base = axes.iter().zip(&index).fold(0, |base, (axis, &at)| {
            base * axis.blocks + at / (axis.size / axis.blocks)
        });
        for (axis, at) in axes.iter().zip(&mut index).rev() {
            *at += 1;
            if *at < axis.size {
                break;
            }
            *at = 0;
        }
        (0..last.blocks).map(move |block| {
            let start = row * last.size + block * step;
            Run {
                start,
                end: start + step,
                block: base * last.blocks + block,
            }
        })
    }))
}
