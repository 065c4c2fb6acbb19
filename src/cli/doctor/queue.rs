//! The queue: who works, what nobody does, and what should have been dealt with.

use api::jobs::JobState;
use api::time::Time;

use super::finding::Finding;
use crate::cli::exit::Failure;
use crate::cli::units::{duration_ms, plural};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::store::{Error, Gauges, Store, WorkerSeen};

/// A worker that was silent for so many of its signs of life is not counted on.
const SIGNS_MISSED: u64 = 3;
const HOUR_MS: u64 = 3_600_000;
/// Who sweeps does so several times in this.
const SWEPT_WITHIN_MS: i64 = 120_000;
/// An upload that expired longer ago than so many sweeps of the store stays for ever.
const UPLOAD_SWEEPS: u64 = 2;

/// What was found.
pub(super) async fn look(config: &Config, store: &Store) -> Vec<Finding> {
    match ask(config, store).await {
        Ok(findings) => findings,
        Err(error) => {
            let next = "see `database` above";
            vec![Finding::refused("queue", Failure::from(error), next)]
        }
    }
}

async fn ask(config: &Config, store: &Store) -> Result<Vec<Finding>, Error> {
    let now = store.now(&SystemClock::new()).await?;
    let silent_ms = ms(config.worker.heartbeat_seconds.saturating_mul(SIGNS_MISSED));
    let workers = store.workers_seen(now.plus_ms(-silent_ms)).await?;
    let gauges = store.gauges(now).await?;
    let mut findings = vec![working(&workers, &gauges, now)];
    findings.extend(unserved(&workers, &gauges));
    findings.push(jobs(config, store, &gauges, now).await?);
    findings.push(uploads(config, store, &gauges, now).await?);
    Ok(findings)
}

fn ms(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX)
}

/// For people: long times in hours and days.
fn age(now: Time, then: Time) -> String {
    let age_ms = now.unix_ms().saturating_sub(then.unix_ms());
    let age_ms = u64::try_from(age_ms).unwrap_or(0);
    match age_ms / HOUR_MS {
        0 | 1 => duration_ms(age_ms),
        hours @ 2..48 => format!("{hours} h"),
        hours => format!("{} days", hours / 24),
    }
}

fn sum(gauges: &Gauges, state: JobState) -> u64 {
    let rows = gauges.jobs.iter().filter(|row| row.1 == state);
    rows.map(|row| row.2).sum()
}

fn working(workers: &[WorkerSeen], gauges: &Gauges, now: Time) -> Finding {
    let number = u64::try_from(workers.len()).unwrap_or(u64::MAX);
    let Some(last) = workers.first() else {
        let queued = sum(gauges, JobState::Queued);
        let detail = format!(
            "no worker was heard of lately; {} waiting",
            plural(queued, "job")
        );
        let next = "start `coreanvil serve` or `coreanvil worker` on this database";
        return Finding::warn("workers", detail, next);
    };
    let mut kinds: Vec<&str> = workers
        .iter()
        .flat_map(|worker| worker.kinds.iter().map(|kind| kind.as_str()))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let detail = format!(
        "{} heard of, the last {} ago: {}",
        plural(number, "process"),
        age(now, last.seen_at),
        kinds.join(", ")
    );
    Finding::ok("workers", detail)
}

/// Kinds of which jobs wait though no worker does them; nothing where there is no worker at all.
fn unserved(workers: &[WorkerSeen], gauges: &Gauges) -> Option<Finding> {
    if workers.is_empty() {
        return None;
    }
    let waiting: Vec<String> = gauges
        .jobs
        .iter()
        .filter(|(kind, state, number)| {
            *state == JobState::Queued
                && *number > 0
                && !workers.iter().any(|worker| worker.kinds.contains(kind))
        })
        .map(|(kind, _, number)| format!("{number} of kind `{kind}`"))
        .collect();
    (!waiting.is_empty()).then(|| {
        let detail = format!("jobs wait that no worker does: {}", waiting.join(", "));
        let next = "start a worker of a version that does them, or cancel them";
        Finding::fail("kinds", detail, next)
    })
}

async fn jobs(
    config: &Config,
    store: &Store,
    gauges: &Gauges,
    now: Time,
) -> Result<Finding, Error> {
    let queued_ms = ms(config.queue.wait_seconds).saturating_add(SWEPT_WITHIN_MS);
    let (leases, queued) = (now.plus_ms(-SWEPT_WITHIN_MS), now.plus_ms(-queued_ms));
    let overdue = store.overdue(leases, queued, now).await?;
    let (waiting, running) = (
        sum(gauges, JobState::Queued),
        sum(gauges, JobState::Running),
    );
    let mut parts = vec![format!("{waiting} queued, {running} running")];
    if let Some(oldest) = gauges.oldest_queued_at {
        parts.push(format!("the oldest waits for {}", age(now, oldest)));
    }
    if overdue.leases > 0 {
        let leases = plural(overdue.leases, "lease");
        parts.push(format!("{leases} ran out and nobody takes them back"));
    }
    if overdue.waiting > 0 {
        let jobs = plural(overdue.waiting, "job");
        let hours = config.queue.wait_seconds / 3_600;
        parts.push(format!(
            "{jobs} waited for more than {hours} h and nobody ends them"
        ));
    }
    let detail = parts.join("; ");
    if overdue.leases + overdue.waiting > 0 {
        let next = "`serve` and `worker` take leases back and end what waits too long: start one, and look into its log for `cannot sweep`";
        return Ok(Finding::fail("jobs", detail, next));
    }
    let half_ms = ms(config.queue.wait_seconds / 2);
    let soon = |oldest: Time| now.unix_ms().saturating_sub(oldest.unix_ms()) > half_ms;
    if gauges.oldest_queued_at.is_some_and(soon) {
        let next = "add workers, or cancel what is not needed: beyond `queue.wait_seconds` a job fails with `expired`";
        return Ok(Finding::warn("jobs", detail, next));
    }
    Ok(Finding::ok("jobs", detail))
}

async fn uploads(
    config: &Config,
    store: &Store,
    gauges: &Gauges,
    now: Time,
) -> Result<Finding, Error> {
    let sweeps = config
        .objects
        .sweep_every_minutes
        .saturating_mul(UPLOAD_SWEEPS * 60);
    let expired = now.plus_ms(-ms(sweeps).saturating_add(SWEPT_WITHIN_MS));
    let overdue = store.overdue(expired, expired, expired).await?.uploads;
    let detail = format!("{} open", plural(gauges.uploads, "resumable upload"));
    if overdue == 0 {
        return Ok(Finding::ok("uploads", detail));
    }
    let next = "`coreanvil sweep` removes them now; `serve` does every `objects.sweep_every_minutes`: is one running?";
    let detail = format!("{detail}; {overdue} expired and nobody removes them");
    Ok(Finding::warn("uploads", detail, next))
}
