//! House rules as a program: direction of dependencies, names, sizes, who may speak SQL, HTTP or `unsafe`.
//!
//! Every rule is a pure function from a path and a text to the violations in it, so each is tested with a planted
//! violation (`tests.rs`) before it is turned on the tree (`tree.rs`). What a lint can check stands in `Cargo.toml` instead;
//! what only a reader can check stands in `ARCHITECTURE.md`.

mod direction;
mod documents;
mod files;
mod limits;
mod rooms;
mod source;
mod tests;
mod tree;
