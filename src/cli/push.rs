//! `coreanvil push`: uploads a package as a revision of a model, unless the model has it; goes on where an earlier try stopped.

use std::io::SeekFrom;
use std::path::{Path, PathBuf};

use api::models::Model;
use api::models::NewModel;
use api::names::{ModelName, ProjectName};
use api::revisions::Revision;
use clap::Args;
use client::Chunks;
use coreml::Package;
use futures::{StreamExt as _, TryStreamExt as _};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncSeekExt as _;

use super::exit::{Exit, Failure};
use super::interrupt;
use super::options::{ConfigOptions, ServerOptions};
use super::output::Output;
use super::progress;
use super::units::bytes;
use super::zip::PackageZip;

/// Bytes read at once.
const READ_BYTES: usize = 256 * 1024;

/// Upload a package to a server as a revision of a model, and print the revision
#[derive(Debug, Args)]
pub(crate) struct Push {
    /// A .mlpackage folder, a zip of one, or a .mlmodel
    #[arg(value_name = "PKG")]
    package: PathBuf,
    /// Name of the model, made when it is not there [default: the package's name]
    #[arg(long)]
    model: Option<ModelName>,
    /// Project of a model that is made
    #[arg(long)]
    project: Option<ProjectName>,
    /// A tag such as commit=abc; may be repeated
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = tag)]
    tags: Vec<(String, String)>,
    #[command(flatten)]
    server: ServerOptions,
    #[command(flatten)]
    config: ConfigOptions,
}

/// What is sent: a folder as a zip, or a file as it is.
enum Body {
    /// With the package's own digest.
    Zip(PackageZip, String),
    File {
        path: PathBuf,
        size_bytes: u64,
        sha256: [u8; 32],
        is_zip: bool,
    },
}

impl Push {
    pub(crate) async fn run(self, output: Output) -> Result<(), Failure> {
        interrupt::or_dropped(self.push(output)).await
    }

    async fn push(self, output: Output) -> Result<(), Failure> {
        let client = self.server.client()?;
        let limits = crate::config::load(&self.config.given()?)?
            .config
            .limits
            .package();
        let name = match &self.model {
            Some(name) => name.clone(),
            None => self.name_of_package()?,
        };
        let path = self.package.clone();
        let body = crate::worker::run_blocking(move || Body::read(&path, &limits))
            .await
            .map_err(|error| {
                Failure::new(Exit::Unavailable, format!("internal error: {error}"))
            })??;
        let new = NewModel {
            name,
            project: self.project,
            description: String::new(),
        };
        let model = client.ensure_model(&new).await?;
        let known = match body.package_digest() {
            Some(digest) => client.known_revision(model.id, &digest, &self.tags).await?,
            None => None,
        };
        let file_name = self.package.file_name().unwrap_or_default();
        let revision = if let Some(revision) = known {
            revision
        } else {
            let file_name = file_name.to_string_lossy();
            upload(&client, &model, &file_name, &body, &self.tags, output).await?
        };
        output.result(&revision, |output| text(&revision, output))
    }

    /// The file's name without extension, when it can be a model's.
    fn name_of_package(&self) -> Result<ModelName, Failure> {
        let stem = self
            .package
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy();
        stem.parse().map_err(|error| {
            Failure::new(
                Exit::Usage,
                format!("no name for the model: {stem}: {error}"),
            )
            .hint("give one with --model")
        })
    }
}

/// Uploads a package folder to a model, made when it is not there, without asking anything else. For the demonstration.
pub(crate) async fn upload_package(
    client: &client::Client,
    model: &ModelName,
    package: &Package,
    output: Output,
) -> Result<Revision, Failure> {
    let body = Body::Zip(PackageZip::new(package), package.digest().to_string());
    let model = client.model(model.as_str()).await?;
    upload(client, &model, model.name.as_str(), &body, &[], output).await
}

