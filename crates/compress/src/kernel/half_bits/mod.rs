//! Conversions between halves, singles and doubles, each rounded once to nearest, ties to even.
//!
//! Why our own: `half::f16::from_f64` rounds twice on some machines and drops bits on others,
//! and centroids of k-means are doubles that must become the same halves as in numpy.

mod convert;

pub use convert::{f16_to_f32, f16_to_f64, f32_to_f16, f64_to_f16, round_to_half};

#[cfg(test)]
mod tests;
