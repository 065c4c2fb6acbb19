//! Job kind `compress`: a revision and a recipe in, a new revision, its report and its measurements out.

use std::path::PathBuf;
use std::sync::Arc;

use api::digest::Digest;
use api::ids::RevisionId;
use api::inspection::Inspection;
use api::jobs::{Fault, JobError, LogLevel, Phase};
use api::measurements::NewMeasurement;
use api::problem::Code;
use api::report::{RecipeEcho, Report};
use coreml::Package;
use coreml::package::Publish;
use engine::{Output, Recipe, Run};
use tempfile::TempDir;

use super::blocking::run_blocking;
use super::board::Board;
use super::failure::Failure;
use crate::app::{App, packages};
use crate::queue::{Claimed, Outcome};
use crate::store::NewRevision;

/// What the engine made, still in the scratch folder.
struct Made {
    package: Package,
    path: PathBuf,
    report: Report,
    inspection: Inspection,
    content_digest: Digest,
    /// Removed with this.
    _folder: TempDir,
}

/// Fetches, compresses, stores. Nothing is visible before the queue's transaction.
pub(super) async fn perform(
    app: Arc<App>,
    claimed: Claimed,
    board: Arc<Board>,
    threads: usize,
) -> Result<Outcome, Failure> {
    let job = &claimed.record.job;
    let echo = job.recipe.clone().ok_or_else(no_recipe)?;
    let source = packages::record(&app, job.revision_id).await?;
    let fetched = packages::fetch(&app, &source).await?;
    let note = |message: String| board.note(app.clock.now(), LogLevel::Info, message);
    note(format!(
        "fetched {}: {} bytes",
        source.package_name, source.revision.size_bytes
    ));
    let name = format!("{}.{}", source.package_name, source.revision.kind);
    let made = {
        let (app, board) = (Arc::clone(&app), Arc::clone(&board));
        let span = tracing::Span::current();
        let input = fetched.path.clone();
        let work = move || span.in_scope(|| make(&app, &board, &input, &name, &echo, threads));
        run_blocking(work)
            .await
            .map_err(|error| Failure::panicked(&error))??
    };
    drop(fetched);
    board.set(Phase::Storing, 1.0);
    let (weights, report) = (&made.report.weights, &made.report);
    note(format!(
        "{}: {} constants compressed, {} left, {} compressed before; {} bytes became {}",
        report.recipe.name,
        weights.compressed,
        weights.left,
        weights.already_compressed,
        report.size_bytes_before,
        report.size_bytes_after
    ));
    for warning in &report.warnings {
        board.note(app.clock.now(), LogLevel::Warn, warning.clone());
    }
    let stored = packages::store(&app, &made.package, &made.path).await?;
    note(format!(
        "stored {} files, {} bytes",
        stored.files.len(),
        made.package.size_bytes()
    ));
    let revision = NewRevision {
        id: RevisionId(app.ids.uuid()),
        model_id: job.model_id,
        digest: Digest(made.package.digest().0),
        content_digest: made.content_digest,
        kind: made.package.kind().as_str().to_owned(),
        size_bytes: made.package.size_bytes(),
        parent_id: Some(job.revision_id),
        recipe: job.recipe.clone(),
        job_id: Some(job.id),
        tags: api::revisions::Tags::new(),
        notes: String::new(),
        inspection: made.inspection,
        files: stored.files,
        wanted_at: stored.wanted_at,
    };
    let measurements = measurements(&made.report);
    Ok(Outcome::Compress {
        revision: Box::new(revision),
        report: Box::new(made.report),
        measurements,
    })
}

/// The engine's part, on a thread of its own.
fn make(
    app: &App,
    board: &Board,
    input: &std::path::Path,
    name: &str,
    echo: &RecipeEcho,
    threads: usize,
) -> Result<Made, Failure> {
    let scratch = &app.settings.scratch;
    let folder = tempfile::Builder::new()
        .prefix("made-")
        .tempdir_in(scratch)
        .map_err(|error| Failure::disk("make a folder", &error))?;
    let run = Run {
        threads,
        limits: &app.settings.package,
        scratch: folder.path(),
        progress: &|phase, progress| board.set(phase_of(phase), progress),
        cancelled: &|| board.stopped(),
    };
    let recipe = named_or_given(echo)?;
    let package = Package::open(input, folder.path(), run.limits)?;
    let path = folder.path().join(name);
    let output = Output {
        target: &path,
        publish: Publish::New,
    };
    let report = engine::compress(&package, &recipe, false, output, &run)?;
    let package = Package::open(&path, folder.path(), run.limits)?;
    let inspection = engine::inspect(
        &package,
        &Run {
            progress: &|_, _| (),
            ..run
        },
    )?;
    let content_digest = Digest(engine::content_digest(&package, run.limits)?.0);
    Ok(Made {
        package,
        path,
        report,
        inspection,
        content_digest,
        _folder: folder,
    })
}

/// The recipe that the job was accepted with.
fn named_or_given(echo: &RecipeEcho) -> Result<Recipe, Failure> {
    let recipe = Recipe::from_json(&echo.config).map_err(engine::Error::from)?;
    Ok(Recipe {
        name: echo.name.clone(),
        ..recipe
    })
}

fn no_recipe() -> Failure {
    Failure::Error(JobError {
        code: Code::BadRecipe,
        message: "the job has no recipe".to_owned(),
        fault: Fault::User,
        retryable: false,
    })
}

/// The engine's phases among those of jobs.
fn phase_of(phase: engine::Phase) -> Phase {
    match phase {
        engine::Phase::Loading => Phase::Loading,
        engine::Phase::Compressing => Phase::Compressing,
        engine::Phase::Writing => Phase::Writing,
    }
}

/// What is known about the new package without running it.
fn measurements(report: &Report) -> Vec<NewMeasurement> {
    let bytes = |count: u64| {
        #[expect(
            clippy::cast_precision_loss,
            reason = "sizes beyond 2^53 bytes do not exist"
        )]
        let value = count as f64;
        value
    };
    let (before, after) = (
        bytes(report.size_bytes_before),
        bytes(report.size_bytes_after),
    );
    let mut measurements = vec![NewMeasurement::of("size_bytes", after, "bytes")];
    if before > 0.0 {
        measurements.push(NewMeasurement::of("size_ratio", after / before, "ratio"));
    }
    let mut snr_db: Vec<f64> = report
        .rows
        .iter()
        .filter_map(|row| row.snr_db)
        .filter(|value| value.is_finite())
        .collect();
    snr_db.sort_by(f64::total_cmp);
    if let (Some(worst), Some(median)) = (snr_db.first(), snr_db.get(snr_db.len() / 2)) {
        measurements.push(NewMeasurement::of("weight_snr_db_worst", *worst, "dB"));
        measurements.push(NewMeasurement::of("weight_snr_db_median", *median, "dB"));
    }
    measurements
}
