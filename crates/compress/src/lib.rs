//! Recipes and what they do to weights.
//!
//! A verified [`coreml::program::Document`] and a [`Recipe`] go in; a new model file, new weight files and a row per
//! constant come out. Everything that the recipe does not touch keeps its bytes.
//!
//! What it does not do: open packages, choose where output goes (a [`Sink`] does), print, measure time.

mod error;
pub mod kernel;
mod program;
pub mod recipe;

use std::io::{Seek, Write};

pub use error::Error;
pub use program::{Fate, Outcome, Parameter, Row, Weight, Weights, compress, decompress, dense};
pub use recipe::{DenseWeight, NamedRecipe, Recipe, RecipeError, named};

/// Where weight files go.
pub trait Sink {
    /// Begins the new file for the package's file of this index.
    ///
    /// # Errors
    /// What the file system says.
    fn create(&mut self, file_index: usize) -> std::io::Result<Box<dyn WriteSeek>>;
}

/// A file that is being written.
pub trait WriteSeek: Write + Seek {}

impl<T: Write + Seek> WriteSeek for T {}

/// How the work is run.
#[derive(Clone, Copy)]
pub struct Control<'a> {
    /// Threads for constants, at least 1. The result does not depend on it.
    pub threads: usize,
    /// Told a fraction 0..=1 as work proceeds.
    pub progress: &'a (dyn Fn(f64) + Sync),
    /// Asked often; true ends the work with [`Error::Cancelled`].
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl std::fmt::Debug for Control<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control")
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}
