//! `coreanvil backup`: everything into a folder, while the service runs; later ones bring only what is new.
//!
//! Rows are read as of one moment and written as text that either database takes back. Then every object they name is
//! copied, which is safe in this order: objects are never changed, and are written before the rows that name them.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use api::digest::Digest;
use clap::Args;
use futures::TryStreamExt as _;
use sha2::{Digest as _, Sha256};

use super::exit::{Exit, Failure};
use super::options::ServiceOptions;
use super::output::Output;
use super::service;
use super::snapshots::{MANIFEST, Moved, OBJECTS, ROWS, Snapshots, Wanted, bring, sha256_of};
use super::units::{bytes, plural};
use crate::clock::SystemClock;
use crate::objects::Objects;
use crate::store::{Exported, FORMAT, Manifest, Store};

/// Write everything into a folder, while the service runs; what an earlier backup there has is not copied again
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// Folder of backups; made when it is missing
    #[arg(value_name = "TO")]
    to: PathBuf,
    /// Afterwards, remove all backups there but the newest N
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
    #[command(flatten)]
    service: ServiceOptions,
}

impl Backup {
    pub(crate) async fn run(self, output: Output) -> Result<(), Failure> {
        let effective = self.service.effective()?;
        service::warn(&effective);
        let config = &effective.config;
        if let Some(path) = config.sqlite_path().filter(|path| !path.exists()) {
            return Err(Failure::new(
                Exit::Usage,
                format!(
                    "nothing to back up: {}: there is no such database",
                    path.display()
                ),
            ));
        }
        let store = service::open_store(config).await?;
        let objects = service::open_objects(config)?;
        let snapshots = Snapshots::take(&self.to, true)?;
        let made = make(&store, &objects, &snapshots).await;
        let dialect = store.dialect();
        store.close().await;
        let (name, manifest, brought) = made?;
        let removed = match self.keep {
            Some(keep) => prune(&snapshots, usize::try_from(keep).unwrap_or(usize::MAX)).await?,
            None => 0,
        };
        let json = serde_json::json!({
            "snapshot": name, "folder": snapshots.one(&name), "manifest": manifest, "new_objects": brought, "removed_snapshots": removed,
        });
        output.result(&json, |_| {
            let rows: u64 = manifest.tables.iter().map(|table| table.rows).sum();
            format!(
                "backed up the {dialect} database: {}, {} ({}), {brought} of them new\n{}",
                plural(rows, "row"),
                plural(manifest.objects, "object"),
                bytes(manifest.objects_size_bytes),
                snapshots.one(&name).display()
            )
        })
    }
}

/// Makes one backup; its name, what it holds, and how many objects were new.
async fn make(
    store: &Store,
    objects: &Objects,
    snapshots: &Snapshots,
) -> Result<(String, Manifest, u64), Failure> {
    let created_at = store.now(&SystemClock::new()).await?;
    let name: String = created_at
        .to_string()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    remove_partial(snapshots)?;
    let partial = snapshots.one(&format!(".{name}"));
    crate::config::create_private_folder(&partial)
        .map_err(|error| Failure::file("create", &partial, &error))?;
    let (exported, rows_sha256) = write_rows(store, &partial.join(ROWS)).await?;
    let target = snapshots.objects()?;
    let scratch = snapshots.scratch()?;
    let wanted = exported
        .objects
        .iter()
        .map(|object| Wanted {
            digest: object.sha256,
            size_bytes: object.size_bytes,
        })
        .collect();
    let mut moved = bring(objects, &target, scratch.path(), wanted, false).await?;
    moved.sort_by_key(|(one, _)| one.digest);
    let without_bytes: Vec<Digest> = missing(&exported, &moved)?;
    moved.retain(|(_, moved)| *moved != Moved::Missing);
    let mut list = String::new();
    for (one, _) in &moved {
        list.extend([&one.digest.hex(), " ", &one.size_bytes.to_string(), "\n"]);
    }
    let list_path = partial.join(OBJECTS);
    write_synced(&list_path, list.as_bytes())?;
    let manifest = Manifest {
        format: FORMAT,
        coreanvil: env!("CARGO_PKG_VERSION").to_owned(),
        created_at,
        database: store.dialect().to_owned(),
        schema: exported.schema,
        tables: exported.tables,
        rows_sha256,
        objects_sha256: sha256_of(&list_path)?,
        objects: u64::try_from(moved.len()).unwrap_or(u64::MAX),
        objects_size_bytes: moved.iter().map(|(one, _)| one.size_bytes).sum(),
        without_bytes,
    };
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| {
        Failure::new(
            Exit::Unavailable,
            format!("cannot write the manifest: {error}"),
        )
    })?;
    write_synced(&partial.join(MANIFEST), &text)?;
    let whole = snapshots.one(&name);
    std::fs::rename(&partial, &whole).map_err(|error| Failure::file("write", &whole, &error))?;
    let folder = snapshots.folder();
    File::open(&folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|error| Failure::file("sync", &folder, &error))?;
    let brought = moved
        .iter()
        .filter(|(_, moved)| *moved == Moved::Brought)
        .count();
    Ok((name, manifest, u64::try_from(brought).unwrap_or(u64::MAX)))
}

