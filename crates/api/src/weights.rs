//! Weights of a revision: a row each, and one looked at closely beside what it was before.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::RevisionId;

/// A weight in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WeightRow {
    /// The function it stands in.
    pub function: String,
    /// Name of the value that users read.
    pub name: String,
    /// Extent of each axis.
    pub shape: Vec<u64>,
    /// Element type that users see.
    pub dtype: String,
    /// How it is stored, for example `4-bit palette`.
    pub representation: String,
    /// Stored bytes, all parameters together.
    pub bytes: u64,
    /// Stored bytes in the parent; null where the revision was not made by a job.
    pub bytes_before: Option<u64>,
    /// Signal-to-noise ratio against the parent's values in decibels; null where nothing changed.
    pub snr_db: Option<f64>,
    /// Largest |w − ŵ| against the parent's values; null where nothing changed.
    pub max_abs: Option<f64>,
    /// Why the recipe left it as it is; null where it did not.
    pub left_because: Option<String>,
    /// Its share of the bytes of all weights, 0 to 1.
    pub share: f64,
    /// Types of the operations that read it.
    pub users: Vec<String>,
}

/// A weight looked at closely.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WeightDetail {
    /// The function it stands in.
    pub function: String,
    /// Name of the value that users read.
    pub name: String,
    /// Extent of each axis; none for a scalar.
    pub shape: Vec<u64>,
    /// Element type that users see.
    pub dtype: String,
    /// How it is stored.
    pub representation: String,
    /// Stored bytes, all parameters together.
    pub bytes: u64,
    /// Types of the operations that read it.
    pub users: Vec<String>,
    /// What its values are.
    pub statistics: Statistics,
    /// Its values, decompressed, counted over the same bins as those before.
    pub histogram: Histogram,
    /// Its table; null where it has none.
    pub palette: Option<Palette>,
    /// Its scales; null where it has none.
    pub scale: Option<ParameterRange>,
    /// Its offsets or zero points; null where it has none.
    pub offset: Option<ParameterRange>,
    /// Share of values that the mask leaves out, 0 to 1; null where it is not sparse.
    pub sparsity: Option<f64>,
    /// What it was in the parent; null where there is no parent, or the parent has no weight of this name and shape.
    pub before: Option<WeightBefore>,
}

/// A weight in the parent revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WeightBefore {
    /// The parent; null where two packages were compared without a server.
    pub revision_id: Option<RevisionId>,
    /// How it was stored.
    pub representation: String,
    /// Stored bytes.
    pub bytes: u64,
    /// What its values were.
    pub statistics: Statistics,
    /// Its values, over the same bins.
    pub histogram: Histogram,
    /// 10·log10(Σw² / Σ(w−ŵ)²) in decibels; null where the values are equal, or the sums are not finite.
    pub snr_db: Option<f64>,
    /// Largest |w − ŵ|; null where the values are equal.
    pub max_abs: Option<f64>,
}

/// Sums over all values. Minimum, maximum, mean and deviation are those of the finite ones; null where there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Statistics {
    /// How many values.
    pub count: u64,
    /// How many are not a number.
    pub nan: u64,
    /// How many are infinite.
    pub infinite: u64,
    /// How many are zero.
    pub zeros: u64,
    /// The smallest.
    pub min: Option<f64>,
    /// The largest.
    pub max: Option<f64>,
    /// The mean.
    pub mean: Option<f64>,
    /// The standard deviation, by the number of values.
    pub sd: Option<f64>,
}

/// Finite values counted over equal bins; the tails beyond the axis are counted too.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Histogram {
    /// Where the first bin begins.
    pub from: f64,
    /// Where the last bin ends; this end belongs to it.
    pub to: f64,
    /// Values in each bin.
    pub counts: Vec<u64>,
    /// Values below the first bin.
    pub below: u64,
    /// Values above the last bin.
    pub above: u64,
}

/// The table of a palettized weight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Palette {
    /// How many tables there are: one for the tensor, or one for each group.
    pub tables: u64,
    /// Entries of one table.
    pub entries_per_table: u64,
    /// Values of one entry.
    pub vector_size: u64,
    /// The entries and how many values have them, in the order of the table; empty where there are more than 256.
    pub entries: Vec<PaletteEntry>,
}

/// An entry of a table of single values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PaletteEntry {
    /// Its value; null where it is not finite.
    pub value: Option<f64>,
    /// How many values of the weight are this one. Of equal entries the first counts them all.
    pub count: u64,
}

/// From where to where a parameter goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ParameterRange {
    /// How many there are.
    pub count: u64,
    /// Element type.
    pub dtype: String,
    /// Extent of each axis.
    pub shape: Vec<u64>,
    /// The smallest finite one.
    pub min: Option<f64>,
    /// The largest finite one.
    pub max: Option<f64>,
}
