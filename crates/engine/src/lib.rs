//! What each kind of job does, file to file.
//!
//! The command line and the worker call the same functions: a package goes in, a package and a report come out. No
//! clock, no environment, no printing, no network; progress and cancellation are passed in.

mod compare;
mod compress;
mod content;
mod error;
mod inspect;
mod outlook;
mod program;
mod run;
mod weight;

#[cfg(test)]
mod tests;

pub use ::compress::{NamedRecipe, Recipe, RecipeError, named};
pub use compare::compare;
pub use compress::{Output, compress, decompress};
pub use content::content_digest;
pub use error::{Class, Error};
pub use inspect::inspect;
pub use outlook::outlook;
pub use program::{LAYER_NODES, ProgramGraph};
pub use run::{Phase, Run};
pub use weight::weight;

/// A recipe as jobs, revisions and reports repeat it.
pub fn echo(recipe: &Recipe) -> api::report::RecipeEcho {
    api::report::RecipeEcho {
        name: recipe.name.clone(),
        digest: recipe.digest(),
        config: recipe.config(),
    }
}
