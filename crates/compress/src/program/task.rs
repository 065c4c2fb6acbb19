//! One piece of work on a document, where its result goes, and what became of it.

use std::ops::Range;

use crate::Error;
use crate::kernel::{ErrorSums, Left};

/// An operation to be replaced.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The whole record in the model file.
    pub(crate) record: Range<usize>,
    pub(crate) payload: Range<usize>,
    /// The new `name` attribute, without the suffix that the work adds.
    pub(crate) name: String,
}

/// Where a task's new blobs stand: behind this record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Anchor {
    /// Index into the package's files.
    pub(crate) file: usize,
    /// Offset of the record; `u64::MAX` is the end of the file.
    pub(crate) offset: u64,
}

/// One piece of work.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) targets: Vec<Target>,
    /// `None`: all parameters become immediate values.
    pub(crate) anchor: Option<Anchor>,
    /// How references name the anchor's file.
    pub(crate) file_name: String,
    /// Dense bytes, for progress.
    pub(crate) weight_bytes: u64,
}

/// What became of a task.
#[derive(Debug)]
pub(crate) enum Done {
    Replaced {
        representation: String,
        error: Option<ErrorSums>,
        bytes: u64,
    },
    Left(Left),
}

/// Why a task gave nothing.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The weight stays as it is.
    Left(Left),
    /// Everything stops.
    Fail(Error),
}

impl From<Left> for Stop {
    fn from(left: Left) -> Self {
        if matches!(left, Left::Cancelled) {
            Self::Fail(Error::Cancelled)
        } else {
            Self::Left(left)
        }
    }
}

/// Whether one of the sorted ranges holds the offset.
pub(crate) fn inside(sorted: &[&Range<usize>], at: usize) -> bool {
    let index = sorted.partition_point(|r| r.start <= at);
    index
        .checked_sub(1)
        .is_some_and(|i| sorted[i].contains(&at))
}
