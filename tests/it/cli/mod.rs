//! The real binary in folders of its own: exit statuses, error lines, JSON, help, configuration, and the way of a package
//! through a server.

mod configuration;
mod doctor;
mod help;
mod local;
pub(crate) mod process;
mod resume;
mod service;
mod usage;