/// Rows of objects whose bytes are gone: harmless unless a revision names them.
fn missing(exported: &Exported, moved: &[(Wanted, Moved)]) -> Result<Vec<Digest>, Failure> {
    let mut without = Vec::new();
    for (object, (one, moved)) in exported.objects.iter().zip(moved) {
        if *moved == Moved::Missing {
            if object.needed {
                return Err(Failure::new(
                    Exit::Unavailable,
                    format!(
                        "object store: {}: a revision names it, and it is not there",
                        one.digest.hex()
                    ),
                )
                .hint("a revision that was deleted meanwhile explains it: run the backup again"));
            }
            without.push(one.digest);
        }
    }
    Ok(without)
}

async fn write_rows(store: &Store, path: &Path) -> Result<(Exported, Digest), Failure> {
    let failed = |error: std::io::Error| Failure::file("write", path, &error);
    let mut file = BufWriter::new(File::create_new(path).map_err(failed)?);
    let mut sha256 = Sha256::new();
    let exported = store
        .export(|line| {
            sha256.update(line.as_bytes());
            sha256.update(b"\n");
            file.write_all(line.as_bytes())?;
            file.write_all(b"\n")
        })
        .await?;
    let file = file
        .into_inner()
        .map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok((exported, Digest(sha256.finalize().into())))
}

fn write_synced(path: &Path, content: &[u8]) -> Result<(), Failure> {
    File::create_new(path)
        .and_then(|mut file| {
            file.write_all(content)?;
            file.sync_all()
        })
        .map_err(|error| Failure::file("write", path, &error))
}

/// Removes what backups that were cut short left behind.
fn remove_partial(snapshots: &Snapshots) -> Result<(), Failure> {
    let folder = snapshots.folder();
    let failed = |error: std::io::Error| Failure::file("read", &folder, &error);
    crate::config::create_private_folder(&folder).map_err(failed)?;
    for entry in std::fs::read_dir(&folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            std::fs::remove_dir_all(entry.path())
                .map_err(|error| Failure::file("remove", &entry.path(), &error))?;
        }
    }
    Ok(())
}

/// Removes all backups but the newest, and the objects that none of those names.
async fn prune(snapshots: &Snapshots, keep: usize) -> Result<usize, Failure> {
    let names = snapshots.names()?;
    let (old, kept) = names.split_at(names.len().saturating_sub(keep));
    for name in old {
        let folder = snapshots.one(name);
        std::fs::remove_dir_all(&folder)
            .map_err(|error| Failure::file("remove", &folder, &error))?;
    }
    let mut named = BTreeSet::new();
    for name in kept {
        named.extend(snapshots.wanted(name)?.into_iter().map(|one| one.digest));
    }
    let objects = snapshots.objects()?;
    let all: Vec<_> = objects.list().try_collect().await?;
    for object in all.iter().filter(|object| !named.contains(&object.digest)) {
        objects.delete(object.digest).await?;
    }
    Ok(old.len())
}
