//! coremltools 9.0's configuration classes for constants, field by field, with its defaults.
//!
//! Two configurations conflict unless they are equal in every field, used or not: so do these.

/// Configuration of one operation.
#[derive(Debug, Clone, PartialEq)]
pub enum OpConfig {
    /// `OpLinearQuantizerConfig`.
    Linear(LinearConfig),
    /// `OpPalettizerConfig`.
    Palettize(PalettizeConfig),
    /// `OpMagnitudePrunerConfig`.
    Magnitude(MagnitudeConfig),
    /// `OpThresholdPrunerConfig`.
    Threshold(ThresholdConfig),
}

impl OpConfig {
    /// Constants of this many elements or fewer stay as they are.
    pub fn weight_threshold(&self) -> u64 {
        match self {
            Self::Linear(c) => c.weight_threshold,
            Self::Palettize(c) => c.weight_threshold,
            Self::Magnitude(c) => c.weight_threshold,
            Self::Threshold(c) => c.weight_threshold,
        }
    }
}

/// Linear quantization.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearConfig {
    /// Symmetric around zero, or from minimum to maximum.
    pub mode: LinearMode,
    /// Type of the codes.
    pub dtype: CodeType,
    /// What shares one scale.
    pub granularity: LinearGranularity,
    /// Used with `per_block` only.
    pub block_size: BlockSize,
    /// See [`OpConfig::weight_threshold`].
    pub weight_threshold: u64,
}

/// How the range is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinearMode {
    /// `[-R, R]`, R = max |w|.
    LinearSymmetric,
    /// `[min(0, min w), max(0, max w)]`.
    Linear,
}

/// Type of quantized values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeType {
    /// −128..127
    Int8,
    /// 0..255
    Uint8,
    /// −8..7
    Int4,
    /// 0..15
    Uint4,
}

/// What shares one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinearGranularity {
    /// The whole constant.
    PerTensor,
    /// One index of the output axis.
    PerChannel,
    /// A block.
    PerBlock,
}

/// Size of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockSize {
    /// Along the input axis.
    One(u64),
    /// Along every axis.
    List(Vec<u64>),
}

/// Palettization.
#[derive(Debug, Clone, PartialEq)]
pub struct PalettizeConfig {
    /// How the table is found.
    pub mode: PaletteMode,
    /// 1, 2, 3, 4, 6 or 8; `None` for `unique`.
    pub nbits: Option<u32>,
    /// What shares one table.
    pub granularity: PaletteGranularity,
    /// Used with `per_grouped_channel` only.
    pub group_size: i64,
    /// Used with `per_grouped_channel` only.
    pub channel_axis: Option<i64>,
    /// Elements of one table entry.
    pub cluster_dim: i64,
    /// Divide by a scale first.
    pub enable_per_channel_scale: bool,
    /// Accepted, compared and not used: threads are the engine's matter.
    pub num_kmeans_workers: i64,
    /// See [`OpConfig::weight_threshold`].
    pub weight_threshold: u64,
}

/// How a look-up table is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaletteMode {
    /// Least squared error.
    Kmeans,
    /// Equal steps from minimum to maximum.
    Uniform,
    /// The distinct values themselves.
    Unique,
}

/// What shares one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaletteGranularity {
    /// The whole constant.
    PerTensor,
    /// A group of channels.
    PerGroupedChannel,
}

/// Magnitude pruning.
#[derive(Debug, Clone, PartialEq)]
pub struct MagnitudeConfig {
    /// Share of values to become zero, 0..=1.
    pub target_sparsity: Option<f64>,
    /// Prune runs of this length.
    pub block_size: Option<i64>,
    /// Prune n of m.
    pub n_m_ratio: Option<(i64, i64)>,
    /// Axis of `block_size` or `n_m_ratio`.
    pub dim: Option<i64>,
    /// See [`OpConfig::weight_threshold`].
    pub weight_threshold: u64,
}

/// Threshold pruning.
#[derive(Debug, Clone, PartialEq)]
pub struct ThresholdConfig {
    /// |w| at or below it becomes zero.
    pub threshold: f64,
    /// A share 0..=1 despite its name: below it the constant stays dense.
    pub minimum_sparsity_percentile: f64,
    /// See [`OpConfig::weight_threshold`].
    pub weight_threshold: u64,
}
