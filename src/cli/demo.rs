//! `serve --demo`: the whole way of a model through the service, over HTTP: upload, three recipes, download, digests.
//!
//! It is a client like any other; nothing here reaches around the API. The bundled model is a small network for
//! handwritten digits that lies in the repository.

use std::path::{Path, PathBuf};

use api::jobs::{Job, JobResult, RecipeRequest};
use api::models::NewModel;
use api::revisions::Revision;
use client::{Client, Patience};
use comfy_table::Cell;
use coreml::Package;

use super::exit::{Exit, Failure};
use super::output::Output;
use super::push::upload_package;
use super::submit::compress_job;
use super::target::Target;
use super::units::{bytes, duration_ms, times};
use super::{progress, pull, report, wait};
use crate::clock::Ids;

/// The recipes that are shown.
const RECIPES: [&str; 3] = ["int8", "palettize-4", "prune-50"];

/// Name of the model in the service.
pub(crate) const MODEL: &str = "mnist_cnn";

/// The files of the bundled package.
const FILES: [(&str, &[u8]); 3] = [
    (
        "Manifest.json",
        include_bytes!("../../tests/models/mnist_cnn.mlpackage/Manifest.json"),
    ),
    (
        "Data/com.apple.CoreML/model.mlmodel",
        include_bytes!(
            "../../tests/models/mnist_cnn.mlpackage/Data/com.apple.CoreML/model.mlmodel"
        ),
    ),
    (
        "Data/com.apple.CoreML/weights/weight.bin",
        include_bytes!(
            "../../tests/models/mnist_cnn.mlpackage/Data/com.apple.CoreML/weights/weight.bin"
        ),
    ),
];

/// Where and as whom the demonstration runs.
pub(crate) struct Demo<'a> {
    /// Address of the service.
    pub(crate) url: &'a str,
    /// A token that may write.
    pub(crate) token: &'a str,
    /// Folder for the packages; made when it is missing.
    pub(crate) folder: PathBuf,
    /// What a package may be.
    pub(crate) limits: coreml::Limits,
    /// For idempotency keys.
    pub(crate) ids: &'a dyn Ids,
}

/// One recipe, done.
struct Line {
    job: Job,
    revision: Revision,
    path: PathBuf,
}

impl Demo<'_> {
    /// Runs it and prints the table.
    pub(crate) async fn run(&self, output: Output) -> Result<(), Failure> {
        let client = Client::new(self.url, Some(self.token), Patience::default())?;
        let folder = &self.folder;
        std::fs::create_dir_all(folder).map_err(|error| Failure::file("create", folder, &error))?;
        let original = self.upload(&client, output).await?;
        let mut lines = Vec::new();
        for job in self.submit(&client, &original).await? {
            lines.push(self.finish(&client, job, output).await?);
        }
        self.show(&original, &lines, output)
    }

    /// Unpacks the bundled model and sends it.
    async fn upload(&self, client: &Client, output: Output) -> Result<Revision, Failure> {
        let folder = tempfile::tempdir_in(&self.folder)
            .map_err(|error| Failure::file("write in", &self.folder, &error))?;
        let path = folder.path().join(format!("{MODEL}.mlpackage"));
        for (name, content) in FILES {
            write(&path.join(name), content)?;
        }
        let package = Package::open_folder(&path, &self.limits)?;
        let name = MODEL
            .parse()
            .map_err(|error| Failure::new(Exit::Usage, format!("{MODEL}: {error}")))?;
        let description = "Handwritten digits: the model of the demonstration".to_owned();
        let new = NewModel {
            name,
            project: None,
            description,
        };
        client.ensure_model(&new).await?;
        upload_package(client, &new.name, &package, output).await
    }

    /// Submits all recipes before the first is waited for.
    async fn submit(&self, client: &Client, original: &Revision) -> Result<Vec<Job>, Failure> {
        let mut jobs = Vec::new();
        for recipe in RECIPES {
            let new = compress_job(original.id, RecipeRequest::Name(recipe.to_owned()), 0);
            jobs.push(client.submit(&new, &self.ids.uuid().to_string()).await?);
        }
        Ok(jobs)
    }

    /// Waits, downloads, verifies.
    async fn finish(&self, client: &Client, job: Job, output: Output) -> Result<Line, Failure> {
        let bar = progress::work(output);
        let look_seconds = if output.progress { 1 } else { 30 };
        let job = client
            .wait(job.id, look_seconds, |job| wait::show(&bar, job))
            .await;
        bar.finish_and_clear();
        let job = job?;
        wait::ended(&job)?;
        let Some(JobResult::Compress(result)) = &job.result else {
            return Err(Failure::new(
                Exit::JobFailed,
                format!("no result: job {}: it succeeded without one", job.id),
            ));
        };
        let revision = client.revision(result.revision_id).await?;
        let recipe = job
            .recipe
            .as_ref()
            .map_or("result", |recipe| recipe.name.as_str());
        let path = self.folder.join(format!("{MODEL}-{recipe}.mlpackage"));
        let target = Target::new(&path, true)?;
        pull::download(client, &revision, target, self.limits.clone(), output).await?;
        Ok(Line {
            job,
            revision,
            path,
        })
    }

    /// The table, and where to go from here.
    fn show(&self, original: &Revision, lines: &[Line], output: Output) -> Result<(), Failure> {
        let json = serde_json::json!({
            "url": self.url,
            "original": original,
            "results": lines.iter().map(|line| serde_json::json!({
                "job": line.job, "revision": line.revision, "path": line.path,
            })).collect::<Vec<_>>(),
        });
        output.result(&json, |output| {
            let mut table = output.table(&[
                "recipe",
                ">size before → after",
                ">smaller",
                ">worst SNR",
                ">median SNR",
                ">time",
                "digest",
            ]);
            for line in lines {
                table.add_row(line.cells());
            }
            let title =
                format!("{MODEL}: uploaded, compressed three ways, downloaded, digests verified");
            let folder = output.faint(&format!("The packages are in {}", self.folder.display()));
            format!("\n{}\n{table}\n{folder}\n", output.strong(&title))
        })
    }
}

impl Line {
    fn cells(&self) -> Vec<Cell> {
        let (JobResult::Compress(result), recipe) = (
            match &self.job.result {
                Some(result) => result,
                None => return Vec::new(),
            },
            self.job
                .recipe
                .as_ref()
                .map_or("", |recipe| recipe.name.as_str()),
        );
        let (before, after) = (result.size_bytes_before, result.size_bytes_after);
        let snr = result.report.as_ref().and_then(report::snr);
        let decibels = |value: Option<f64>| {
            value.map_or_else(|| "exact".to_owned(), |value| format!("{value:.1} dB"))
        };
        let digest = self.revision.digest.hex();
        [
            recipe.to_owned(),
            format!("{} → {}", bytes(before), bytes(after)),
            times(before, after),
            decibels(snr.map(|(worst, _)| worst)),
            decibels(snr.map(|(_, median)| median)),
            wait::took_ms(&self.job).map_or_else(|| "–".to_owned(), duration_ms),
            digest.chars().take(12).collect(),
        ]
        .into_iter()
        .map(Cell::new)
        .collect()
    }
}

/// Writes one file of the bundled package.
fn write(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::file("write", path, &error);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(failed)?;
    }
    std::fs::write(path, content).map_err(failed)
}
