//! Recipes: what to do to weights, as coremltools' `OptimizationConfig` says it.
//!
//! A recipe is a named one, a YAML text or a JSON object of the same form. Parsing decides everything that can be
//! decided without a model: unknown keys, wrong values, mixed configuration classes. What needs a model (does the
//! opset know it, does a name match) is decided in [`crate::pass`].

mod config;
mod echo;
mod error;
mod fields;
mod likely;
mod named;
mod parse;
mod supported;
mod yaml;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use config::{
    BlockSize, CodeType, LinearConfig, LinearGranularity, LinearMode, MagnitudeConfig, OpConfig,
    PaletteGranularity, PaletteMode, PalettizeConfig, ThresholdConfig,
};
pub use error::RecipeError;
pub use likely::DenseWeight;
pub use named::{NamedRecipe, named};

/// A recipe, parsed and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// `int8`, a file's `name`, or `custom`.
    pub name: String,
    /// Shown in lists.
    pub description: String,
    /// What is to be done.
    pub action: Action,
    /// Beyond coremltools.
    pub options: Options,
}

/// What a recipe does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Compress, step by step; no step at all copies the package.
    Compress(Vec<Step>),
    /// Make every compressed constant dense again.
    Decompress,
}

/// One `OptimizationConfig`.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Applies where nothing narrower does; `None` leaves.
    pub global: Option<OpConfig>,
    /// By type of the operation that reads the constant; `None` leaves.
    pub op_types: BTreeMap<String, Option<OpConfig>>,
    /// By name of the constant or of the operation that reads it; `None` leaves.
    pub op_names: BTreeMap<String, Option<OpConfig>>,
}

/// Options beyond coremltools.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether coremltools' faults are reproduced too.
    pub compat: Compat,
}

/// How closely coremltools is followed where it destroys data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compat {
    /// Scales that coremltools loses to overflow or underflow are kept right (docs/recipes.md lists them).
    #[default]
    Mended,
    /// Every bit as coremltools 9.0.
    Exact,
}

impl Recipe {
    /// A recipe by its name.
    ///
    /// # Errors
    /// An unknown name (the nearest is the hint), or one that is not built yet (`unsupported`).
    pub fn named(name: &str) -> Result<Self, RecipeError> {
        named::find(name)
    }

    /// A YAML text: one `OptimizationConfig`, or `name`, `description`, `steps`, `options`.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line and the nearest known key.
    pub fn parse(text: &str, source_name: &str) -> Result<Self, RecipeError> {
        let recipe = parse::recipe(&yaml::load(text, source_name)?, source_name)?;
        recipe.supported()?;
        Ok(recipe)
    }

    /// The same form as JSON; a string is a name.
    ///
    /// # Errors
    /// The first thing that is wrong, with its JSON pointer.
    pub fn from_json(value: &serde_json::Value) -> Result<Self, RecipeError> {
        if let serde_json::Value::String(name) = value {
            return Self::named(name);
        }
        let recipe = parse::recipe(&yaml::Node::from_json(value), "recipe")?;
        recipe.supported()?;
        Ok(recipe)
    }

    /// The recipe with every default written out, as JSON; equal recipes give equal values.
    pub fn config(&self) -> serde_json::Value {
        echo::config(self)
    }

    /// `sha256:` of the text of [`Recipe::config`] without name and description.
    pub fn digest(&self) -> String {
        echo::digest(self)
    }
}
