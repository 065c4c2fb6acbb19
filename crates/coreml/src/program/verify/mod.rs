//! What is proven of a program before anything works with it.
//!
//! In reading order: versions and kinds ([`model`]), the walk over functions, blocks and operations with the names in
//! scope ([`block`]), types and constants ([`value`]), the parameters of compressed weights ([`constexpr`]), the
//! description against the program ([`feature`]), layers of older networks ([`layer`]). The first fault is reported.

mod block;
mod constexpr;
mod feature;
mod layer;
mod model;
mod parameter;
mod place;
mod records;
mod scope;
mod value;

#[cfg(test)]
mod tests;

pub(super) use layer::check as layers;
pub(super) use model::verify;
