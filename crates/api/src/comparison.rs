//! Two revisions, or two packages, side by side.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What differs between `a` and `b`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Comparison {
    /// The two sizes in bytes.
    pub size_bytes: Pair<u64>,
    /// `b` over `a`.
    pub size_ratio: f64,
    /// Whether all files are the same bytes.
    pub same_digest: bool,
    /// Whether they differ at most in what an exporter draws at random.
    pub same_content: bool,
    /// Operation types whose number differs: type to the two counts.
    pub ops_changed: BTreeMap<String, Pair<u64>>,
    /// Per weight, in the order of `a`.
    pub weights: Vec<WeightComparison>,
    /// Weights that only one side has.
    pub unmatched: Pair<Vec<String>>,
    /// Accuracy rows, one per metric that both have been measured on.
    pub accuracy: Vec<MetricComparison>,
    /// Latency rows, one per device and compute unit that both have been measured on.
    pub latency: Vec<MetricComparison>,
}

/// A value of `a` and the one of `b`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pair<T> {
    /// The first revision's.
    pub a: T,
    /// The second revision's.
    pub b: T,
}

/// A weight in both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WeightComparison {
    /// The function.
    pub function: String,
    /// Name of the value that users read.
    pub name: String,
    /// Extent of each axis.
    pub shape: Vec<u64>,
    /// How it is stored.
    pub representation: Pair<String>,
    /// Stored bytes.
    pub bytes: Pair<u64>,
    /// 10·log10(Σa² / Σ(a−b)²) in decibels; null where the values are equal.
    pub snr_db: Option<f64>,
    /// Largest |a − b|; null where the values are equal.
    pub max_abs: Option<f64>,
}

/// A metric that both were measured on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MetricComparison {
    /// For example `top1`.
    pub metric: String,
    /// What it was measured on: device and compute unit, or data set.
    pub on: String,
    /// The two values.
    pub value: Pair<f64>,
    /// Unit of the values.
    pub unit: String,
}
