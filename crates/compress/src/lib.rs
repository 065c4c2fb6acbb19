//! Recipes and what they do to weights.

pub mod kernel;
