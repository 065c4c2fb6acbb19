//! What a package is: features, functions, operations, weights, and what it needs to run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A package, looked at without running it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Inspection {
    /// `mlpackage` or `mlmodel`.
    pub kind: String,
    /// The type in the specification: `mlProgram`, `pipeline`, `neuralNetwork`, …
    pub model_type: String,
    /// `specificationVersion` of the model file.
    pub specification_version: i32,
    /// Canonical digest, `sha256:…`.
    pub digest: String,
    /// Digest after setting aside what an exporter draws at random, `sha256:…`.
    pub content_digest: String,
    /// Sum of the lengths of all files, bytes.
    pub size_bytes: u64,
    /// Oldest systems that run it.
    pub requires: Requirements,
    /// Metadata as the author wrote it (`author`, `license`, `version`, `short_description` and user-defined keys).
    pub metadata: BTreeMap<String, String>,
    /// Functions of the program; one called `main` in most packages. Empty for other model types.
    pub functions: Vec<FunctionInspection>,
    /// Models of a pipeline, in order. Empty otherwise.
    pub pipeline: Vec<String>,
    /// Number of elements of all weights.
    pub parameters: u64,
}

/// What a package needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Requirements {
    /// For example `iOS16`.
    pub ios: String,
    /// For example `macOS13`.
    pub macos: String,
    /// Operation set, for example `CoreML6`; null where the model is not a program.
    pub opset: Option<String>,
}

/// One function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FunctionInspection {
    /// Its name.
    pub name: String,
    /// True for the one that runs when none is named.
    pub default: bool,
    /// Input features.
    pub inputs: Vec<FeatureInspection>,
    /// Output features.
    pub outputs: Vec<FeatureInspection>,
    /// States (iOS 18).
    pub states: Vec<FeatureInspection>,
    /// Number of operations by type, constants included.
    pub op_counts: BTreeMap<String, u64>,
    /// Constants and compressed weights with at least ten elements, in program order.
    pub weights: Vec<WeightInspection>,
}

/// An input, output or state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FeatureInspection {
    /// Its name.
    pub name: String,
    /// `multi_array`, `image`, `int64`, `double`, `string`, `dictionary`, `sequence` or `state`.
    pub kind: String,
    /// Element type of an array (`float32`, `float16`, `int32`, …) or colour space of an image.
    pub dtype: Option<String>,
    /// Extent of each axis; for an image `[height, width]`.
    pub shape: Vec<i64>,
    /// How the shape may differ: `fixed`, `enumerated` or `range`.
    pub flexibility: String,
    /// Whether it may be absent.
    pub optional: bool,
}

/// A weight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WeightInspection {
    /// Name of the operation that makes it.
    pub name: String,
    /// Extent of each axis of the values that users see.
    pub shape: Vec<u64>,
    /// Element type that users see.
    pub dtype: String,
    /// How it is stored, for example `float16`, `int8 affine`, `4-bit palette`, `sparse float16`.
    pub representation: String,
    /// Stored bytes, all parameters together; a part shared with another weight counts once in the file.
    pub bytes: u64,
    /// Types of the operations that read it.
    pub users: Vec<String>,
}
