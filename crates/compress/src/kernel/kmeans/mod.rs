//! Optimal one-dimensional k-means.
