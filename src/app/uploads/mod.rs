//! Uploads that can be resumed, as tus 1.0 has them: bytes come in pieces, over several connections and to any server.
//!
//! A piece is an object in the store before its bytes count; so what a client was told survives every server. Memory: one
//! piece per upload. The whole then goes the way of every upload ([`super::upload`]): same checks, same answers.

mod append;
mod begin;
mod finish;

pub use append::{Checksum, append};
pub use begin::{Begin, begin, delete, expire, get, list};
