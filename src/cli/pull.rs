//! `coreanvil pull`: downloads a revision, verifies it, and makes it visible in one step.

use std::path::{Path, PathBuf};

use api::revisions::Revision;
use clap::Args;
use client::Client;
use coreml::Package;

use super::exit::{Exit, Failure};
use super::interrupt;
use super::options::{ConfigOptions, ServerOptions};
use super::output::Output;
use super::progress;
use super::reference::Reference;
use super::target::Target;
use super::units::bytes;

/// Download a revision and verify its digest
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
    let archive = target.unfinished("download");
    let bar = progress::transfer(output, "downloading", None);
    let downloaded = client
        .download(revision.id, &archive, |received_bytes, total_bytes| {
            bar.set_length(total_bytes.unwrap_or(received_bytes));
            bar.set_position(received_bytes);
        })
        .await;
    bar.finish_and_clear();
    downloaded?;
    let revision = revision.clone();
    let finish = move || finish(&archive, &revision, target, &limits);
    crate::worker::run_blocking(finish)
        .await
        .map_err(|error| Failure::new(Exit::Unavailable, format!("internal error: {error}")))?
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
