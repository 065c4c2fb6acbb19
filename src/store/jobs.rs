//! Jobs. A job's row is the lock under which its attempts and events change.
//!
//! Which change is allowed is decided by `queue::state`; here it is only written, and never onto a finished job.

use api::ids::{DataSetId, JobId, ModelId, ProjectId, RevisionId};
use api::jobs::{Follower, Job, JobKind, JobResult, JobState};
use api::report::RecipeEcho;
use api::time::Time;
use uuid::Uuid;

use super::database::{Connection, Store, Tx};
use super::error::{Error, Result};
use super::projects::Reach;
use super::row;
use super::sql::{Split, locked, sql};

/// A job to be accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJobRecord {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// On which revision; its model and project are the job's.
    pub revision_id: RevisionId,
    /// The recipe as understood.
    pub recipe: Option<RecipeEcho>,
    /// Further instructions.
    pub spec: Option<serde_json::Value>,
    /// The data set.
    pub data_set_id: Option<DataSetId>,
    /// Higher runs first.
    pub priority: i32,
    /// Jobs to run on the result.
    pub followers: Vec<Follower>,
    /// The job that it follows, and its place among that one's followers.
    pub follows: Option<(JobId, u32)>,
    /// The trace that it was submitted in; a follower has that of the job before it.
    pub traceparent: Option<String>,
}

/// A job with what the API does not show.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRecord {
    /// What the API shows.
    pub job: Job,
    /// The project's id.
    pub project_id: ProjectId,
    /// Further instructions.
    pub spec: Option<serde_json::Value>,
    /// How long the attempts that have ended took, together.
    pub spent_ms: u64,
    /// Attempts that failed and were tried again.
    pub failures: u32,
    /// Attempts that lost their lease, one after the other.
    pub losses: u32,
    /// Number of the newest event.
    pub event_seq: u64,
    /// Not to be claimed before.
    pub run_after: Time,
    /// Since when it waits.
    pub queued_at: Time,
}

#[derive(sqlx::FromRow)]
pub(super) struct JobRow {
    pub(super) id: Uuid,
    project_id: Uuid,
    kind: String,
    state: String,
    phase: Option<String>,
    progress: f64,
    model_id: Uuid,
    model: String,
    revision_id: Uuid,
    data_set_id: Option<Uuid>,
    recipe: Option<String>,
    spec: Option<String>,
    followers: String,
    parent_job_id: Option<Uuid>,
    spent_ms: i64,
    priority: i64,
    result: Option<String>,
    report: Option<String>,
    error: Option<String>,
    attempts: i64,
    failures: i64,
    losses: i64,
    cancel_requested: bool,
    event_seq: i64,
    run_after: i64,
    queued_at: i64,
    created_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
}

impl JobRow {
    pub(super) fn record(self) -> Result<JobRecord> {
        let mut result: Option<JobResult> = row::json_option("job result", self.result.as_deref())?;
        if let Some(JobResult::Compress(result)) = &mut result {
            result.report = row::json_option("report", self.report.as_deref())?;
        }
        Ok(JobRecord {
            job: Job {
                id: JobId(self.id),
                kind: row::word("job kind", &self.kind)?,
                state: row::word("job state", &self.state)?,
                phase: row::word_option("phase", self.phase.as_deref())?,
                progress: self.progress,
                model: row::word("model name", &self.model)?,
                model_id: ModelId(self.model_id),
                revision_id: RevisionId(self.revision_id),
                recipe: row::json_option("recipe", self.recipe.as_deref())?,
                data_set_id: self.data_set_id.map(DataSetId),
                priority: row::count("priority", self.priority)?,
                result,
                error: row::json_option("job error", self.error.as_deref())?,
                attempts: row::count("attempts", self.attempts)?,
                cancel_requested: self.cancel_requested,
                waiting: None,
                follows: self.parent_job_id.map(JobId),
                then: row::json("followers", &self.followers)?,
                created_at: row::time(self.created_at)?,
                started_at: row::time_option(self.started_at)?,
                finished_at: row::time_option(self.finished_at)?,
            },
            project_id: ProjectId(self.project_id),
            spec: row::json_option("spec", self.spec.as_deref())?,
            spent_ms: row::count("time spent", self.spent_ms)?,
            failures: row::count("failures", self.failures)?,
            losses: row::count("losses", self.losses)?,
            event_seq: row::count("event number", self.event_seq)?,
            run_after: row::time(self.run_after)?,
            queued_at: row::time(self.queued_at)?,
        })
    }
}

