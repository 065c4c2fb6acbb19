//! The real binary in folders of its own: exit statuses, error lines, JSON, help, configuration, and the way of a package
//! through a server.

mod local;
mod process;
