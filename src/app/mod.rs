//! What may happen, a file per noun: called by the HTTP API, and by the worker where they do the same thing.
//!
//! It knows who asks ([`Caller`]) and decides whether it may be; the store decides whether it is consistent. No HTTP,
//! no SQL, no arithmetic on weights.

mod access;
mod allowance;
mod blocking;
mod error;
mod kept;
mod looking;
mod machine;
mod scratch;
mod secret;
mod service;

pub mod aliases;
pub mod comparisons;
pub mod downloads;
pub mod events;
pub mod gauges;
pub mod inspections;
pub mod jobs;
pub mod measurements;
pub mod models;
pub mod overviews;
pub mod packages;
pub mod program;
pub mod projects;
pub mod quality;
pub mod readiness;
pub mod revisions;
pub mod sessions;
pub mod sweeper;
pub mod tokens;
pub mod upload;
pub mod uploads;
pub mod weights;

pub use access::{Caller, Guard};
pub use allowance::{Allowance, Allowed, Client, Standing, Ticket};
pub use blocking::run_blocking;
pub use error::{Chain, Error, Field, Result};
pub use secret::Secret;
pub use service::{App, Settings};

#[cfg(test)]
mod tests;
