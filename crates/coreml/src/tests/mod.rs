//! What is true of the modules at the top of this crate.

mod error;
mod map;
