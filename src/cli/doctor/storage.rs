//! Where bytes go: the object store, the folders, how long a write takes to be safe.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::TryStreamExt as _;
use tempfile::Builder;

use super::finding::Finding;
use crate::cli::exit::Failure;
use crate::cli::service;
use crate::cli::units::{bytes, duration_ms, median};
use crate::clock::{Clock as _, Ids as _, SystemClock, SystemIds};
use crate::config::Config;
use crate::objects::Objects;
use crate::worker::run_blocking;

/// Free bytes below which a folder is called too full, and nearly so.
const FREE_FAIL_BYTES: u64 = 1 << 30;
const FREE_WARN_BYTES: u64 = 4 << 30;
/// A store that has not done all by then is away.
const STORE_WITHIN: Duration = Duration::from_secs(45);
/// Writes whose median is the cost of one.
const WRITES: usize = 15;
const WRITE_BYTES: usize = 4_096;
/// A write that takes longer makes every accepted job slow; one that takes less did not reach a disk.
const WRITE_SLOW_MS: f64 = 20.0;
const WRITE_MEMORY_MS: f64 = 0.03;
/// Names of what is written to try something.
const PREFIX: &str = ".coreanvil-doctor-";

/// What was found.
pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let mut findings = vec![store(config).await];
    let mut folders: Vec<(&'static str, PathBuf)> = Vec::new();
    if config.uses_data_folder() {
        folders.push(("data folder", config.data.folder.clone()));
    }
    folders.push(("scratch", config.scratch()));
    for (name, folder) in folders {
        findings.push(space(name, &folder));
        if name == "data folder" && folder.is_dir() {
            let measured = run_blocking(move || write_ms(&folder)).await;
            findings.push(written(measured.ok()));
        }
    }
    findings
}

/// Puts, reads, lists and removes an object of its own.
async fn store(config: &Config) -> Finding {
    let url = match config.objects_url() {
        Ok(url) => url,
        Err(error) => return Finding::fail("objects", error.to_string(), "set `objects.url`"),
    };
    if let Ok(path) = url.to_file_path()
        && !path.exists()
    {
        return match writable_parent(&path) {
            Ok(()) => {
                let detail = format!("{} is not there yet; `serve` makes it", path.display());
                Finding::ok("objects", detail)
            }
            Err(detail) => {
                let next = "give the folder to the user that runs this, or set `objects.url`";
                Finding::fail("objects", detail, next)
            }
        };
    }
    let place = format!(
        "{}://{}{}",
        url.scheme(),
        url.host_str().unwrap_or(""),
        url.path()
    );
    let objects = match service::open_objects(config) {
        Ok(objects) => objects,
        Err(failure) => {
            let next = "correct `objects.url`, or the provider's variables";
            return Finding::refused("objects", failure, next);
        }
    };
    let clock = SystemClock::new();
    let begun_ns = clock.monotonic_ns();
    match tokio::time::timeout(STORE_WITHIN, round_trip(config, &objects)).await {
        Ok(Ok(())) => {
            let took_ms = clock.monotonic_ns().saturating_sub(begun_ns) / 1_000_000;
            let took = duration_ms(took_ms);
            Finding::ok(
                "objects",
                format!("{place}: put, read, listed and removed in {took}"),
            )
        }
        Ok(Err((doing, failure))) => {
            let next = advice(&failure.line, doing);
            let line = format!("{place}: {}", failure.line);
            Finding::fail("objects", line, next)
        }
        Err(_) => {
            let within = STORE_WITHIN.as_secs();
            let detail = format!("{place}: not done within {within} s");
            Finding::fail("objects", detail, advice("", "put"))
        }
    }
}

/// What did not work, and why.
async fn round_trip(config: &Config, objects: &Objects) -> Result<(), (&'static str, Failure)> {
    let at = |doing| move |error: crate::objects::Error| (doing, Failure::from(error));
    let here =
        |error: std::io::Error| ("put", Failure::file("write in", &config.scratch(), &error));
    // Where the service may write; perhaps nowhere else.
    let folder = existing(&config.scratch());
    let folder = Builder::new()
        .prefix(PREFIX)
        .tempdir_in(folder)
        .map_err(here)?;
    let probe = folder.path().join("probe");
    let content = format!("written by coreanvil doctor: {}\n", SystemIds.uuid());
    std::fs::write(&probe, content).map_err(here)?;
    let stored = objects.put_file(&probe, None).await.map_err(at("put"))?;
    let back = folder.path().join("back");
    let read = objects.fetch(stored.digest, stored.size_bytes, &back).await;
    let listed = objects.list().try_next().await;
    // Whatever the rest says, nothing stays behind.
    objects.delete(stored.digest).await.map_err(at("delete"))?;
    read.map_err(at("read"))?;
    listed.map_err(at("list"))?;
    Ok(())
}

