//! Where a result is written: its name, the folder for unfinished work, and the one step that makes it visible.
//!
//! Everything is first written into a temporary folder beside the target, then renamed: another program never sees half
//! a package, and an interrupted command leaves nothing. An existing target is replaced only with `--force`.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::exit::{Exit, Failure};

/// A target and the folder for unfinished work beside it.
#[derive(Debug)]
pub(crate) struct Target {
    path: PathBuf,
    force: bool,
    folder: TempDir,
}

impl Target {
    /// Prepares to write `path`.
    pub(crate) fn new(path: PathBuf, force: bool) -> Result<Self, Failure> {
        if path.file_name().is_none() {
            return Err(Failure::new(
                Exit::Usage,
                format!("wrong output: {}: it names no file", path.display()),
            ));
        }
        if !force && path.symlink_metadata().is_ok() {
            return Err(exists(&path));
        }
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let folder = tempfile::Builder::new()
            .prefix(".coreanvil-")
            .tempdir_in(parent)
            .map_err(|error| Failure::file("write in", parent, &error))?;
        Ok(Self {
            path,
            force,
            folder,
        })
    }

    /// Where it will be.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a zip is wanted: the name ends with `.zip`.
    pub(crate) fn wants_zip(&self) -> bool {
        self.path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("zip"))
    }

    /// A path for unfinished work.
    pub(crate) fn unfinished(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes finished work, a file or a folder from [`Self::unfinished`], visible.
    pub(crate) fn publish(self, finished: &Path) -> Result<(), Failure> {
        let failed = |error: std::io::Error| Failure::file("write", &self.path, &error);
        if self.path.symlink_metadata().is_ok() {
            if !self.force {
                return Err(exists(&self.path));
            }
            std::fs::rename(&self.path, self.folder.path().join("replaced")).map_err(failed)?;
        }
        std::fs::rename(finished, &self.path).map_err(failed)?;
        let parent = self
            .path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        std::fs::File::open(parent)
            .and_then(|folder| folder.sync_all())
            .map_err(failed)
    }
}

/// `NAME-SUFFIX.EXTENSION` beside the input.
pub(crate) fn beside(input: &Path, suffix: &str, extension: &str) -> PathBuf {
    let plain = input.canonicalize().unwrap_or_else(|_| input.to_owned());
    let stem = plain.file_stem().unwrap_or_default().to_string_lossy();
    let suffix: String = suffix
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._+-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    let name = format!("{stem}-{suffix}.{extension}");
    input
        .parent()
        .map_or_else(|| PathBuf::from(&name), |parent| parent.join(&name))
}

fn exists(path: &Path) -> Failure {
    Failure::new(
        Exit::Usage,
        format!(
            "exists already: {}: it would be overwritten",
            path.display()
        ),
    )
    .hint("give another name with -o, or --force to replace it")
}
