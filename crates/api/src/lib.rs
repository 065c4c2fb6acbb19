//! Ids, enumerations, requests, responses and problems of the HTTP API, and the engine's reports.
//!
//! Types only: it does no I/O and decides nothing.

pub mod comparison;
pub mod inspection;
pub mod report;
