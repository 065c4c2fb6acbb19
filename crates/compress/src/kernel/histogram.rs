//! Counts of the 65,536 possible halves, and the distinct values of a tensor.
