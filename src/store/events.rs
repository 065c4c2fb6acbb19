//! What happened to a job, in order: numbered from the job's row in the same transaction, so that no reader misses one.

use api::ids::JobId;
use api::jobs::{JobEvent, JobState};
use api::time::Time;

use super::database::{Store, Tx};
use super::error::{Error, Result};
use super::jobs::JobRecord;
use super::projects::Reach;
use super::row;
use super::sql::sql;

/// How far a job is, as far as readers of its events need to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventStanding {
    /// Its state.
    pub state: JobState,
    /// Number of its newest event.
    pub newest: u64,
}

#[derive(sqlx::FromRow)]
struct EventRow {
    seq: i64,
    kind: String,
    data: String,
    created_at: i64,
}

impl Store {
    /// Where the job and its events stand; the row of the job is read without its report.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such job within reach.
    pub async fn event_standing(&self, reach: Reach, job_id: JobId) -> Result<EventStanding> {
        let mut connection = self.read().await?;
        let found: Option<(String, i64)> = sql!(
            optional (String, i64), connection,
            "select state, event_seq from jobs where id = $1 and ($2 is null or project_id = $2)";
            job_id.0, reach.project()
        )?;
        let (state, newest) = found.ok_or(Error::NotFound { what: "job" })?;
        Ok(EventStanding {
            state: row::word("job state", &state)?,
            newest: row::count("event number", newest)?,
        })
    }

    /// Events of a job after number `after`, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn job_events(&self, job_id: JobId, after: u64, limit: u32) -> Result<Vec<JobEvent>> {
        let mut connection = self.read().await?;
        sql!(
            all EventRow, connection,
            "select seq, kind, data, created_at from job_events where job_id = $1 and seq > $2 order by seq limit $3";
            job_id.0, row::signed("event number", after)?, i64::from(limit)
        )?
        .into_iter()
        .map(|event| {
            Ok(JobEvent {
                job_id,
                seq: row::count("event number", event.seq)?,
                kind: event.kind,
                data: row::json("event", &event.data)?,
                created_at: row::time(event.created_at)?,
            })
        })
        .collect()
    }
}

impl Tx {
    /// Notes an event of a locked job and counts it; the job is to be saved after.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn append_event(
        &mut self,
        now: Time,
        record: &mut JobRecord,
        kind: &str,
        data: &serde_json::Value,
    ) -> Result<()> {
        record.event_seq += 1;
        self.insert_event(now, record, kind, data).await
    }

    /// Notes an event of a locked job whose number is counted in the job's row already.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn insert_event(
        &mut self,
        now: Time,
        record: &JobRecord,
        kind: &str,
        data: &serde_json::Value,
    ) -> Result<()> {
        let _inserted: u64 = sql!(
            execute self.connection,
            "insert into job_events (job_id, seq, kind, data, created_at) values ($1, $2, $3, $4, $5)";
            record.job.id.0, row::signed("event number", record.event_seq)?, kind, row::to_json("event", data)?, now.unix_ms()
        )?;
        Ok(())
    }

    /// Counts the events of a locked job without touching anything else: for a finished job, which never changes.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn save_event_seq(&mut self, record: &JobRecord) -> Result<()> {
        let _changed: u64 = sql!(
            execute self.connection,
            "update jobs set event_seq = $2 where id = $1"; record.job.id.0, row::signed("event number", record.event_seq)?
        )?;
        Ok(())
    }
}
