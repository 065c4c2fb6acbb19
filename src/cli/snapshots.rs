//! The folder that backups lie in, and moving objects between it and the object store.
//!
//! ```text
//! objects/sha256/ab/abcdef…            every object once, shared by all backups
//! snapshots/20261124T175900123Z/       one backup: manifest.json, rows.jsonl, objects.txt
//! lock                                 held while a backup is made or restored
//! ```
//! A backup is written under another name and renamed when it is whole, so that one that was cut short is not there.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use api::digest::Digest;
use futures::{StreamExt as _, TryStreamExt as _};
use sha2::{Digest as _, Sha256};

use super::exit::{Exit, Failure};
use crate::config::create_private_folder;
use crate::objects::Objects;
use crate::store::{FORMAT, Manifest};

/// Objects moved at once.
const AT_ONCE: usize = 4;
/// File names of a backup.
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const ROWS: &str = "rows.jsonl";
pub(super) const OBJECTS: &str = "objects.txt";

/// A folder of backups, held by this process alone.
#[derive(Debug)]
pub(super) struct Snapshots {
    root: PathBuf,
    _lock: File,
}

/// An object of a backup.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub(super) digest: Digest,
    pub(super) size_bytes: u64,
}

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moved {
    /// It was there.
    Kept,
    /// It was brought.
    Brought,
    /// It is not where it should come from.
    Missing,
}

