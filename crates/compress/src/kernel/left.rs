//! Why a kernel leaves a constant as it is, and how kernels are stopped.

/// Asked at least every 50 ms by long kernels; true means: stop, answer [`Left::Cancelled`].
pub type Cancelled<'a> = &'a (dyn Fn() -> bool + Sync);

/// Whether coremltools' arithmetic faults are mended or reproduced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Compat {
    /// Where coremltools destroys a channel (16-bit overflow or underflow inside the formula), scale
    /// and zero point are computed in single precision; what still cannot be stored is left.
    #[default]
    Mended,
    /// Every bit as coremltools 9.0 writes it, also where it destroys the weights.
    Exact,
}

/// Why a constant stays as it is. `Display` is one phrase for the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Left {
    /// A weight is infinite.
    #[error("it holds an infinite value")]
    Infinite,
    /// A weight is not a number.
    #[error("it holds a value that is not a number")]
    NotANumber,
    /// The scale of a channel is not a positive finite number of the weight's type.
    #[error("a range of its values does not fit their type")]
    DegenerateScale,
    /// More distinct values than a palette of eight bits holds.
    #[error("it has more than 256 distinct values")]
    TooManyValues,
    /// Pruning would make fewer zeros than the recipe's `minimum_sparsity_percentile`.
    #[error("pruned it would have fewer zeros than minimum_sparsity_percentile")]
    NotSparse,
    /// The shape does not match the number of elements, or has no such axis.
    #[error("its shape does not match its data")]
    Shape,
    /// The caller asked to stop.
    #[error("the work was cancelled")]
    Cancelled,
}
