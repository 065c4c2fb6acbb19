//! coreanvil: an optimization service for Core ML models.
//!
//! The modules in the order of their dependencies: each uses only those above it.

pub mod clock;

pub mod config;

pub mod telemetry;

pub mod store;

pub mod objects;

pub mod queue;

pub mod app;

pub mod worker;

pub mod http;

pub mod cli;
