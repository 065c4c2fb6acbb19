//! `inspect`: what a package is, without running it.

mod describe;
mod features;

pub use describe::inspect;
pub(crate) use describe::{ios_of_version, op_counts};
