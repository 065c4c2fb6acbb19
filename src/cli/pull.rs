//! `coreanvil pull`: downloads a revision, verifies it, and makes it visible in one step.
//!
//! What has arrived stays in a file beside the target until all has, so that the same command goes on after an interruption.

use std::fs::File;
use std::path::{Path, PathBuf};

use api::revisions::Revision;
use clap::Args;
use client::{Client, Error as ClientError};
use coreml::Package;

use super::exit::{Exit, Failure};
use super::interrupt;
use super::options::{ConfigOptions, ServerOptions};
use super::output::Output;
use super::progress;
use super::reference::Reference;
use super::target::Target;
use super::units::bytes;

/// Download a revision and verify its digest; run again, it goes on where it stopped
#[derive(Debug, Args)]
pub(crate) struct Pull {
    /// Id of a revision, or MODEL@ALIAS
    #[arg(value_name = "REV")]
    revision: Reference,
    /// Where to write; a name that ends with .zip gets a zip [default: MODEL.mlpackage]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Replace what is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    server: ServerOptions,
    #[command(flatten)]
    config: ConfigOptions,
}

impl Pull {
    pub(crate) async fn run(self, output: Output) -> Result<(), Failure> {
        interrupt::or_dropped(self.pull(output)).await
    }

    async fn pull(self, output: Output) -> Result<(), Failure> {
        let client = self.server.client()?;
        let limits = crate::config::load(&self.config.given()?)?
            .config
            .limits
            .package();
        let id = self.revision.resolve(&client).await?;
        let revision = client.revision(id).await?;
        let path = self
            .output
            .unwrap_or_else(|| PathBuf::from(format!("{}.{}", revision.model, revision.kind)));
        let target = Target::new(&path, self.force)?;
        download(&client, &revision, target, limits, output).await?;
        output.result(
            &serde_json::json!({"path": path, "revision": revision}),
            |output| {
                format!(
                    "{}\n\n  {} {}\n  {} {}\n",
                    output.strong(&path.display().to_string()),
                    output.faint("digest    "),
                    revision.digest,
                    output.faint("size      "),
                    bytes(revision.size_bytes),
                )
            },
        )
    }
}

/// Downloads a revision to a target and verifies it: the transfer's digest, then the package's own.
pub(crate) async fn download(
    client: &Client,
    revision: &Revision,
    target: Target,
    limits: coreml::Limits,
    output: Output,
) -> Result<(), Failure> {
    let Part { path, lock } = Part::take(&target, revision)?;
    let received = receive(client, revision, &path, output).await;
    if let Err(error) = received {
        // Of whom nothing came, nothing stays.
        if std::fs::metadata(&path).is_ok_and(|file| file.len() == 0) {
            drop(std::fs::remove_file(&path));
        }
        return Err(error);
    }
    let revision = revision.clone();
    let finish = move || {
        let finished = finish(&path, &revision, target, &limits);
        // Verified and published, or not worth going on with.
        drop(std::fs::remove_file(&path));
        drop(lock);
        finished
    };
    crate::worker::run_blocking(finish)
        .await
        .map_err(|error| Failure::new(Exit::Unavailable, format!("internal error: {error}")))?
}

/// Downloads what is missing. A beginning that does not fit to the rest is thrown away, once.
async fn receive(
    client: &Client,
    revision: &Revision,
    path: &Path,
    output: Output,
) -> Result<(), Failure> {
    let bar = progress::transfer(output, "downloading", None);
    let seen = |received_bytes, total_bytes: Option<u64>| {
        bar.set_length(total_bytes.unwrap_or(received_bytes));
        bar.set_position(received_bytes);
    };
    let had_some = std::fs::metadata(path).is_ok_and(|file| file.len() > 0);
    let mut downloaded = client.download(revision.id, path, seen).await;
    if had_some && matches!(downloaded, Err(ClientError::Damaged { .. })) {
        std::fs::write(path, b"").map_err(|error| Failure::file("write", path, &error))?;
        downloaded = client.download(revision.id, path, seen).await;
    }
    bar.finish_and_clear();
    if let Err(ClientError::Damaged { .. }) = downloaded {
        drop(std::fs::remove_file(path));
    }
    downloaded?;
    Ok(())
}

/// The file beside the target that keeps what has arrived, until all has.
struct Part {
    path: PathBuf,
    /// While this is open nobody else writes to it.
    lock: Option<File>,
}

impl Part {
    /// The one that every run has; of two at once, the second has one of its own.
    fn take(target: &Target, revision: &Revision) -> Result<Self, Failure> {
        let path = target.resumable(&revision.id.to_string());
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let opened = options.open(&path);
        let lock = opened.map_err(|error| Failure::file("write", &path, &error))?;
        if lock.try_lock().is_ok() {
            let lock = Some(lock);
            return Ok(Self { path, lock });
        }
        let path = target.unfinished("download");
        Ok(Self { path, lock: None })
    }
}

/// Verifies what arrived and makes it visible.
fn finish(
    archive: &Path,
    revision: &Revision,
    target: Target,
    limits: &coreml::Limits,
) -> Result<(), Failure> {
    let scratch = target.unfinished("scratch");
    std::fs::create_dir(&scratch).map_err(|error| Failure::file("create", &scratch, &error))?;
    let package = Package::open(archive, &scratch, limits)?;
    let digest = package.digest().to_string();
    if digest != revision.digest.to_string() {
        return Err(Failure::new(
            Exit::Unavailable,
            format!(
                "the download is damaged: revision {}: its digest is {digest}, expected {}",
                revision.id, revision.digest
            ),
        ));
    }
    if target.wants_zip() || package.kind() == coreml::PackageKind::Mlmodel {
        drop(package);
        return target.publish(archive);
    }
    drop(package);
    let folder = target.unfinished("package");
    coreml::archive::unpack(archive, &folder, limits)?;
    target.publish(&folder)
}
