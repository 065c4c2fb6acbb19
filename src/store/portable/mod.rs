//! All rows as text, out of either database and into either: what a backup consists of.
//!
//! A line that names a table and its columns, then a line per row, a JSON array. Which tables and columns there are is
//! asked of the database itself, so that no migration can be forgotten here; that is why this room alone builds SQL text,
//! from names that the database's catalog gave. Everything is read within one snapshot and written within one transaction.
//! It knows nothing of files and folders, and nothing of the bytes of packages.

mod columns;
mod export;
mod import;
mod manifest;
mod value;

pub use columns::TableRows;
pub use export::{Exported, NamedObject};
pub use import::Occupied;
pub use manifest::{FORMAT, Manifest};
