//! Operation sets, and the oldest systems that run them.

use std::fmt;
use std::str::FromStr;

/// An operation set; it names the active block of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Opset {
    /// iOS 15.
    CoreML5,
    /// iOS 16: compressed weights.
    CoreML6,
    /// iOS 17.
    CoreML7,
    /// iOS 18: blockwise weights, states.
    CoreML8,
    /// iOS 26.
    CoreML9,
}

/// The text is no known operation set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("only the operation sets CoreML5 to CoreML9 are known")]
pub struct UnknownOpset;

impl Opset {
    /// All, oldest first.
    pub const ALL: [Self; 5] = [
        Self::CoreML5,
        Self::CoreML6,
        Self::CoreML7,
        Self::CoreML8,
        Self::CoreML9,
    ];

    /// The name in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::CoreML5 => "CoreML5",
            Self::CoreML6 => "CoreML6",
            Self::CoreML7 => "CoreML7",
            Self::CoreML8 => "CoreML8",
            Self::CoreML9 => "CoreML9",
        }
    }

    /// The oldest iOS that runs it.
    pub fn ios(self) -> &'static str {
        match self {
            Self::CoreML5 => "iOS15",
            Self::CoreML6 => "iOS16",
            Self::CoreML7 => "iOS17",
            Self::CoreML8 => "iOS18",
            Self::CoreML9 => "iOS26",
        }
    }

    /// The oldest macOS that runs it.
    pub fn macos(self) -> &'static str {
        match self {
            Self::CoreML5 => "macOS12",
            Self::CoreML6 => "macOS13",
            Self::CoreML7 => "macOS14",
            Self::CoreML8 => "macOS15",
            Self::CoreML9 => "macOS26",
        }
    }

    /// The specification version that goes with it.
    pub fn specification_version(self) -> i32 {
        match self {
            Self::CoreML5 => 6,
            Self::CoreML6 => 7,
            Self::CoreML7 => 8,
            Self::CoreML8 => 9,
            Self::CoreML9 => 10,
        }
    }
}

impl FromStr for Opset {
    type Err = UnknownOpset;

    fn from_str(text: &str) -> Result<Self, UnknownOpset> {
        Self::ALL
            .into_iter()
            .find(|opset| opset.name() == text)
            .ok_or(UnknownOpset)
    }
}

impl fmt::Display for Opset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
