//! Attempts: the leases of jobs. They change under the job's lock.

use api::ids::{AttemptId, Fence, JobId, WorkerId};
use api::jobs::{Attempt, AttemptState, JobError, Phase};
use api::time::Time;
use uuid::Uuid;

use super::database::{Store, Tx};
use super::error::{Error, Result};
use super::row;
use super::sql::sql;

#[derive(sqlx::FromRow)]
struct AttemptRow {
    id: Uuid,
    job_id: Uuid,
    fence: i64,
    worker_id: Uuid,
    state: String,
    phase: Option<String>,
    progress: f64,
    lease_expires_at: i64,
    heartbeat_at: i64,
    error: Option<String>,
    started_at: i64,
    ended_at: Option<i64>,
}

impl AttemptRow {
    fn attempt(self) -> Result<Attempt> {
        Ok(Attempt {
            id: AttemptId(self.id),
            job_id: JobId(self.job_id),
            fence: Fence(row::count("fence", self.fence)?),
            worker_id: WorkerId(self.worker_id),
            state: row::word("attempt state", &self.state)?,
            phase: row::word_option("phase", self.phase.as_deref())?,
            progress: self.progress,
            lease_expires_at: row::time(self.lease_expires_at)?,
            heartbeat_at: row::time(self.heartbeat_at)?,
            error: row::json_option("attempt error", self.error.as_deref())?,
            started_at: row::time(self.started_at)?,
            ended_at: row::time_option(self.ended_at)?,
        })
    }
}

macro_rules! select_attempt {
    ($tail:literal) => {
        concat!(
            "select id, job_id, fence, worker_id, state, phase, progress, lease_expires_at, heartbeat_at, error, \
             started_at, ended_at from attempts where ",
            $tail
        )
    };
}

impl Store {
    /// Attempts of a job behind a fencing number, first to last.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn attempts_after(
        &self,
        job_id: JobId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Attempt>> {
        let mut connection = self.read().await?;
        sql!(
            all AttemptRow, connection,
            select_attempt!("job_id = $1 and fence > $2 order by fence limit $3");
            job_id.0, row::signed("fence", after)?, i64::from(limit)
        )?
        .into_iter()
        .map(AttemptRow::attempt)
        .collect()
    }

    /// All attempts of a job, first to last.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn attempts(&self, job_id: JobId) -> Result<Vec<Attempt>> {
        let mut connection = self.read().await?;
        sql!(all AttemptRow, connection, select_attempt!("job_id = $1 order by fence"); job_id.0)?
            .into_iter()
            .map(AttemptRow::attempt)
            .collect()
    }

    /// Attempts that hold a lease which ran out at `now`, or that began at `began_before` or earlier.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn overdue_attempts(
        &self,
        now: Time,
        began_before: Time,
        limit: u32,
    ) -> Result<Vec<Attempt>> {
        let mut connection = self.read().await?;
        sql!(
            all AttemptRow, connection,
            select_attempt!(
                "state = 'leased' and (lease_expires_at <= $1 or started_at <= $2) order by lease_expires_at, id limit $3"
            );
            now.unix_ms(), began_before.unix_ms(), i64::from(limit)
        )?
        .into_iter()
        .map(AttemptRow::attempt)
        .collect()
    }
}

impl Tx {
    /// Begins an attempt; the job is locked.
    ///
    /// # Errors
    /// Those of the database: it refuses a second lease on one job.
    pub async fn insert_attempt(&mut self, attempt: &Attempt) -> Result<()> {
        let _inserted: u64 = sql!(
            execute self.connection,
            "insert into attempts (id, job_id, fence, worker_id, state, progress, lease_expires_at, heartbeat_at, started_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
            attempt.id.0, attempt.job_id.0, i64::from(attempt.fence.0), attempt.worker_id.0, attempt.state.as_str(),
            attempt.progress, attempt.lease_expires_at.unix_ms(), attempt.heartbeat_at.unix_ms(), attempt.started_at.unix_ms()
        )?;
        Ok(())
    }

    /// The attempt that holds the job's lease, if one does; the job is locked.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn leased_attempt(&mut self, job_id: JobId) -> Result<Option<Attempt>> {
        sql!(optional AttemptRow, self.connection, select_attempt!("job_id = $1 and state = 'leased'"); job_id.0)?
            .map(AttemptRow::attempt)
            .transpose()
    }

    /// Renews a lease and notes how far the attempt is; the job is locked.
    ///
    /// # Errors
    /// [`Error::StaleLease`] when the attempt holds none.
    pub async fn renew_attempt(
        &mut self,
        now: Time,
        attempt: &Attempt,
        lease_expires_at: Time,
        phase: Option<Phase>,
        progress: f64,
    ) -> Result<()> {
        let changed = sql!(
            execute self.connection,
            "update attempts set heartbeat_at = $2, lease_expires_at = $3, phase = $4, progress = $5 \
             where id = $1 and state = 'leased'";
            attempt.id.0, now.unix_ms(), lease_expires_at.unix_ms(), phase.map(Phase::as_str), progress
        )?;
        if changed == 1 {
            Ok(())
        } else {
            Err(Error::StaleLease {
                job_id: attempt.job_id,
                fence: attempt.fence,
            })
        }
    }

    /// Ends an attempt; the job is locked.
    ///
    /// # Errors
    /// [`Error::StaleLease`] when it has ended already.
    pub async fn end_attempt(
        &mut self,
        now: Time,
        attempt: &Attempt,
        state: AttemptState,
        error: Option<&JobError>,
    ) -> Result<()> {
        let changed = sql!(
            execute self.connection,
            "update attempts set state = $2, error = $3, ended_at = $4 where id = $1 and state = 'leased'";
            attempt.id.0, state.as_str(), row::to_json_option("attempt error", error)?, now.unix_ms()
        )?;
        if changed == 1 {
            Ok(())
        } else {
            Err(Error::StaleLease {
                job_id: attempt.job_id,
                fence: attempt.fence,
            })
        }
    }
}
