//! Packages as bytes: from a folder into the object store, and out of it again, as a folder or as a download.
//!
//! One object per file, named by its SHA-256. What the worker makes and what a client uploads is stored by the same
//! function; what the worker reads and what a comparison reads is fetched by the same function.

use std::path::{Path, PathBuf};

use api::digest::Digest;
use api::ids::RevisionId;
use api::time::Time;
use coreml::package::{Package, PackageKind};
use tempfile::TempDir;

use super::blocking::run_blocking;
use super::error::{Error, Result};
use super::service::App;
use crate::clock::{Clock as _, SystemClock};
use crate::store::{RevisionFile, RevisionRecord, Wanted};

/// What the only file of a `.mlmodel` is called, whatever it was called where it came from.
pub const MLMODEL_PATH: &str = "model.mlmodel";

/// How often, and after how many milliseconds, is looked whether an object has been deleted.
const WANTS: u32 = 100;
const WANT_AGAIN_MS: u64 = 100;

/// A package whose bytes are stored, and no row names yet.
#[derive(Debug)]
pub struct Stored {
    /// What the rows of its revision have to say.
    pub files: Vec<RevisionFile>,
    /// When the sweeper was told.
    pub wanted_at: Time,
}

/// A package that was fetched. Dropping it removes it.
#[derive(Debug)]
pub struct Fetched {
    /// Its folder, or its file.
    pub path: PathBuf,
    _folder: TempDir,
}

/// Stores the files of a package that lies at `root`, and says what the rows of its revision have to say about them.
///
/// When this is done the bytes are durable; no row names them yet.
///
/// # Errors
/// [`Error::Unavailable`] or [`Error::Internal`] when the object store refuses.
pub async fn store(app: &App, package: &Package, root: &Path) -> Result<Stored> {
    let (for_rows, at) = (package.clone(), root.to_owned());
    let files = run_blocking("hashing a package", move || Ok(rows(&for_rows, &at))).await?;
    let wanted_at = want(app, &files).await?;
    let failed = |error| Error::internal("storing an empty folder", error);
    for (file, path) in &files {
        if let Some(path) = path {
            let _stored = app.objects.put_file(path, Some(file.sha256)).await?;
        } else {
            let empty = tempfile::NamedTempFile::new_in(&app.settings.scratch).map_err(failed)?;
            let _stored = app
                .objects
                .put_file(empty.path(), Some(file.sha256))
                .await?;
        }
    }
    Ok(Stored {
        files: files.into_iter().map(|(file, _)| file).collect(),
        wanted_at,
    })
}

/// Tells the sweeper that these objects are about to be stored and named; waits for one that is being deleted just now.
async fn want(app: &App, files: &[(RevisionFile, Option<PathBuf>)]) -> Result<Time> {
    let objects: Vec<_> = files
        .iter()
        .map(|(file, _)| (file.sha256, file.size_bytes))
        .collect();
    // A deletion is a matter of the machine's time, also where a test stands the clock.
    let clock = SystemClock::new();
    for _ in 0..WANTS {
        let now = app.store.now(app.clock.as_ref()).await?;
        if app.store.want_objects(now, &objects).await? == Wanted::Safe {
            return Ok(now);
        }
        clock.sleep(WANT_AGAIN_MS).await;
    }
    Err(Error::Unavailable {
        detail: "the same bytes are being deleted",
        retry_after_s: 60,
    })
}

/// The rows, sorted by path, each with its file. An empty folder, without which coremltools does not open some
/// packages, is a row with a slash at its end, no bytes and no file.
fn rows(package: &Package, root: &Path) -> Vec<(RevisionFile, Option<PathBuf>)> {
    let single = package.kind() == PackageKind::Mlmodel;
    let files = package.files().iter().map(|file| {
        let sums = file.sums();
        let path = if single {
            root.to_owned()
        } else {
            root.join(&file.path)
        };
        let row = RevisionFile {
            path: if single {
                MLMODEL_PATH.to_owned()
            } else {
                file.path.clone()
            },
            sha256: Digest(sums.sha256.0),
            size_bytes: file.size_bytes(),
            crc32: sums.crc32,
        };
        (row, Some(path))
    });
    let folders = package.empty_folders().iter().map(|path| {
        let sha256 = Digest(coreml::package::Digest::of(b"").0);
        (
            RevisionFile {
                path: format!("{path}/"),
                sha256,
                size_bytes: 0,
                crc32: 0,
            },
            None,
        )
    });
    let mut rows: Vec<_> = files.chain(folders).collect();
    rows.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
    rows
}

/// Fetches the package of a revision into a new folder under the scratch folder.
///
/// # Errors
/// [`Error::Unavailable`] or [`Error::Internal`] when the object store or the disk refuses.
pub async fn fetch(app: &App, record: &RevisionRecord) -> Result<Fetched> {
    let failed =
        |error| Error::internal(format!("fetching revision {}", record.revision.id), error);
    let folder = tempfile::Builder::new()
        .prefix("fetched-")
        .tempdir_in(&app.settings.scratch)
        .map_err(failed)?;
    let path = folder
        .path()
        .join(format!("{}.{}", record.package_name, record.revision.kind));
    for file in app.store.revision_files(record.revision.id).await? {
        let at = if file.path == MLMODEL_PATH {
            path.clone()
        } else {
            path.join(&file.path)
        };
        if file.path.ends_with('/') {
            tokio::fs::create_dir_all(&at).await.map_err(failed)?;
            continue;
        }
        if let Some(parent) = at.parent() {
            tokio::fs::create_dir_all(parent).await.map_err(failed)?;
        }
        app.objects.fetch(file.sha256, file.size_bytes, &at).await?;
    }
    Ok(Fetched {
        path,
        _folder: folder,
    })
}

/// The record of a revision, whoever asks: for work on behalf of a job that was accepted.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn record(app: &App, id: RevisionId) -> Result<RevisionRecord> {
    let found = app.store.revision(crate::store::Reach::All, id).await;
    found.map_err(|error| Error::about(error, &id.to_string()))
}