/// The columns of a [`JobRow`] of `jobs`.
macro_rules! job_columns {
    ($report:literal) => {
        concat!(
            "jobs.id, jobs.project_id, jobs.kind, jobs.state, jobs.phase, jobs.progress, jobs.model_id, \
             (select m.name from models m where m.id = jobs.model_id) as model, jobs.revision_id, jobs.data_set_id, jobs.recipe, jobs.spec, \
             jobs.followers, jobs.parent_job_id, jobs.spent_ms, jobs.priority, jobs.result, ",
            $report,
            " as report, jobs.error, jobs.attempts, jobs.failures, jobs.losses, jobs.cancel_requested, jobs.event_seq, jobs.run_after, \
             jobs.queued_at, jobs.created_at, jobs.started_at, jobs.finished_at"
        )
    };
}
pub(super) use job_columns;

macro_rules! select_job {
    (report $tail:expr) => { select_job!(@ "jobs.report", $tail) };
    (list $tail:expr) => { select_job!(@ "cast(null as text)", $tail) };
    (@ $report:literal, $tail:expr) => {
        concat!("select ", job_columns!($report), " from jobs where ", $tail)
    };
}

async fn find(connection: &mut Connection, reach: Reach, id: JobId) -> Result<JobRecord> {
    sql!(
        optional JobRow, connection,
        select_job!(report "jobs.id = $1 and ($2 is null or jobs.project_id = $2)");
        id.0, reach.project()
    )?
    .ok_or(Error::NotFound { what: "job" })?
    .record()
}

impl Store {
    /// The job.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none within reach.
    pub async fn job(&self, reach: Reach, id: JobId) -> Result<JobRecord> {
        find(&mut self.read().await?, reach, id).await
    }

    /// How many jobs of each kind are in each state; it looks at every job.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn job_counts(&self) -> Result<Vec<(JobKind, JobState, u64)>> {
        let mut connection = self.read().await?;
        let rows: Vec<(String, String, i64)> = sql!(
            all(String, String, i64),
            connection,
            "select kind, state, count(*) from jobs group by kind, state order by kind, state"
        )?;
        rows.into_iter()
            .map(|(kind, state, number)| {
                Ok((
                    row::word("job kind", &kind)?,
                    row::word("job state", &state)?,
                    row::count("count", number)?,
                ))
            })
            .collect()
    }

    /// The trace that a job was submitted in.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn job_traceparent(&self, id: JobId) -> Result<Option<String>> {
        let mut connection = self.read().await?;
        let row: Option<(Option<String>,)> = sql!(
            optional (Option<String>,), connection, "select traceparent from jobs where id = $1"; id.0
        )?;
        Ok(row.and_then(|(traceparent,)| traceparent))
    }

    /// Queued jobs that have waited since `before` or longer.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn jobs_queued_before(&self, before: Time, limit: u32) -> Result<Vec<JobId>> {
        let mut connection = self.read().await?;
        let rows: Vec<(Uuid,)> = sql!(
            all (Uuid,), connection,
            "select id from jobs where state = 'queued' and queued_at <= $1 order by queued_at, id limit $2";
            before.unix_ms(), i64::from(limit)
        )?;
        Ok(rows.into_iter().map(|(id,)| JobId(id)).collect())
    }
}

