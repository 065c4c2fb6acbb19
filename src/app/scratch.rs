//! The folder for uploads and packages in work: one per process, removed by the next process when this one was killed.
//!
//! A process holds a lock on its folder as long as it lives; the operating system lets go of it, however the process
//! ends. So a start can tell what is left over from what another process (`worker`, or `token create` beside a running
//! server) is using, and removes only the former. It needs a local file system; a lock means nothing across machines,
//! and scratch folders are not shared by machines.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// How the folder of a process begins.
const PREFIX: &str = "process-";
/// How it begins before it is locked.
const UNBORN: &str = "new-";

/// A process's own folder. Dropping it removes it.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Makes a folder below `root` for this process, after removing those of processes that are no more.
    pub(super) fn claim(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        sweep(root)?;
        let unborn = tempfile::Builder::new().prefix(UNBORN).tempdir_in(root)?;
        let lock = File::open(unborn.path())?;
        lock.lock()?;
        let name = unborn
            .path()
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .replacen(UNBORN, PREFIX, 1);
        let path = root.join(name);
        // The lock is held by the folder, not by its name.
        fs::rename(unborn.keep(), &path)?;
        Ok(Self { path, _lock: lock })
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::warn!(folder = %self.path.display(), %error, "cannot remove the scratch folder");
        }
    }
}

fn sweep(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        let ours = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
        // Gone already: another process sweeps as well, or the owner ended just now.
        if let Some(lock) = ours.then(|| File::open(&path).ok()).flatten()
            && lock.try_lock().is_ok()
        {
            tracing::info!(folder = %path.display(), "removing what a killed process left");
            match fs::remove_dir_all(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
    }
    Ok(())
}