/// What to do about a store that refuses.
fn advice(line: &str, doing: &str) -> String {
    let says = |words: &[&str]| words.iter().any(|word| line.contains(word));
    if says(&["NoSuchBucket", "ContainerNotFound", "bucket does not exist"]) {
        "make the bucket, or correct its name in `objects.url`".to_owned()
    } else if says(&[
        "AccessDenied",
        "Forbidden",
        "403",
        "SignatureDoesNotMatch",
        "InvalidAccessKey",
        "Unauthorized",
        "401",
    ]) {
        format!(
            "the key may not {doing}: on S3 it needs s3:PutObject, s3:GetObject, s3:DeleteObject, s3:AbortMultipartUpload and s3:ListBucket"
        )
    } else if says(&["ermission denied", "ead-only"]) {
        "give the folder to the user that runs this, or mount it writable".to_owned()
    } else if says(&["o space left", "uota"]) {
        "make room: `coreanvil sweep`, or a larger disk".to_owned()
    } else {
        "is the store running and reachable from here? Endpoint and keys come from the provider's variables (`AWS_ENDPOINT`, `AWS_ACCESS_KEY_ID`, …)".to_owned()
    }
}

/// Whether the nearest folder above that exists can be written to.
pub(super) fn writable_parent(path: &Path) -> Result<(), String> {
    let folder = existing(path);
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut above = absolute.ancestors();
    let in_the_way = above.find(|one| one.symlink_metadata().is_ok_and(|it| !it.is_dir()));
    if let Some(file) = in_the_way.filter(|file| !file.is_dir() && **file != absolute) {
        return Err(format!("{} is no folder", file.display()));
    }
    Builder::new()
        .prefix(PREFIX)
        .tempfile_in(&folder)
        .map(drop)
        .map_err(|error| format!("cannot write in {}: {error}", folder.display()))
}

/// Free space where a folder is or will be, and whether it can be written to.
fn space(name: &'static str, path: &Path) -> Finding {
    let folder = existing(path);
    if let Err(detail) = writable_parent(path) {
        let next = "give the folder to the user that runs this, or mount it writable";
        return Finding::fail(name, detail, next);
    }
    let stat = match rustix::fs::statvfs(&folder) {
        Ok(stat) => stat,
        Err(error) => {
            let detail = format!("{}: {error}", folder.display());
            return Finding::fail(name, detail, "can the user that runs this see the folder?");
        }
    };
    let free_bytes = stat.f_bavail.saturating_mul(stat.f_frsize);
    let detail = format!("{} free in {}", bytes(free_bytes), folder.display());
    let next = "make room: `coreanvil sweep` removes what no revision names; or a larger disk";
    if free_bytes < FREE_FAIL_BYTES {
        Finding::fail(name, format!("{detail}: too little"), next)
    } else if free_bytes < FREE_WARN_BYTES {
        Finding::warn(name, detail, next)
    } else if stat.f_files > 0 && stat.f_favail.saturating_mul(50) < stat.f_files {
        let detail = format!("{detail}, but {} file names left", stat.f_favail);
        Finding::warn(
            name,
            detail,
            "remove small files, or make the file system with more inodes",
        )
    } else {
        Finding::ok(name, detail)
    }
}

/// Milliseconds until a small write is on the disk.
fn write_ms(folder: &Path) -> std::io::Result<f64> {
    let mut file = Builder::new().prefix(PREFIX).tempfile_in(folder)?;
    let clock = SystemClock::new();
    let mut took_ms = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let begun_ns = clock.monotonic_ns();
        file.write_all(&[1; WRITE_BYTES])?;
        file.as_file().sync_data()?;
        let took_ns = clock.monotonic_ns().saturating_sub(begun_ns);
        took_ms.push(Duration::from_nanos(took_ns).as_secs_f64() * 1_000.0);
    }
    Ok(median(took_ms).unwrap_or(0.0))
}

fn written(measured: Option<std::io::Result<f64>>) -> Finding {
    match measured {
        Some(Ok(ms)) if ms > WRITE_SLOW_MS => Finding::warn(
            "fsync",
            format!("a write takes {ms:.1} ms to be safe on the disk of the data folder"),
            "every accepted job waits for one: put the data folder on a local SSD, or use Postgres",
        ),
        Some(Ok(ms)) if ms < WRITE_MEMORY_MS => Finding::ok(
            "fsync",
            format!(
                "{ms:.3} ms: the data folder is in memory, or its disk says it is done before it is"
            ),
        ),
        Some(Ok(ms)) => Finding::ok(
            "fsync",
            format!("a write takes {ms:.1} ms to be safe on the disk of the data folder"),
        ),
        Some(Err(error)) => Finding::fail(
            "fsync",
            format!("cannot write in the data folder: {error}"),
            "give the folder to the user that runs this, or mount it writable",
        ),
        None => Finding::warn("fsync", "was not measured", "run `coreanvil doctor` again"),
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
