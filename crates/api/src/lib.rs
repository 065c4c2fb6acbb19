//! Ids, enumerations, requests, responses and problems of the HTTP API, and the engine's reports.
//!
//! Types only: it does no I/O and decides nothing. A file per noun; `words`, `ids`, `names`, `time` and `digest` are what the nouns are made of.

pub mod digest;
pub mod ids;
pub mod names;
pub mod time;
pub mod words;

pub mod aliases;
pub mod comparison;
pub mod inspection;
pub mod jobs;
pub mod measurements;
pub mod models;
pub mod page;
pub mod problem;
pub mod program;
pub mod projects;
pub mod report;
pub mod revisions;
pub mod tokens;
pub mod uploads;
pub mod weights;

#[cfg(test)]
mod tests;