async fn upload(
    client: &client::Client,
    model: &Model,
    file_name: &str,
    body: &Body,
    tags: &[(String, String)],
    output: Output,
) -> Result<Revision, Failure> {
    let bar = progress::transfer(output, "uploading", Some(body.size_bytes()));
    let push = client::Push {
        model_id: model.id,
        file_name,
        size_bytes: body.size_bytes(),
        sha256: body.sha256(),
        tags,
        chunks: &|from| body.chunks(from),
        seen: &|bytes| bar.set_position(bytes),
    };
    let revision = client.push(&push).await;
    bar.finish_and_clear();
    Ok(revision?)
}

impl Body {
    /// Opens and hashes what will be sent.
    fn read(path: &Path, limits: &coreml::Limits) -> Result<Self, Failure> {
        if path.is_dir() {
            let package = Package::open_folder(path, limits)?;
            let digest = package.digest().to_string();
            return Ok(Self::Zip(PackageZip::new(&package), digest));
        }
        let failed = |error: std::io::Error| Failure::file("read", path, &error);
        let mut file = std::fs::File::open(path).map_err(failed)?;
        let mut hash = Sha256::new();
        let mut size_bytes: u64 = 0;
        let mut first = [0; 2];
        let mut piece = vec![0; READ_BYTES];
        loop {
            let read = std::io::Read::read(&mut file, &mut piece).map_err(failed)?;
            let Some(read) = piece.get(..read).filter(|read| !read.is_empty()) else {
                break;
            };
            if let (0, Some(head)) = (size_bytes, read.first_chunk::<2>()) {
                first = *head;
            }
            hash.update(read);
            size_bytes = size_bytes.saturating_add(u64::try_from(read.len()).unwrap_or(0));
        }
        Ok(Self::File {
            path: path.to_owned(),
            size_bytes,
            sha256: hash.finalize().into(),
            is_zip: first == *b"PK",
        })
    }

    fn size_bytes(&self) -> u64 {
        match self {
            Self::Zip(zip, _) => zip.size_bytes,
            Self::File { size_bytes, .. } => *size_bytes,
        }
    }

    fn sha256(&self) -> [u8; 32] {
        match self {
            Self::Zip(zip, _) => zip.sha256(),
            Self::File { sha256, .. } => *sha256,
        }
    }

    /// The package's canonical digest, where it can be told without unpacking: not of a zip.
    fn package_digest(&self) -> Option<String> {
        match self {
            Self::Zip(_, digest) => Some(digest.clone()),
            Self::File { is_zip: true, .. } => None,
            Self::File { sha256, .. } => Some(api::digest::Digest(*sha256).to_string()),
        }
    }

    fn chunks(&self, from: u64) -> Chunks {
        match self {
            Self::Zip(zip, _) => zip.chunks(from),
            Self::File { path, .. } => {
                let path = path.clone();
                let open = async move {
                    let mut file = tokio::fs::File::open(path).await?;
                    file.seek(SeekFrom::Start(from)).await?;
                    Ok::<_, std::io::Error>(tokio_util::io::ReaderStream::with_capacity(
                        file, READ_BYTES,
                    ))
                };
                Box::pin(futures::stream::once(open).try_flatten().boxed())
            }
        }
    }
}

/// What was stored, for people.
pub(crate) fn text(revision: &Revision, output: Output) -> String {
    let mut text = format!(
        "{}\n\n",
        output.strong(&format!("{} of {}", revision.id, revision.model))
    );
    let mut line = |name: &str, value: &str| {
        text.extend([
            "  ",
            &output.faint(&format!("{name:<10}")),
            " ",
            value,
            "\n",
        ]);
    };
    line("digest", &revision.digest.to_string());
    line("size", &bytes(revision.size_bytes));
    if let Some(earlier) = revision.same_content_as {
        line(
            "same as",
            &format!("{earlier} (another export of the same content)"),
        );
    }
    for (key, value) in &revision.tags {
        line("tag", &format!("{key}={value}"));
    }
    text
}

/// Reads `KEY=VALUE`.
fn tag(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    let (key, value) =
        api::names::parse_tag(&format!("{key}:{value}")).map_err(|error| error.to_string())?;
    Ok((key.to_string(), value.to_string()))
}
