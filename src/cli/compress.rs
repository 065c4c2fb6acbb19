//! `coreanvil compress`: compresses a package on this machine.

use std::path::{Path, PathBuf};

use api::report::Report;
use clap::Args;
use coreml::package::Publish;
use coreml::{Package, PackageKind};
use engine::{Output as Written, Phase, Run};

use super::exit::{Exit, Failure};
use super::interrupt;
use super::options::{Local, LocalOptions};
use super::output::Output;
use super::target::{Target, beside};
use super::units::duration_ms;
use super::zip::PackageZip;
use super::{progress, recipes, report};
use crate::clock::{Clock as _, SystemClock};

/// Compress a package on this machine
#[derive(Debug, Args)]
pub(crate) struct Compress {
    /// A .mlpackage folder, a zip of one, or a .mlmodel
    #[arg(value_name = "PKG")]
    package: PathBuf,
    /// Name of a recipe, or a recipe file
    #[arg(long, value_name = "NAME|FILE")]
    recipe: String,
    /// Where to write; a name that ends with .zip gets a zip [default: NAME-RECIPE.mlpackage beside PKG]
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Replace what is there
    #[arg(long)]
    force: bool,
    /// An override of the recipe that matches nothing is an error
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    local: LocalOptions,
}

impl Compress {
    pub(crate) async fn run(self, output: Output) -> Result<(), Failure> {
        interrupt::or_cancelled(move |cancelled| self.compress(output, cancelled)).await
    }

    fn compress(
        self,
        output: Output,
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), Failure> {
        let recipe = recipes::find(&self.recipe)?;
        let strict = self.strict;
        let job = Rewrite {
            package: self.package,
            suffix: recipe.name.clone(),
            output: self.output,
            force: self.force,
            local: self.local.local()?,
        };
        job.run(output, cancelled, |package, written, run| {
            engine::compress(package, &recipe, strict, written, run)
        })
    }
}

/// A package in, a package out: what `compress` and `decompress` have in common.
pub(crate) struct Rewrite {
    pub(crate) package: PathBuf,
    /// Goes into the name of the output.
    pub(crate) suffix: String,
    pub(crate) output: Option<PathBuf>,
    pub(crate) force: bool,
    pub(crate) local: Local,
}

impl Rewrite {
    /// Opens, works, publishes, shows.
    pub(crate) fn run(
        self,
        output: Output,
        cancelled: &(dyn Fn() -> bool + Sync),
        work: impl FnOnce(&Package, Written<'_>, &Run<'_>) -> Result<Report, engine::Error>,
    ) -> Result<(), Failure> {
        let clock = SystemClock::new();
        let bar = progress::work(output);
        progress::advance(&bar, Phase::Loading.as_str(), 0.0);
        let package = Package::open(&self.package, self.local.scratch.path(), &self.local.limits)?;
        let extension = package.kind().as_str();
        let path = self
            .output
            .unwrap_or_else(|| beside(&self.package, &self.suffix, extension));
        let target = Target::new(&path, self.force)?;
        target.apart_from(&self.package)?;
        check_extension(target.path(), package.kind())?;
        let finished = target.unfinished(&format!("{}.{extension}", stem(target.path())));
        let run = Run {
            threads: self.local.threads,
            limits: &self.local.limits,
            scratch: self.local.scratch.path(),
            progress: &|phase, fraction| progress::advance(&bar, phase.as_str(), fraction),
            cancelled,
        };
        let report = work(
            &package,
            Written {
                target: &finished,
                publish: Publish::New,
            },
            &run,
        );
        bar.finish_and_clear();
        let report = report?;
        let shown = target.path().to_owned();
        let title = format!(
            "{} → {}   {}",
            self.package.display(),
            shown.display(),
            report.recipe.name
        );
        publish(target, &finished, &self.local)?;
        let took = duration_ms(clock.monotonic_ns() / 1_000_000);
        let mut json = serde_json::json!(report);
        if let Some(fields) = json.as_object_mut() {
            fields.insert("path".to_owned(), serde_json::json!(shown));
        }
        output.result(&json, |output| report::text(&report, &title, &took, output))
    }
}

/// Refuses to call a folder `.mlmodel`, which is a file everywhere else.
fn check_extension(path: &Path, kind: PackageKind) -> Result<(), Failure> {
    let named_file = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("mlmodel"));
    match kind {
        PackageKind::Mlpackage if named_file => Err(Failure::new(
            Exit::Usage,
            format!("wrong output: {}: the result is a package", path.display()),
        )),
        PackageKind::Mlpackage | PackageKind::Mlmodel => Ok(()),
    }
}

/// Makes the finished package visible, as a zip when that is wanted.
fn publish(target: Target, finished: &std::path::Path, local: &Local) -> Result<(), Failure> {
    if !(target.wants_zip() && finished.is_dir()) {
        return target.publish(finished);
    }
    let zip = target.unfinished("zip");
    PackageZip::new(&Package::open_folder(finished, &local.limits)?).write(&zip)?;
    target.publish(&zip)
}

/// The name of a path without its last extension.
fn stem(path: &std::path::Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
