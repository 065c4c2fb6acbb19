//! `compress` and `decompress`: a package in, a package and a report out.

use std::path::Path;

use api::report::{Report, ReportRow, TargetChange, WeightCounts};
use compress::{Control, Fate, Outcome, Recipe, Row, Sink, WriteSeek};
use coreml::Package;
use coreml::package::{PackageWriter, Publish};
use coreml::program::Document;

use crate::{Error, Phase, Run};

/// Where a job puts its package.
#[derive(Debug, Clone, Copy)]
pub struct Output<'a> {
    /// A folder, or a file for a `.mlmodel`; appears whole under this name at the end.
    pub target: &'a Path,
    /// What happens when something is there.
    pub publish: Publish,
}

/// Compresses a package. With `strict`, overrides that match nothing are an error.
///
/// # Errors
/// See [`Error::class`]; nothing is left at the target then.
pub fn compress(
    input: &Package,
    recipe: &Recipe,
    strict: bool,
    output: Output<'_>,
    run: &Run<'_>,
) -> Result<Report, Error> {
    (run.progress)(Phase::Loading, 0.0);
    recipe.supported()?;
    let document = Document::open(input, run.limits)?;
    let mut writer = PackageWriter::create(output.target, input.kind(), output.publish)?;
    let progress = |fraction: f64| (run.progress)(Phase::Compressing, 0.02 + 0.9 * fraction);
    let control = Control {
        threads: run.threads.max(1),
        progress: &progress,
        cancelled: run.cancelled,
    };
    progress(0.0);
    let outcome = {
        let mut sink = Files {
            package: input,
            writer: &mut writer,
        };
        compress::compress(&document, recipe, &mut sink, &control)?
    };
    if strict && !outcome.unmatched_overrides.is_empty() {
        return Err(Error::UnmatchedOverrides(outcome.unmatched_overrides));
    }
    (run.progress)(Phase::Writing, 0.95);
    let size_bytes_after = write(input, &outcome, writer)?;
    (run.progress)(Phase::Writing, 1.0);
    Ok(report(input, &document, recipe, outcome, size_bytes_after))
}

/// Makes every compressed weight of a package dense.
///
/// # Errors
/// As [`compress`].
pub fn decompress(input: &Package, output: Output<'_>, run: &Run<'_>) -> Result<Report, Error> {
    compress(input, &Recipe::named("decompress")?, false, output, run)
}

/// Weight files of the new package.
struct Files<'a> {
    package: &'a Package,
    writer: &'a mut PackageWriter,
}

impl Sink for Files<'_> {
    fn create(&mut self, file_index: usize) -> std::io::Result<Box<dyn WriteSeek>> {
        let path = self
            .package
            .files()
            .get(file_index)
            .map_or("", |f| f.path.as_str());
        let file = self.writer.file(path).map_err(std::io::Error::other)?;
        Ok(Box::new(std::io::BufWriter::with_capacity(1 << 16, file)))
    }
}

/// Everything that is not a rewritten weight file: the model file and what was not touched. Returns the sum of lengths.
fn write(input: &Package, outcome: &Outcome, mut writer: PackageWriter) -> Result<u64, Error> {
    use std::io::Write as _;
    let mut size_bytes = 0;
    for (index, file) in input.files().iter().enumerate() {
        if let Some(length) = outcome.weight_files.get(&index) {
            size_bytes += length;
        } else if file.path == input.model().path && *outcome.model != *file.bytes {
            let failed = coreml::Error::io("write", file.path.as_str());
            writer
                .file(&file.path)?
                .write_all(&outcome.model)
                .map_err(failed)?;
            size_bytes += outcome.model.len() as u64;
        } else {
            writer.copy(file)?;
            size_bytes += file.size_bytes();
        }
    }
    for folder in input.empty_folders() {
        writer.folder(folder)?;
    }
    writer.finish()?;
    Ok(size_bytes)
}

fn report(
    input: &Package,
    document: &Document,
    recipe: &Recipe,
    outcome: Outcome,
    size_bytes_after: u64,
) -> Report {
    let mut weights = WeightCounts::default();
    for row in &outcome.rows {
        match row.fate {
            Fate::Changed => weights.compressed += 1,
            Fate::AlreadyCompressed => weights.already_compressed += 1,
            Fate::Left(_) => weights.left += 1,
        }
    }
    let version = document.model.specification_version;
    let target = |opset: Option<coreml::program::Opset>| {
        opset.map_or_else(
            || crate::inspect::ios_of_version(version).to_owned(),
            |o| o.ios().to_owned(),
        )
    };
    Report {
        recipe: crate::echo(recipe),
        size_bytes_before: input.size_bytes(),
        size_bytes_after,
        deployment_target: TargetChange {
            before: target(outcome.opset.map(|(before, _)| before)),
            after: target(outcome.opset.map(|(_, after)| after)),
        },
        weights,
        rows: outcome.rows.into_iter().map(report_row).collect(),
        unmatched_overrides: outcome.unmatched_overrides,
        warnings: outcome.warnings,
    }
}

fn report_row(row: Row) -> ReportRow {
    let left_because = match row.fate {
        Fate::Left(why) => Some(why),
        Fate::Changed | Fate::AlreadyCompressed => None,
    };
    ReportRow {
        function: row.function,
        name: row.name,
        users: row.users,
        shape: row.shape,
        old: row.old,
        new: row.new,
        bytes_before: row.bytes_before,
        bytes_after: row.bytes_after,
        snr_db: row
            .error
            .and_then(|e| measure::snr_db(e.signal, e.noise))
            .filter(|v| v.is_finite()),
        max_abs: row.error.map(|e| e.max_abs).filter(|v| v.is_finite()),
        left_because,
    }
}
