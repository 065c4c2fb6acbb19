//! The HTTP API: routes, extraction, problem documents. It renders what the app decides and decides nothing itself.
//!
//! `router` has every route on one page; a handler extracts, calls one function of `app`, and renders.

mod answer;
mod auth;
mod conditional;
mod content_digest;
mod dashboard;
mod documented;
mod download;
mod extract;
mod health;
mod linger;
mod meter;
mod observe;
mod problem;
mod receive;
mod router;
mod serve;
mod stream;
mod submit;
mod tus;
mod v1;
mod waiting;
mod wire;

pub use problem::Failure;
pub use router::{BASE, document, router};
pub use serve::{serve, serve_probes};

#[cfg(test)]
mod tests;
