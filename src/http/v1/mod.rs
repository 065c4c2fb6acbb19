//! The calls of version 1, a file per noun. Each extracts, calls one function of the app, and renders.

pub(crate) mod aliases;
pub(crate) mod comparisons;
pub(crate) mod events;
pub(crate) mod inspections;
pub(crate) mod jobs;
pub(crate) mod measurements;
pub(crate) mod models;
pub(crate) mod packages;
pub(crate) mod program;
pub(crate) mod projects;
pub(crate) mod revisions;
pub(crate) mod tokens;
pub(crate) mod uploads;
pub(crate) mod weights;
