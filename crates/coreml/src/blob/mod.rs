//! Weight files: blob storage of version 2, and the packing of elements smaller than a byte.
//!
//! A [`Storage`] is a view of mapped bytes: it reads headers and hands out slices, and copies nothing. Writing is
//! headers only ([`file_header`], [`record_header`]); who writes decides where the data comes from.

mod kind;
mod pack;
mod storage;

#[cfg(test)]
mod tests;

pub use kind::BlobType;
pub use pack::{pack, packed_len, unpack};
pub use storage::{
    ALIGNMENT_BYTES, HEADER_BYTES, Record, Records, Storage, file_header, padding_bits,
    record_header,
};
