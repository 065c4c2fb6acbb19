//! Uploads: from a stream of bytes to a revision, or to nothing at all.
//!
//! Constant memory and one write per byte: [`scan`] finds the weights while they pass by, [`spool`] writes and hashes
//! them, [`receive`] counts, verifies and stores.

mod order;
mod receive;
mod scan;
mod spool;

pub use order::{Order, Stop};
pub use receive::receive;
pub(super) use receive::store_whole;

#[cfg(test)]
mod tests;
