//! HTTP client of the API, for the command line and the agent.
//!
//! It sends typed requests, streams packages up and down, resumes and verifies downloads, waits for jobs and turns
//! problem documents into one error type. It retries what a moment heals: no connection, 429 and 503.
//! It reads no environment, prints nothing and keeps no state between calls.
//!
//! Before the first [`Client`] is made, the process must have installed a rustls crypto provider.

mod connection;
mod digest;
mod download;
mod error;
mod jobs;
mod models;
mod revisions;
mod uploads;

#[cfg(test)]
mod tests;

pub use connection::{Client, Patience};
pub use digest::content_digest;
pub use download::Downloaded;
pub use error::Error;
pub use revisions::{Chunks, Upload};
pub use uploads::Push;
