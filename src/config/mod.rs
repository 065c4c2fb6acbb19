//! The effective configuration: every key with its value, its type and where the value came from.
//!
//! Built-in defaults are overlaid by `config/coreanvil.toml` (or the file of `--config`), then by
//! environment variables such as `COREANVIL_DATABASE__URL`, then by flags. A key or value that is wrong is an
//! error that names the key and its source. Each section is one file with one `section!` table, from which the
//! structure, the keys, their documentation and the committed file all follow.
//!
//! This room reads the process's environment and the file; no other room does. It opens no database and no socket.

#[macro_use]
mod section;

mod auth;
mod data;
mod database;
mod limits;
mod log;
mod objects;
mod queue;
mod server;
mod telemetry;
mod worker;

mod error;
mod key;
mod load;
mod settings;
mod source;
mod text;
mod value;

#[cfg(test)]
mod tests;

pub use auth::Auth;
pub use data::Data;
pub use database::Database;
pub use error::Error;
pub use key::Key;
pub use limits::Limits;
pub use load::{Effective, Given, load};
pub use log::{Log, LogFormat};
pub use objects::Objects;
pub use queue::{Notify, Queue};
pub use server::Server;
pub use settings::{Config, create_private_folder};
pub use source::Source;
pub use telemetry::Telemetry;
pub use text::{committed_file, committed_page};
pub use value::{Auto, DatabaseUrl, ObjectsUrl, PublicUrl, Secret};
pub use worker::{Listen, Worker};
