//! The machine: what the kernels can use, and how many files may be open.

use rustix::process::{Resource, getrlimit};

use super::finding::Finding;
use crate::cli::units::plural;
use crate::config::Config;

/// Descriptors besides those of connections: files of jobs and uploads, the database, the log.
const OWN_FILES: u64 = 512;

/// What was found.
pub(super) fn look(config: &Config) -> Vec<Finding> {
    vec![
        files(config, getrlimit(Resource::Nofile).current),
        Finding::ok("processor", processor(config)),
    ]
}

/// No limit is `None`.
fn files(config: &Config, limit: Option<u64>) -> Finding {
    let Some(limit) = limit else {
        return Finding::ok("open files", "as many as there is memory for");
    };
    let connections = config.limits.connections;
    let detail = format!("{limit} may be open, for up to {connections} connections");
    let needed = connections.saturating_add(OWN_FILES);
    let next = format!(
        "`ulimit -n {needed}` (LimitNOFILE= in systemd, `ulimits` in compose), or lower `limits.connections`"
    );
    if limit < OWN_FILES {
        Finding::fail("open files", detail, next)
    } else if limit < needed {
        Finding::warn("open files", detail, next)
    } else {
        Finding::ok("open files", detail)
    }
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
