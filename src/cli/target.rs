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
    pub(crate) fn new(path: &Path, force: bool) -> Result<Self, Failure> {
        // Without a slash at the end or a dot in between.
        let path: PathBuf = path.components().collect();
        if path.file_name().is_none() {
            return Err(Failure::new(
                Exit::Usage,
                format!("wrong output: {}: it names no file", path.display()),
            ));
        }
        if path.symlink_metadata().is_ok() {
            if !force {
                return Err(exists(&path));
            }
            refuse_other_folders(&path)?;
        }
        let parent = parent(&path);
        if !parent.is_dir() {
            return Err(Failure::new(
                Exit::Usage,
                format!(
                    "no such folder: {}: the result cannot be written there",
                    parent.display()
                ),
            ));
        }
        let folder = tempfile::Builder::new()
            .prefix(".coreanvil-")
            .tempdir_in(parent)
            .map_err(|error| {
                Failure::file("write in", parent, &std::io::Error::from(error.kind()))
            })?;
        Ok(Self {
            path,
            force,
            folder,
        })
    }

    /// Refuses a target inside the input, which would change it, and one that the input is inside of.
    pub(crate) fn apart_from(&self, input: &Path) -> Result<(), Failure> {
        let (Ok(input), Ok(parent)) = (input.canonicalize(), parent(&self.path).canonicalize())
        else {
            return Ok(());
        };
        let target = self
            .path
            .file_name()
            .map_or(parent.clone(), |name| parent.join(name));
        let why = if input.is_dir() && parent.starts_with(&input) {
            "it is inside the input"
        } else if input != target && input.starts_with(&target) {
            "it contains the input"
        } else {
            return Ok(());
        };
        Err(Failure::new(
            Exit::Usage,
            format!("wrong output: {}: {why}", self.path.display()),
        ))
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

    /// A path beside the target for work that another run may go on with: it stays when this one does not end.
    pub(crate) fn resumable(&self, of: &str) -> PathBuf {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        parent(&self.path).join(format!(".{name}.{of}.part"))
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
        std::fs::File::open(parent(&self.path))
            .and_then(|folder| folder.sync_all())
            .map_err(failed)
    }
}

/// `NAME-SUFFIX.EXTENSION` beside the input.
pub(crate) fn beside(input: &Path, suffix: &str, extension: &str) -> PathBuf {
    // `.` has no name of its own; a link keeps the name it was given.
    let input = match input.file_name() {
        Some(_) => input.to_owned(),
        None => input.canonicalize().unwrap_or_else(|_| input.to_owned()),
    };
    let stem = input.file_stem().unwrap_or_default().to_string_lossy();
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

fn parent(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// `--force` replaces an earlier result, never a folder that is no package.
fn refuse_other_folders(path: &Path) -> Result<(), Failure> {
    let is_folder = path.symlink_metadata().is_ok_and(|m| m.is_dir());
    let is_package = path.join("Manifest.json").is_file();
    let is_empty = || std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
    if is_folder && !is_package && !is_empty() {
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "exists already: {}: it is a folder that holds something other than a package",
                path.display()
            ),
        )
        .hint("give another name with -o"));
    }
    Ok(())
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
