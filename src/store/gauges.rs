//! Numbers for the metrics and the doctor, from indexes that hold unfinished jobs only.

use api::jobs::{JobKind, JobState};
use api::time::Time;

use super::database::Store;
use super::error::Result;
use super::row;
use super::sql::sql;

/// How the queue stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Gauges {
    /// Unfinished jobs, by kind and state.
    pub jobs: Vec<(JobKind, JobState, u64)>,
    /// Since when the queued job waits that waits longest.
    pub oldest_queued_at: Option<Time>,
    /// Workers heard of lately.
    pub workers: u64,
    /// Resumable uploads that are not finished.
    pub uploads: u64,
}

impl Store {
    /// How the queue stands; workers count that were heard of after `since`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn gauges(&self, since: Time) -> Result<Gauges> {
        let mut connection = self.read().await?;
        let mut jobs = Vec::new();
        let queued: Vec<(String, i64)> = sql!(
            all(String, i64),
            connection,
            "select kind, count(*) from jobs where state = 'queued' group by kind order by kind"
        )?;
        let running: Vec<(String, i64)> = sql!(
            all(String, i64),
            connection,
            "select kind, count(*) from jobs where state = 'running' group by kind order by kind"
        )?;
        for (state, rows) in [(JobState::Queued, queued), (JobState::Running, running)] {
            for (kind, number) in rows {
                let number = row::count("count", number)?;
                jobs.push((row::word("job kind", &kind)?, state, number));
            }
        }
        let (oldest, _): (Option<i64>, i64) = sql!(
            one(Option<i64>, i64),
            connection,
            "select min(queued_at), count(*) from jobs where state = 'queued'"
        )?;
        let (workers,): (i64,) = sql!(
            one (i64,), connection, "select count(*) from workers where seen_at > $1"; since.unix_ms()
        )?;
        let (uploads,): (i64,) = sql!(
            one(i64,),
            connection,
            "select count(*) from uploads where state = 'receiving'"
        )?;
        Ok(Gauges {
            jobs,
            oldest_queued_at: row::time_option(oldest)?,
            workers: row::count("count", workers)?,
            uploads: row::count("count", uploads)?,
        })
    }
}
