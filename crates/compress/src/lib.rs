//! Recipes and what they do to weights.
