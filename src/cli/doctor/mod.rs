//! `coreanvil doctor`: the effective configuration with its sources, and whether what it names is fit to serve.
//!
//! A file per thing that is looked at; each gives findings, of which each says what to do next unless all is well. It leaves
//! nothing behind: what it writes to try something is removed again. It asks the database and the store, not the service, so
//! that it says something also when nothing runs.

mod finding;

mod clock;
mod collector;
mod database;
mod machine;
mod queue;
mod storage;

mod command;

pub(crate) use command::Doctor;
