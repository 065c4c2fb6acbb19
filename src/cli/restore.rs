//! `coreanvil restore`: a backup into an empty database and an object store, of the same kind as it came from or another.
//!
//! Objects first, each with its hash; then all rows in one transaction. A restore that is cut short leaves a mark in the
//! database, with which nothing starts; run again, it begins anew and finds the objects that are there already.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;

use clap::Args;

use super::exit::{Exit, Failure};
use super::options::ServiceOptions;
use super::output::Output;
use super::service;
use super::snapshots::{Moved, OBJECTS, ROWS, Snapshots, bring, damaged, sha256_of};
use super::units::{bytes, plural};
use crate::objects::Objects;
use crate::store::{Manifest, Occupied, Store, TableRows};

/// Bring a backup back, into either database and any object store; the service must not run meanwhile
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// Folder of backups
    #[arg(value_name = "FROM")]
    from: PathBuf,
    /// Which backup [default: the newest]
    #[arg(long, value_name = "NAME")]
    snapshot: Option<String>,
    /// Throw away what is in the database
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    service: ServiceOptions,
}

impl Restore {
    pub(crate) async fn run(self, output: Output) -> Result<(), Failure> {
        let effective = self.service.effective()?;
        service::warn(&effective);
        let snapshots = Snapshots::take(&self.from, false)?;
        let names = snapshots.names()?;
        let name = match &self.snapshot {
            Some(name) => names.iter().find(|known| *known == name),
            None => names.last(),
        };
        let Some(name) = name else {
            return Err(Failure::new(
                Exit::Usage,
                format!(
                    "no such backup: {}: there are {}",
                    self.from.display(),
                    names.join(", ")
                ),
            ));
        };
        let manifest = checked(&snapshots, name)?;
        let store = service::open_store(&effective.config).await?;
        match store.occupied().await? {
            Occupied::No | Occupied::Interrupted => {}
            Occupied::Yes if self.force => {}
            Occupied::Yes => {
                return Err(Failure::new(
                    Exit::Usage,
                    format!(
                        "not restored: database.url ({}): it is not empty",
                        effective.source("database.url")
                    ),
                )
                .hint("--force throws away what is in it"));
            }
        }
        let objects = service::open_objects(&effective.config)?;
        let brought = restore(&store, &objects, &snapshots, name, &manifest).await?;
        let dialect = store.dialect();
        store.close().await;
        let json = serde_json::json!({"snapshot": name, "manifest": manifest, "database": dialect, "new_objects": brought});
        output.result(&json, |_| {
            let rows: u64 = manifest.tables.iter().map(|table| table.rows).sum();
            format!(
                "restored {name} of {} into the {dialect} database: {}, {} ({}), every hash compared",
                manifest.created_at,
                plural(rows, "row"),
                plural(manifest.objects, "object"),
                bytes(manifest.objects_size_bytes),
            )
        })
    }
}

/// The manifest, once its files are what it says.
fn checked(snapshots: &Snapshots, name: &str) -> Result<Manifest, Failure> {
    let manifest = snapshots.manifest(name)?;
    for (file, expected) in [
        (ROWS, manifest.rows_sha256),
        (OBJECTS, manifest.objects_sha256),
    ] {
        let path = snapshots.one(name).join(file);
        if sha256_of(&path)? != expected {
            return Err(damaged(&path, "its hash is not that of the manifest"));
        }
    }
    Ok(manifest)
}

/// Objects, then rows; gives the number of objects that were not there.
async fn restore(
    store: &Store,
    objects: &Objects,
    snapshots: &Snapshots,
    name: &str,
    manifest: &Manifest,
) -> Result<u64, Failure> {
    // First of all, so that nothing starts on what is half done.
    store.begin_restore(manifest.schema).await?;
    let source = snapshots.objects()?;
    let scratch = snapshots.scratch()?;
    let wanted = snapshots.wanted(name)?;
    let moved = bring(&source, objects, scratch.path(), wanted, true).await?;
    if let Some((one, _)) = moved.iter().find(|(_, moved)| *moved == Moved::Missing) {
        return Err(damaged(
            &snapshots.folder(),
            format_args!("object {} is not there", one.digest.hex()),
        ));
    }
    let path = snapshots.one(name).join(ROWS);
    let file = File::open(&path).map_err(|error| Failure::file("read", &path, &error))?;
    let counts = store
        .import(BufReader::new(file).lines(), &manifest.without_bytes)
        .await?;
    compare(manifest, &counts)?;
    let brought = moved
        .iter()
        .filter(|(_, moved)| *moved == Moved::Brought)
        .count();
    Ok(u64::try_from(brought).unwrap_or(u64::MAX))
}

/// Every table has as many rows as the manifest says.
fn compare(manifest: &Manifest, counts: &[TableRows]) -> Result<(), Failure> {
    let left_out = u64::try_from(manifest.without_bytes.len()).unwrap_or(u64::MAX);
    for table in &manifest.tables {
        let expected = match table.name.as_str() {
            "objects" => table.rows.saturating_sub(left_out),
            _ => table.rows,
        };
        let found = counts
            .iter()
            .find(|count| count.name == table.name)
            .map_or(0, |count| count.rows);
        if found != expected {
            return Err(Failure::new(
                Exit::Unavailable,
                format!(
                    "not restored: table {}: {found} rows instead of {expected}",
                    table.name
                ),
            ));
        }
    }
    Ok(())
}
