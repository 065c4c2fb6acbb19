//! What can go wrong in a job, and what kind of answer it deserves.

use compress::RecipeError;

/// One enumeration for the crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The package, or writing one.
    #[error(transparent)]
    Package(#[from] coreml::Error),
    /// The recipe, or compressing with it.
    #[error(transparent)]
    Compress(#[from] compress::Error),
    /// With `strict`: overrides of the recipe that matched nothing.
    #[error("recipe: overrides: nothing answers to {}", .0.join(", "))]
    UnmatchedOverrides(Vec<String>),
}

/// What a caller answers: exit status on the command line, status and code over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The package is malformed or hostile.
    Malformed,
    /// Right input that this version or this opset cannot do.
    Unsupported,
    /// The recipe is wrong.
    Recipe,
    /// Asked to stop.
    Cancelled,
    /// The file system.
    Io,
}

impl Error {
    /// What a caller answers.
    pub fn class(&self) -> Class {
        match self {
            Self::Package(error) | Self::Compress(compress::Error::Package(error)) => {
                package_class(error)
            }
            Self::Compress(error) => compress_class(error),
            Self::UnmatchedOverrides(_) => Class::Recipe,
        }
    }

    /// What to do about it, where there is something.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Compress(compress::Error::Recipe(error)) => error.hint.as_deref(),
            Self::Package(_) | Self::Compress(_) | Self::UnmatchedOverrides(_) => None,
        }
    }
}

impl From<RecipeError> for Error {
    fn from(error: RecipeError) -> Self {
        Self::Compress(error.into())
    }
}

fn package_class(error: &coreml::Error) -> Class {
    match error.class() {
        coreml::Class::Malformed => Class::Malformed,
        coreml::Class::Unsupported => Class::Unsupported,
        coreml::Class::Io => Class::Io,
    }
}

fn compress_class(error: &compress::Error) -> Class {
    match error {
        compress::Error::Package(error) => package_class(error),
        compress::Error::Recipe(error) if error.unsupported => Class::Unsupported,
        compress::Error::Recipe(_) => Class::Recipe,
        compress::Error::NeedsOpset { .. } | compress::Error::ModelType { .. } => {
            Class::Unsupported
        }
        compress::Error::Misfit { .. } => Class::Malformed,
        compress::Error::Write { .. } => Class::Io,
        compress::Error::Cancelled => Class::Cancelled,
    }
}
