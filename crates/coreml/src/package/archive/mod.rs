//! Zip archives: reading hostile ones, and laying out the ones that are downloaded.
//!
//! Reading believes nothing: the directory, the local headers and the data have to agree, and everything that can be
//! checked is checked before the first byte is written. Writing knows one form, stored, sorted and dated 1980, whose
//! bytes follow from names, lengths and sums alone.

mod directory;
mod extra;
mod fields;
mod header;
mod inflate;
mod layout;
mod pack;
mod records;
mod unpack;
mod verify;

pub use layout::{Segment, ZipEntry, ZipLayout};
pub use pack::pack;
pub(super) use unpack::unpack_with;
pub use unpack::{SetAside, Unpacked, UnpackedFile, unpack};

#[cfg(test)]
mod tests;
