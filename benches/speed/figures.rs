//! What comes out of a run: quantiles, memory, and what is wrong.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::load::{Run, held};

/// Resident kilobytes of a process.
pub(super) fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// By how much the memory grows over the second half, as a share of its mean: the slope of the line that fits best, times
/// the time.
#[expect(clippy::cast_precision_loss, reason = "kilobytes and seconds")]
fn growth(seen: &[u64]) -> f64 {
    let half = seen.get(seen.len() / 2..).unwrap_or_default();
    let count = half.len() as f64;
    let middle = (count - 1.0) / 2.0;
    let mean = half.iter().sum::<u64>() as f64 / count.max(1.0);
    let (mut over, mut under) = (0.0, 0.0);
    for (second, kib) in half.iter().enumerate() {
        let away = second as f64 - middle;
        over += away * (*kib as f64 - mean);
        under += away * away;
    }
    if under == 0.0 || mean == 0.0 {
        0.0
    } else {
        over / under * count / mean
    }
}

fn quantiles(took_us: &mut [u64]) -> Value {
    took_us.sort_unstable();
    #[expect(clippy::cast_precision_loss, reason = "a time of minutes")]
    let at = |thousandths: usize| {
        let place = (took_us.len() * thousandths / 1000).min(took_us.len().saturating_sub(1));
        took_us.get(place).map(|us| *us as f64 / 1000.0)
    };
    json!({"p50_ms": at(500), "p99_ms": at(990), "p999_ms": at(999), "max_ms": at(1000)})
}

/// The figures of a run, and what is wrong with it.
pub(super) fn summary(run: &Run, memory: &[u64], left: &[String]) -> (Value, Vec<String>) {
    let mut classes = std::mem::take(&mut *held(&run.classes));
    classes.remove("rest");
    let (mut shown, mut reads, mut wrong) = (serde_json::Map::new(), Vec::new(), Vec::new());
    let mut calls = 0;
    for (name, class) in &mut classes {
        calls += class.took_us.len();
        if ["list", "one", "download", "download known"].contains(name) {
            reads.extend_from_slice(&class.took_us);
        }
        for (status, count) in &class.statuses {
            if status.starts_with('5') || !status.starts_with(|c: char| c.is_ascii_digit()) {
                wrong.push(format!("{name}: {count} times {status}"));
            }
        }
        let times = quantiles(&mut class.took_us);
        shown.insert(
            (*name).to_owned(),
            json!({"calls": class.took_us.len(), "statuses": class.statuses, "times": times}),
        );
    }
    wrong.extend(left.iter().map(|job| format!("job {job}")));
    let jobs = held(&run.jobs).len();
    let figures = json!({
        "clients": run.options.clients,
        "seconds": run.options.seconds,
        "calls_per_s": calls as u64 / run.options.seconds.max(1),
        "reads": quantiles(&mut reads),
        "read_calls": reads.len(),
        "classes": shown,
        "jobs": jobs,
        "uploads": held(&run.revisions).len(),
        "events": run.events.load(Ordering::Relaxed),
        "rss_mib": {
            "first": memory.first().map(|kib| kib / 1024),
            "half": memory.get(memory.len() / 2).map(|kib| kib / 1024),
            "last": memory.last().map(|kib| kib / 1024),
            "peak": memory.iter().max().map(|kib| kib / 1024),
        },
        "rss_growth_second_half": (growth(memory) * 1e4).round() / 1e4,
        "wrong": wrong,
    });
    (figures, wrong)
}
