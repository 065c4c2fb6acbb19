//! What can be wrong with a configuration. Each says the key and where it came from; all end with status 2.

use std::path::PathBuf;

use super::Source;

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file of `--config` cannot be read.
    #[error("cannot read the configuration: {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("the configuration is not TOML: {}:{line}: {why}", path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// Line number, from 1.
        line: usize,
        /// The parser's sentence.
        why: String,
    },
    /// There is no such key.
    #[error("unknown configuration key: {key} ({from}): there is no such key")]
    UnknownKey {
        /// As it was written.
        key: String,
        /// Where.
        from: Source,
        /// The known key that may have been meant.
        nearest: Option<&'static str>,
    },
    /// The value does not fit the key.
    #[error("wrong configuration value: {key} ({from}): {why}")]
    WrongValue {
        /// The key.
        key: &'static str,
        /// Where the value came from.
        from: Source,
        /// What a right value looks like.
        why: String,
    },
    /// A flag `--set` that is not `KEY=VALUE`.
    #[error("wrong flag: --set {text}: expected KEY=VALUE")]
    NotAnAssignment {
        /// As it was typed.
        text: String,
    },
}

impl Error {
    /// A sentence that helps, where there is one.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownKey { nearest, .. } => Some(nearest.map_or_else(
                || "`coreanvil doctor` lists every key".to_owned(),
                |key| format!("did you mean {key}?"),
            )),
            Self::Unreadable { .. }
            | Self::NotToml { .. }
            | Self::WrongValue { .. }
            | Self::NotAnAssignment { .. } => None,
        }
    }
}
