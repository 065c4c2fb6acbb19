//! Which of two zeros stands for both in the table of `mode: unique`.
//!
//! numpy sorts with comparisons that take both zeros as equal and keeps the first of equals. Its
//! sort is not stable, so that with both zeros present the one that ends up first depends on how
//! the sort moves things: a quicksort with the median of three, insertion sort for short parts,
//! and the longer part put off. (Its change to heapsort at great depth is left out: with at
//! most 256 distinct values the depth stays small.)

use super::super::{Cancelled, Left};

/// Parts of up to so many weights are sorted by insertion.
const SHORT: usize = 16;

/// A weight as the sort sees it: its place among the distinct values, and its sign aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) rank: u8,
    pub(super) negative: bool,
}

/// Whether the first zero is negative after numpy's sort; `zero` is the rank of zero.
pub(super) fn kept_is_negative(
    mut items: Vec<Item>,
    zero: u8,
    cancelled: Cancelled<'_>,
) -> Result<bool, Left> {
    // Parts still to be sorted, as start and end.
    let mut open = vec![(0, items.len())];
    let mut moved = 0usize;
    while let Some((mut start, mut end)) = open.pop() {
        while end - start > SHORT {
            moved += end - start;
            if moved >= 1 << 22 {
                moved = 0;
                if cancelled() {
                    return Err(Left::Cancelled);
                }
            }
            let pivot = partition(&mut items[start..end]) + start;
            if pivot - start < end - 1 - pivot {
                open.push((pivot + 1, end));
                end = pivot;
            } else {
                open.push((start, pivot));
                start = pivot + 1;
            }
        }
        insertion(&mut items[start..end]);
    }
    Ok(items
        .iter()
        .find(|item| item.rank == zero)
        .is_some_and(|item| item.negative))
}

/// Moves lesser items before greater ones; returns where the pivot came to lie.
fn partition(items: &mut [Item]) -> usize {
    let last = items.len() - 1;
    let middle = last / 2;
    for (greater, lesser) in [(middle, 0), (last, middle), (middle, 0)] {
        if items[greater].rank < items[lesser].rank {
            items.swap(greater, lesser);
        }
    }
    let pivot = items[middle].rank;
    items.swap(middle, last - 1);
    let (mut low, mut high) = (0, last - 1);
    loop {
        low += 1;
        while items[low].rank < pivot {
            low += 1;
        }
        high -= 1;
        while pivot < items[high].rank {
            high -= 1;
        }
        if low >= high {
            break;
        }
        items.swap(low, high);
    }
    items.swap(low, last - 1);
    low
}

fn insertion(items: &mut [Item]) {
    for end in 1..items.len() {
        let item = items[end];
        let mut at = end;
        while at > 0 && item.rank < items[at - 1].rank {
            items[at] = items[at - 1];
            at -= 1;
        }
        items[at] = item;
    }
}
