//! A program's constants: which are taken, what they become, and how model and weight files are written anew.
//!
//! Reading order: [`graph`] says who reads a constant, [`select`] whether the recipe takes it, [`encode`] what it
//! becomes, [`rewrite`] runs the work and makes the files ([`weights`], [`emit`], [`references`]), [`compress`] and
//! [`decompress`] tie it together; [`raise`] lifts iOS 15 programs to iOS 16.

mod compress;
mod decompress;
mod dense;
mod emit;
mod encode;
mod evaluate;
mod functions;
mod graph;
mod ordered;
mod parameters;
mod placing;
mod raise;
mod references;
mod rewrite;
mod select;
mod task;
mod weights;

#[cfg(test)]
mod tests;

pub use compress::compress;
pub use decompress::decompress;
pub use dense::{Weight, Weights, dense};
pub use parameters::Parameter;

use std::collections::BTreeMap;

use coreml::program::Opset;

use crate::kernel::ErrorSums;

/// What came out: files and rows.
#[derive(Debug)]
pub struct Outcome {
    /// Bytes of the new model file; equal to the old ones where nothing changed.
    pub model: Vec<u8>,
    /// Weight files that were written through the sink: package file index to length in bytes.
    pub weight_files: BTreeMap<usize, u64>,
    /// A row per constant with at least ten elements of a weight's type, and per compressed weight; program order.
    pub rows: Vec<Row>,
    /// The opset before and after.
    pub opset: Option<(Opset, Opset)>,
    /// Overrides that matched nothing.
    pub unmatched_overrides: Vec<String>,
    /// Sentences for people.
    pub warnings: Vec<String>,
}

/// One constant.
#[derive(Debug, Clone)]
pub struct Row {
    /// The function it stands in.
    pub function: String,
    /// The operation's name.
    pub name: String,
    /// Names of the operations that read it.
    pub users: Vec<String>,
    /// Extent of each axis.
    pub shape: Vec<u64>,
    /// Representation before.
    pub old: String,
    /// Representation after.
    pub new: String,
    /// Stored bytes before.
    pub bytes_before: u64,
    /// Stored bytes after.
    pub bytes_after: u64,
    /// What it did to the numbers; `None` where nothing changed.
    pub error: Option<ErrorSums>,
    /// What became of it.
    pub fate: Fate,
}

/// What became of a constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It has a new representation.
    Changed,
    /// It was compressed before and stays so.
    AlreadyCompressed,
    /// It stays as it is, for this reason.
    Left(String),
}
