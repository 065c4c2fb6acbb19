//! How a piece of work is run.

use std::path::Path;

use coreml::Limits;

/// What the caller passes to every job.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// Engine threads, at least 1. Results do not depend on it.
    pub threads: usize,
    /// Limits on what is read.
    pub limits: &'a Limits,
    /// A folder for temporary files.
    pub scratch: &'a Path,
    /// Told the phase and a fraction 0..=1 of the whole job; the fraction never goes back.
    pub progress: &'a (dyn Fn(Phase, f64) + Sync),
    /// Asked often; true ends the work with [`crate::Error::Cancelled`].
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run")
            .field("threads", &self.threads)
            .field("scratch", &self.scratch)
            .finish_non_exhaustive()
    }
}

/// What a job is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Reading and verifying the package.
    Loading,
    /// Working on weights.
    Compressing,
    /// Writing the package.
    Writing,
}

impl Phase {
    /// The word that jobs show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Compressing => "compressing",
            Self::Writing => "writing",
        }
    }
}
