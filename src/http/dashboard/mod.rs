//! The dashboard: pages for people, made from what the app says, in the same binary.
//!
//! A page is a `.rs` file (what it shows, as plain data) with a `.html` file beside it (how), which askama checks when
//! it is compiled. A handler extracts a [`visitor::Visitor`], calls the same functions of `app` as the API, and shows.
//! Everything works without script; `assets/dashboard.js` adds keys and liveliness. Nothing is inline, nothing comes
//! from elsewhere: the content security policy in `show` says so to the browser.

pub(crate) mod assets;
mod charts;
mod contrast;
mod frame;
mod history;
mod marks;
mod outcomes;
mod refusal;
mod revision_parts;
mod sentence;
mod show;
pub(crate) mod visitor;
mod weight_table;

pub(crate) mod comparison;
pub(crate) mod compress;
pub(crate) mod job;
pub(crate) mod jobs;
pub(crate) mod model;
pub(crate) mod models;
pub(crate) mod program;
pub(crate) mod recipes;
pub(crate) mod revision;
pub(crate) mod revision_edit;
mod scatter;
pub(crate) mod service;
pub(crate) mod sign_in;
pub(crate) mod tokens;
pub(crate) mod upload;
pub(crate) mod weight;

pub(crate) use refusal::{error_page, wanted};

#[cfg(test)]
mod tests;