impl Snapshots {
    /// Takes the folder. `make`: it may be new.
    pub(super) fn take(root: &Path, make: bool) -> Result<Self, Failure> {
        if make {
            create_private_folder(root).map_err(|error| Failure::file("create", root, &error))?;
        }
        let path = root.join("lock");
        let file = File::options()
            .create(make)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| Failure::file("open", &path, &error))?;
        if let Err(error) = file.try_lock() {
            return Err(Failure::new(
                Exit::Unavailable,
                format!("in use: {}: {error}", root.display()),
            )
            .hint(
                "another backup or restore works with this folder; try again when it has ended",
            ));
        }
        Ok(Self {
            root: root.to_owned(),
            _lock: file,
        })
    }

    /// The folder of all backups.
    pub(super) fn folder(&self) -> PathBuf {
        self.root.join("snapshots")
    }

    /// The folder of one.
    pub(super) fn one(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Its objects.
    pub(super) fn objects(&self) -> Result<Objects, Failure> {
        let folder = self.root.join("objects");
        let absolute =
            std::path::absolute(&folder).map_err(|error| Failure::file("find", &folder, &error))?;
        let url = url::Url::from_directory_path(&absolute).map_err(|()| {
            Failure::new(Exit::Usage, format!("no such folder: {}", folder.display()))
        })?;
        Ok(Objects::open(url.as_str(), [])?)
    }

    /// A file for an object on its way; gone at the end.
    pub(super) fn scratch(&self) -> Result<tempfile::TempDir, Failure> {
        tempfile::Builder::new()
            .prefix(".moving-")
            .tempdir_in(&self.root)
            .map_err(|error| Failure::file("write in", &self.root, &error))
    }

    /// Names of the backups that are whole, oldest first.
    pub(super) fn names(&self) -> Result<Vec<String>, Failure> {
        let folder = self.folder();
        let failed = |error: std::io::Error| Failure::file("read", &folder, &error);
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') && entry.path().join(MANIFEST).is_file() {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// Reads a backup's manifest.
    pub(super) fn manifest(&self, name: &str) -> Result<Manifest, Failure> {
        let path = self.one(name).join(MANIFEST);
        let text = std::fs::read(&path).map_err(|error| Failure::file("read", &path, &error))?;
        let manifest: Manifest =
            serde_json::from_slice(&text).map_err(|error| damaged(&path, error))?;
        if manifest.format != FORMAT {
            return Err(Failure::new(
                Exit::Unsupported,
                format!(
                    "not supported: {}: format {}, this version reads {FORMAT}",
                    path.display(),
                    manifest.format
                ),
            ));
        }
        Ok(manifest)
    }

    /// The objects of a backup, as `objects.txt` lists them.
    pub(super) fn wanted(&self, name: &str) -> Result<Vec<Wanted>, Failure> {
        let path = self.one(name).join(OBJECTS);
        let file = File::open(&path).map_err(|error| Failure::file("read", &path, &error))?;
        let mut wanted = Vec::new();
        for line in BufReader::new(file).lines() {
            let line = line.map_err(|error| Failure::file("read", &path, &error))?;
            let parsed = line.split_once(' ').and_then(|(hex, size)| {
                Some(Wanted {
                    digest: Digest::from_hex(hex).ok()?,
                    size_bytes: size.parse().ok()?,
                })
            });
            wanted.push(parsed.ok_or_else(|| damaged(&path, "a line that is no object"))?);
        }
        Ok(wanted)
    }
}

/// A backup that is not what it was.
pub(super) fn damaged(path: &Path, why: impl std::fmt::Display) -> Failure {
    Failure::new(
        Exit::Malformed,
        format!("damaged backup: {}: {why}", path.display()),
    )
}

/// SHA-256 of a file.
pub(super) fn sha256_of(path: &Path) -> Result<Digest, Failure> {
    let failed = |error: std::io::Error| Failure::file("read", path, &error);
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    let mut sha256 = Sha256::new();
    loop {
        let bytes = file.fill_buf().map_err(failed)?;
        if bytes.is_empty() {
            return Ok(Digest(sha256.finalize().into()));
        }
        sha256.update(bytes);
        let read = bytes.len();
        file.consume(read);
    }
}

/// Brings objects from one store into another, each hashed on the way; linked where both are folders of one file system.
/// `look`: also reads what is there already.
pub(super) async fn bring(
    from: &Objects,
    to: &Objects,
    scratch: &Path,
    wanted: Vec<Wanted>,
    look: bool,
) -> Result<Vec<(Wanted, Moved)>, Failure> {
    futures::stream::iter(wanted)
        .map(|one| async move { Ok((one, bring_one(from, to, scratch, one, look).await?)) })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

async fn bring_one(
    from: &Objects,
    to: &Objects,
    scratch: &Path,
    one: Wanted,
    look: bool,
) -> Result<Moved, Failure> {
    if to.size_bytes(one.digest).await? == Some(one.size_bytes) {
        if look {
            same_bytes(to, one).await?;
        }
        return Ok(Moved::Kept);
    }
    if from.size_bytes(one.digest).await?.is_none() {
        return Ok(Moved::Missing);
    }
    let (path, fetched) = if let Some(path) = from.local_path(one.digest) {
        (path, false)
    } else {
        let path = scratch.join(one.digest.hex());
        from.fetch(one.digest, one.size_bytes, &path).await?;
        (path, true)
    };
    let stored = to.put_file(&path, None).await?;
    if fetched {
        std::fs::remove_file(&path).map_err(|error| Failure::file("remove", &path, &error))?;
    }
    if (stored.digest, stored.size_bytes) == (one.digest, one.size_bytes) {
        return Ok(Moved::Brought);
    }
    if !stored.existed {
        to.delete(stored.digest).await?;
    }
    Err(wrong_bytes(one, stored.digest))
}

/// Reads an object to its end and compares its hash.
async fn same_bytes(objects: &Objects, one: Wanted) -> Result<(), Failure> {
    let mut stream = objects.get_range(one.digest, 0..one.size_bytes).await?;
    let mut sha256 = Sha256::new();
    while let Some(bytes) = stream.try_next().await? {
        sha256.update(&bytes);
    }
    let found = Digest(sha256.finalize().into());
    if found == one.digest {
        Ok(())
    } else {
        Err(wrong_bytes(one, found))
    }
}

fn wrong_bytes(one: Wanted, found: Digest) -> Failure {
    Failure::new(
        Exit::Malformed,
        format!(
            "damaged object: {}: its bytes have the hash {}",
            one.digest.hex(),
            found.hex()
        ),
    )
}
