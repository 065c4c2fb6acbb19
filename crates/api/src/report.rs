//! The report of a compression: one row per constant, what changed and what was left and why.
//!
//! One type from the engine to the OpenAPI document. It does not decide anything; the engine fills it in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a compression or decompression did, constant by constant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// The recipe as it was understood.
    pub recipe: RecipeEcho,
    /// Sum of the lengths of the package's files before, in bytes.
    pub size_bytes_before: u64,
    /// The same after.
    pub size_bytes_after: u64,
    /// The deployment target before and after (a recipe may raise it).
    pub deployment_target: TargetChange,
    /// How many constants went which way.
    pub weights: WeightCounts,
    /// A row per constant that was looked at, in program order.
    pub rows: Vec<ReportRow>,
    /// Names in the recipe's `op_name_configs` and `op_type_configs` that matched nothing.
    pub unmatched_overrides: Vec<String>,
    /// Sentences a person should read (for example that iOS 15 is no longer supported).
    pub warnings: Vec<String>,
}

/// A recipe as jobs, revisions and reports repeat it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RecipeEcho {
    /// `int8`, or the name in a recipe file, or `custom`.
    pub name: String,
    /// `sha256:` of the canonical JSON of `config`.
    pub digest: String,
    /// The recipe with all defaults written out.
    #[schema(value_type = Object)]
    pub config: serde_json::Value,
}

/// The oldest system the package runs on, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TargetChange {
    /// For example `iOS15`.
    pub before: String,
    /// For example `iOS16`.
    pub after: String,
}

/// Counts of constants by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WeightCounts {
    /// Changed representation.
    pub compressed: u64,
    /// Float constants that the recipe's rules or a fault of the data left as they are.
    pub left: u64,
    /// Were compressed already and stayed so.
    pub already_compressed: u64,
}

/// One constant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportRow {
    /// The function it stands in.
    pub function: String,
    /// The name of the `const` operation.
    pub name: String,
    /// Names of the operations that read it.
    pub users: Vec<String>,
    /// Extent of each axis.
    pub shape: Vec<u64>,
    /// Representation before, for example `float16`.
    pub old: String,
    /// Representation after, for example `int8 per_channel` or `float16` when left.
    pub new: String,
    /// Stored bytes before.
    pub bytes_before: u64,
    /// Stored bytes after, all parameters together.
    pub bytes_after: u64,
    /// Signal-to-noise ratio of the new values in decibels: 10·log10(Σw² / Σ(w−ŵ)²). Null where nothing changed.
    pub snr_db: Option<f64>,
    /// Largest |w − ŵ|. Null where nothing changed.
    pub max_abs: Option<f64>,
    /// Why it was left as it is; null when it was compressed.
    pub left_because: Option<String>,
}
