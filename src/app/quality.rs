//! How much noise the making of a revision added, from the report of the job that made it.
//!
//! It computes medians of what the engine found; it looks at no package.

use std::collections::BTreeMap;

use api::ids::RevisionId;
use api::jobs::JobResult;
use api::report::Report;
use api::revisions::Revision;

use super::access::Caller;
use super::error::{Error, Result};
use super::jobs;
use super::service::App;

/// Reports that are read for one answer; each may have a thousand rows.
const MOST_REPORTS: usize = 40;

/// Signal-to-noise ratios of the weights that a job changed; `None` where none lost anything. And in which forms the
/// weights are.
#[derive(Debug, Clone, PartialEq)]
pub struct Snr {
    /// The middle one.
    pub median_db: Option<f64>,
    /// The lowest one.
    pub worst_db: Option<f64>,
    /// Bytes by representation before, the largest first.
    pub before: Vec<(String, u64)>,
    /// The same after.
    pub after: Vec<(String, u64)>,
}

/// The ratios of those revisions that a job made, the first of them only.
///
/// # Errors
/// Those of the database.
pub async fn snrs(
    app: &App,
    caller: &Caller,
    revisions: &[Revision],
) -> Result<BTreeMap<RevisionId, Snr>> {
    let mut found = BTreeMap::new();
    let made = revisions
        .iter()
        .filter_map(|one| Some((one.id, one.job_id?)));
    for (id, job_id) in made.take(MOST_REPORTS) {
        let job = match jobs::get(app, caller, job_id, None).await {
            Ok(job) => job,
            Err(Error::NotFound { .. }) => continue,
            Err(error) => return Err(error),
        };
        if let Some(JobResult::Compress(result)) = job.result
            && let Some(report) = result.report
        {
            found.insert(id, of(&report));
        }
    }
    Ok(found)
}

/// Of one report.
pub fn of(report: &Report) -> Snr {
    let mut all: Vec<f64> = report
        .rows
        .iter()
        .filter_map(|row| row.snr_db)
        .filter(|db| db.is_finite())
        .collect();
    all.sort_by(f64::total_cmp);
    Snr {
        median_db: all.get(all.len() / 2).copied(),
        worst_db: all.first().copied(),
        before: forms(report.rows.iter().map(|row| (&row.old, row.bytes_before))),
        after: forms(report.rows.iter().map(|row| (&row.new, row.bytes_after))),
    }
}

fn forms<'r>(rows: impl Iterator<Item = (&'r String, u64)>) -> Vec<(String, u64)> {
    let mut sums: BTreeMap<&String, u64> = BTreeMap::new();
    for (form, bytes) in rows {
        *sums.entry(form).or_default() += bytes;
    }
    let mut all: Vec<(String, u64)> = sums
        .into_iter()
        .map(|(form, sum)| (form.clone(), sum))
        .collect();
    all.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    all
}
