//! What a backup says about itself.

use api::digest::Digest;
use api::time::Time;
use serde::{Deserialize, Serialize};

use super::columns::TableRows;

/// The form of the files that this version writes and reads.
pub const FORMAT: u32 = 1;

/// `manifest.json` of a backup: written last, so that what has one is complete.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u32,
    /// Version of the program that wrote it.
    pub coreanvil: String,
    /// When the rows were read.
    pub created_at: Time,
    /// The database it came from: `sqlite` or `postgres`.
    pub database: String,
    /// Number of the newest migration of that database.
    pub schema: i64,
    /// Every table with its number of rows.
    pub tables: Vec<TableRows>,
    /// SHA-256 of `rows.jsonl`.
    pub rows_sha256: Digest,
    /// SHA-256 of `objects.txt`, which names every object and its length.
    pub objects_sha256: Digest,
    /// Number of objects.
    pub objects: u64,
    /// Bytes of the objects.
    pub objects_size_bytes: u64,
    /// Objects that had a row but no bytes and no revision: their rows are left out when it is restored.
    pub without_bytes: Vec<Digest>,
}
