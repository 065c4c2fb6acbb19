//! `coreanvil doctor`: the effective configuration with its sources, and whether what it names can be used.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::{Exit, Failure};
use super::options::ServiceOptions;
use super::output::Output;
use super::service;
use super::units::{bytes, plural};
use crate::config::{Config, Effective};
use crate::store::Error as StoreError;

/// Free bytes below which a folder is called too full.
const FREE_BYTES: u64 = 1 << 30;

/// Show the effective configuration and check what it names
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    service: ServiceOptions,
}

/// One thing that was looked at.
struct Check {
    what: &'static str,
    /// What is wrong, or what was found.
    found: Result<String, String>,
}

impl Doctor {
    pub(crate) async fn run(self, output: Output) -> Result<(), Failure> {
        let effective = self.service.effective()?;
        let config = &effective.config;
        let checks = vec![
            Check {
                what: "database",
                found: database(config).await,
            },
            Check {
                what: "objects",
                found: objects(config).await,
            },
            Check {
                what: "scratch",
                found: space(&config.scratch()),
            },
            Check {
                what: "processor",
                found: Ok(processor(config)),
            },
        ];
        let failed = checks.iter().filter(|check| check.found.is_err()).count();
        let json = json(&effective, &checks);
        output.result(&json, |output| text(&effective, &checks, output))?;
        if failed == 0 {
            return Ok(());
        }
        let failed = plural(u64::try_from(failed).unwrap_or(u64::MAX), "check");
        Err(Failure::new(
            Exit::No,
            format!("not in order: {failed} failed: see above"),
        ))
    }
}

fn json(effective: &Effective, checks: &[Check]) -> serde_json::Value {
    let rows: Vec<_> = effective
        .rows()
        .into_iter()
        .map(|(key, value, source)| {
            serde_json::json!({"key": key.name, "value": value, "source": source.to_string()})
        })
        .collect();
    let checks: Vec<_> = checks
        .iter()
        .map(|check| {
            let (ok, detail) = match &check.found {
                Ok(found) => (true, found),
                Err(wrong) => (false, wrong),
            };
            serde_json::json!({"check": check.what, "ok": ok, "detail": detail})
        })
        .collect();
    serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"), "configuration": rows, "warnings": effective.warnings, "checks": checks,
    })
}

fn text(effective: &Effective, checks: &[Check], output: Output) -> String {
    let mut table = output.table(&["key", "value", "from"]);
    for (key, value, source) in effective.rows() {
        table.add_row([key.name.to_owned(), value, source.to_string()]);
    }
    let mut text = format!("coreanvil {}\n{table}\n", env!("CARGO_PKG_VERSION"));
    for warning in &effective.warnings {
        text.extend(["warning: ", warning, "\n"]);
    }
    for check in checks {
        let (mark, detail) = match &check.found {
            Ok(found) => (output.good("ok  "), found),
            Err(wrong) => (output.strong("FAIL"), wrong),
        };
        text.extend([
            &mark,
            "  ",
            &output.faint(&format!("{:<10}", check.what)),
            " ",
            detail,
            "\n",
        ]);
    }
    text
}

/// Reachable, and its tables those of this version.
async fn database(config: &Config) -> Result<String, String> {
    if let Some(path) = config.sqlite_path()
        && !path.exists()
    {
        return writable_parent(&path)
            .map(|()| format!("{} is not there yet; `serve` makes it", path.display()));
    }
    let said = |failure: Failure| failure.line;
    let store = service::open_store(config).await.map_err(said)?;
    let checked = store.ping().await;
    let dialect = store.dialect();
    store.close().await;
    match checked {
        Ok(()) => Ok(format!("{dialect}, reachable, up to date")),
        Err(error @ StoreError::Database { .. }) => Err(format!(
            "{}; `coreanvil migrate` may help",
            said(error.into())
        )),
        Err(error) => Err(said(error.into())),
    }
}

/// Writes and removes an object of its own.
async fn objects(config: &Config) -> Result<String, String> {
    let url = config.objects_url().map_err(|error| error.to_string())?;
    if let Ok(path) = url.to_file_path()
        && !path.exists()
    {
        return writable_parent(&path)
            .map(|()| format!("{} is not there yet; `serve` makes it", path.display()));
    }
    let said = |failure: Failure| failure.line;
    let objects = service::open_objects(config).map_err(said)?;
    let mut probe = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
    probe
        .write_all(b"written by coreanvil doctor\n")
        .map_err(|error| error.to_string())?;
    let stored = objects
        .put_file(probe.path(), None)
        .await
        .map_err(|error| said(error.into()))?;
    objects
        .delete(stored.digest)
        .await
        .map_err(|error| said(error.into()))?;
    match url.to_file_path() {
        Ok(path) => space(&path).map(|space| format!("writable, {space}")),
        Err(()) => Ok(format!("{}: writable", url.scheme())),
    }
}

/// Whether the nearest folder above that exists can be written to.
fn writable_parent(path: &Path) -> Result<(), String> {
    let folder = existing(path);
    tempfile::Builder::new()
        .prefix(".coreanvil-doctor-")
        .tempfile_in(&folder)
        .map(drop)
        .map_err(|error| format!("cannot write in {}: {error}", folder.display()))
}

/// Free space where a folder is or will be.
fn space(path: &Path) -> Result<String, String> {
    let folder = existing(path);
    let stat =
        rustix::fs::statvfs(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let free_bytes = stat.f_bavail.saturating_mul(stat.f_frsize);
    let text = format!("{} free in {}", bytes(free_bytes), folder.display());
    if free_bytes < FREE_BYTES {
        Err(format!("{text}: too little"))
    } else {
        Ok(text)
    }
}

/// The path itself, or the nearest folder above it that exists.
fn existing(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    absolute
        .ancestors()
        .find(|folder| folder.is_dir())
        .unwrap_or(Path::new("/"))
        .to_owned()
}

/// What the kernels can use.
fn processor(config: &Config) -> String {
    let features = features().join(", ");
    format!(
        "{}: {features}; {} of the engine, {} at once",
        std::env::consts::ARCH,
        plural(
            u64::try_from(config.threads()).unwrap_or(u64::MAX),
            "thread"
        ),
        plural(
            u64::try_from(config.concurrency()).unwrap_or(u64::MAX),
            "job"
        ),
    )
}

#[cfg(target_arch = "x86_64")]
fn features() -> Vec<&'static str> {
    [
        ("SSE4.2", std::is_x86_feature_detected!("sse4.2")),
        ("AVX", std::is_x86_feature_detected!("avx")),
        ("AVX2", std::is_x86_feature_detected!("avx2")),
        ("FMA", std::is_x86_feature_detected!("fma")),
        ("F16C", std::is_x86_feature_detected!("f16c")),
        ("AVX-512", std::is_x86_feature_detected!("avx512f")),
    ]
    .into_iter()
    .filter_map(|(name, there)| there.then_some(name))
    .collect()
}

#[cfg(not(target_arch = "x86_64"))]
fn features() -> Vec<&'static str> {
    vec!["the features that every processor of this kind has"]
}
