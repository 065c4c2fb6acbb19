//! The bytes of a protobuf message: checked before anything is decoded, and changed without re-encoding.
//!
//! [`check`] proves that a model file is well-formed as far as `proto/` reaches, so that decoding it is bounded in
//! depth and memory and every field of the decoded tree has exactly one place in the file. [`fields`] walks one level,
//! [`splice`] replaces whole records and rewrites the lengths around them, and the encoders make the replacements.
//! There is deliberately no general decoder here: prost reads (see [`crate::spec`]).

mod check;
mod encode;
mod fields;
pub(crate) mod schema;
mod splice;
mod walk;

#[cfg(test)]
mod tests;

pub use check::check;
pub use encode::{
    field_record, put_len_field, put_tag, put_varint, put_varint_field, varint_record,
};
pub use fields::{Field, Fields, WireType, fields};
pub use splice::{Edit, splice};
pub use walk::{canonical, find};