impl Tx {
    /// Accepts a job on a revision, and notes it as the job's first event.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such revision within reach.
    pub async fn insert_job(
        &mut self,
        now: Time,
        reach: Reach,
        new: &NewJobRecord,
    ) -> Result<JobRecord> {
        // Whoever deletes the revision or its model locks the model; many may submit at once.
        let found: Option<(Uuid,)> = sql!(
            optional (Uuid,), self.connection,
            Split {
                sqlite: "select m.id from revisions r join models m on m.id = r.model_id \
                         where r.id = $1 and r.deleted_at is null and ($2 is null or r.project_id = $2)",
                postgres: "select m.id from revisions r join models m on m.id = r.model_id \
                           where r.id = $1 and r.deleted_at is null and ($2 is null or r.project_id = $2) for key share of m",
            };
            new.revision_id.0, reach.project()
        )?;
        found.ok_or(Error::NotFound { what: "revision" })?;
        let inserted = sql!(
            optional JobRow, self.connection,
            concat!(
                "insert into jobs (id, project_id, kind, state, progress, model_id, revision_id, data_set_id, recipe, spec, \
                 followers, parent_job_id, parent_ordinal, priority, attempts, failures, losses, cancel_requested, event_seq, \
                 run_after, queued_at, created_at, pending_jobs, traceparent) \
                 select $1, r.project_id, $3, 'queued', 0.0, r.model_id, r.id, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0, false, 1, \
                 $11, $11, $11, $12, coalesce($13, (select p.traceparent from jobs p where p.id = $8)) from revisions r where r.id = $2 and r.deleted_at is null returning ",
                job_columns!("jobs.report")
            );
            new.id.0, new.revision_id.0, new.kind.as_str(), new.data_set_id.map(|id| id.0),
            row::to_json_option("recipe", new.recipe.as_ref())?, row::to_json_option("spec", new.spec.as_ref())?,
            row::to_json("followers", &new.followers)?, new.follows.map(|(id, _)| id.0),
            new.follows.map(|(_, ordinal)| i64::from(ordinal)), i64::from(new.priority), now.unix_ms(),
            i64::from(super::room::followers(&new.followers)), new.traceparent.as_deref()
        )?;
        let record = inserted
            .ok_or(Error::NotFound { what: "revision" })?
            .record()?;
        let data = serde_json::json!({"follows": new.follows.map(|(id, _)| id)});
        self.insert_event(now, &record, "queued", &data).await?;
        Ok(record)
    }

    /// Takes the job's lock until the transaction ends.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none within reach.
    pub async fn lock_job(&mut self, reach: Reach, id: JobId) -> Result<JobRecord> {
        sql!(
            optional JobRow, self.connection,
            locked!("jobs", select_job!(report "jobs.id = $1 and ($2 is null or jobs.project_id = $2)"));
            id.0, reach.project()
        )?
        .ok_or(Error::NotFound { what: "job" })?
        .record()
    }

    /// Writes what may change of a job that this transaction has locked.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the job is finished: that never changes.
    pub async fn save_job(&mut self, record: &JobRecord) -> Result<()> {
        let job = &record.job;
        let mut result = job.result.clone();
        let mut report = None;
        if let Some(JobResult::Compress(result)) = &mut result {
            report = result.report.take();
        }
        let changed = sql!(
            execute self.connection,
            "update jobs set state = $2, phase = $3, progress = $4, result = $5, report = $6, error = $7, attempts = $8, \
             failures = $9, losses = $10, cancel_requested = $11, event_seq = $12, run_after = $13, queued_at = $14, \
             started_at = $15, finished_at = $16, followers = $17, spent_ms = $18 where id = $1 and state in ('queued', 'running')";
            job.id.0, job.state.as_str(), job.phase.map(api::jobs::Phase::as_str), job.progress,
            row::to_json_option("job result", result.as_ref())?, row::to_json_option("report", report.as_ref())?,
            row::to_json_option("job error", job.error.as_ref())?, i64::from(job.attempts), i64::from(record.failures),
            i64::from(record.losses), job.cancel_requested, row::signed("event number", record.event_seq)?,
            record.run_after.unix_ms(), record.queued_at.unix_ms(), job.started_at.map(Time::unix_ms),
            job.finished_at.map(Time::unix_ms), row::to_json("followers", &job.then)?,
            row::signed("time spent", record.spent_ms)?
        )?;
        match changed {
            1 => Ok(()),
            _ => Err(Error::Corrupt {
                what: "job",
                detail: format!("{} is finished and may not change", job.id),
            }),
        }
    }
}
