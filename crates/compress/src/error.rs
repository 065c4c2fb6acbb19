//! What can go wrong between a verified document and a compressed one.

use crate::kernel::decompress::Misfit;
use crate::recipe::RecipeError;

/// One enumeration for the crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The package is malformed or beyond this version.
    #[error(transparent)]
    Package(#[from] coreml::Error),
    /// The recipe is wrong or not built yet.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// The model's opset cannot express what the recipe asks for.
    #[error(
        "recipe: function {function}: {what} needs opset {needs} ({ios} or later), the model has {has}"
    )]
    NeedsOpset {
        /// Where the first such constant stands.
        function: String,
        /// What it asks for.
        what: &'static str,
        /// The opset that has it.
        needs: &'static str,
        /// The first system with that opset.
        ios: &'static str,
        /// The model's opset.
        has: &'static str,
    },
    /// A model type that holds no ML Program to compress.
    #[error("model: {model_type}: weights of this model type cannot be compressed by this version")]
    ModelType {
        /// For example `neuralNetwork`.
        model_type: String,
    },
    /// Parameters of a constexpr operation that verification let pass and decompression cannot use.
    #[error("weights: function {function}: operation {operation}: {source}")]
    Misfit {
        /// Its function.
        function: String,
        /// Its name.
        operation: String,
        /// What does not fit.
        source: Misfit,
    },
    /// Writing failed.
    #[error("output: {path}: {source}")]
    Write {
        /// The file of the package.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The caller asked to stop.
    #[error("compression: cancelled")]
    Cancelled,
}
