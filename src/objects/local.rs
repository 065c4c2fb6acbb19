//! A folder as object store: what `object_store` does not do for us. A file is linked in, not copied, where that is possible.
//!
//! All functions block; they run on the blocking pool.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use api::digest::Digest;

use super::error::{Error, Result};
use super::write::hash;

/// Where copies are made before they get their name.
const STAGING: &str = "staging";

/// Gives the file's bytes the object's name, durably. True when the object was there before.
pub(super) fn store(
    root: &Path,
    source: &Path,
    target: &Path,
    digest: Digest,
    size_bytes: u64,
) -> Result<bool> {
    let shard = target.parent().unwrap_or(root);
    if let Some(found_bytes) = length(target)? {
        if found_bytes != size_bytes {
            return Err(Error::WrongLength {
                digest,
                expected_bytes: size_bytes,
                found_bytes,
            });
        }
        // Whoever wrote it may have died between link and fsync of the folder.
        sync(shard)?;
        return Ok(true);
    }
    make_folder(root, shard)?;
    sync(source)?;
    let existed = match fs::hard_link(source, target) {
        Ok(()) => false,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => true,
        // Another file system, one without links, or too many of them.
        Err(_) => copy(root, source, target)?,
    };
    sync(shard)?;
    Ok(existed)
}

/// Puts the object's bytes at `target`, which must not exist: a link where possible, else a copy. Both are compared with the
/// name.
pub(super) fn fetch(object: &Path, target: &Path, digest: Digest, size_bytes: u64) -> Result<()> {
    match fs::hard_link(object, target) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound && length(object)?.is_none() => {
            return Err(Error::NotFound { digest });
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(io("write", target)(error));
        }
        Err(_) => {
            let _copied_bytes: u64 = fs::copy(object, target).map_err(io("copy to", target))?;
        }
    }
    let found = hash(target, None)?;
    let right = if found.size_bytes != size_bytes {
        Err(Error::WrongLength {
            digest,
            expected_bytes: size_bytes,
            found_bytes: found.size_bytes,
        })
    } else if found.digest != digest {
        Err(Error::Damaged {
            digest,
            found: found.digest,
        })
    } else {
        Ok(())
    };
    if right.is_err() {
        fs::remove_file(target).map_err(io("remove", target))?;
    }
    right
}

/// Copies under a name nobody else uses, then links: the target is complete or not there.
fn copy(root: &Path, source: &Path, target: &Path) -> Result<bool> {
    let staging = root.join(STAGING);
    fs::create_dir_all(&staging).map_err(io("make", &staging))?;
    let mut copy = tempfile::NamedTempFile::new_in(&staging).map_err(io("write in", &staging))?;
    let mut original = File::open(source).map_err(io("read", source))?;
    io::copy(&mut original, &mut copy).map_err(io("copy to", copy.path()))?;
    copy.as_file().sync_all().map_err(io("sync", copy.path()))?;
    match copy.persist_noclobber(target) {
        Ok(_) => Ok(false),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(true),
        Err(error) => Err(io("link", target)(error.error)),
    }
}

fn length(path: &Path) -> Result<Option<u64>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io("look at", path)(error)),
    }
}

/// Makes the folder and, when it is new, its name durable.
fn make_folder(root: &Path, folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(io("make", folder))?;
    let mut parent = folder.parent();
    while let Some(path) = parent.filter(|path| path.starts_with(root)) {
        sync(path)?;
        parent = path.parent();
    }
    Ok(())
}

fn sync(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(io("sync", path))
}

pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path: PathBuf = path.to_owned();
    move |source| Error::Io {
        doing,
        path,
        source,
    }
}
