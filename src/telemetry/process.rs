//! What the kernel says of this process, under the names that Prometheus' own libraries use.

use super::catalogue::{PROCESS_CPU, PROCESS_FDS, PROCESS_MAX_FDS, PROCESS_MEMORY};

/// Sets the gauges of the process; what the kernel does not tell stays away.
pub(super) fn measure() {
    if let Some(bytes) = resident_bytes() {
        metrics::gauge!(PROCESS_MEMORY).set(bytes);
    }
    if let Ok(entries) = std::fs::read_dir("/proc/self/fd") {
        // One of them is the folder that is being read.
        let open = u32::try_from(entries.count().saturating_sub(1)).unwrap_or(u32::MAX);
        metrics::gauge!(PROCESS_FDS).set(f64::from(open));
    }
    if let Some(most) = most_fds() {
        metrics::gauge!(PROCESS_MAX_FDS).set(most);
    }
    if let Some(ticks) = cpu_ticks() {
        // The kernel shows ticks of a hundredth to every program.
        metrics::counter!(PROCESS_CPU).absolute(ticks / 100);
    }
}

fn resident_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u32 = line.split_whitespace().next()?.parse().ok()?;
    Some(f64::from(kib) * 1024.0)
}

fn most_fds() -> Option<f64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// User and system time: fields 14 and 15, counted behind the name in parentheses.
fn cpu_ticks() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11);
    let user: u64 = times.next()?.parse().ok()?;
    let system: u64 = times.next()?.parse().ok()?;
    Some(user.saturating_add(system))
}
