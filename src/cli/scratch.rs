//! A folder for work in progress that belongs to one process, and the removal of those whose process is gone.
//!
//! Several processes of one installation (a server, workers, `coreanvil token`) may have the same `worker.scratch`. Each
//! takes a folder of its own in it and holds a lock in there, which the kernel releases however the process ends; whoever
//! starts next removes the folders that nobody holds.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use tempfile::TempDir;

use crate::config::create_private_folder;

/// What the folders of processes begin with.
const PREFIX: &str = "process-";
/// The file whose lock says that the folder is in use; one like it in the parent guards the taking of a folder.
const LOCK: &str = "lock";

/// The folder of this process. Dropping it removes it.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: TempDir,
    _held: File,
}

impl Scratch {
    /// Removes what dead processes left in `parent`, and takes a folder in it.
    pub(crate) fn take(parent: &Path) -> io::Result<Self> {
        create_private_folder(parent)?;
        // Held until the end of this function, so that no other process sees a folder before its lock is held.
        let taking = open(&parent.join(LOCK))?;
        taking.lock()?;
        for entry in std::fs::read_dir(parent)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(PREFIX)
                && is_abandoned(&entry.path())?
            {
                std::fs::remove_dir_all(entry.path())?;
                tracing::info!(folder = %entry.path().display(), "removed what a process had left");
            }
        }
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        let held = open(&folder.path().join(LOCK))?;
        held.lock()?;
        Ok(Self {
            folder,
            _held: held,
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Whether nobody holds the folder.
fn is_abandoned(folder: &Path) -> io::Result<bool> {
    match open(&folder.join(LOCK))?.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn open(path: &Path) -> io::Result<File> {
    File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}
