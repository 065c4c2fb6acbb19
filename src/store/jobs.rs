//! Jobs. A job's row is the lock under which its attempts and events change.
//!
//! Which change is allowed is decided by `queue::state`; here it is only written, and never onto a finished job.

use api::ids::{DataSetId, JobId, ModelId, ProjectId, RevisionId};
use api::jobs::{Job, JobKind, JobResult, JobState};
use api::page::{Page, PageRequest};
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
    pub followers: Vec<serde_json::Value>,
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
    /// Jobs to run on the result.
    pub followers: Vec<serde_json::Value>,
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

/// Which jobs a list shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobFilter {
    /// In this state.
    pub state: Option<JobState>,
    /// Of this kind.
    pub kind: Option<JobKind>,
    /// On this model.
    pub model_id: Option<ModelId>,
    /// On this revision.
    pub revision_id: Option<RevisionId>,
}

#[derive(sqlx::FromRow)]
struct JobRow {
    id: Uuid,
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
    fn record(self) -> Result<JobRecord> {
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
                created_at: row::time(self.created_at)?,
                started_at: row::time_option(self.started_at)?,
                finished_at: row::time_option(self.finished_at)?,
            },
            project_id: ProjectId(self.project_id),
            spec: row::json_option("spec", self.spec.as_deref())?,
            followers: row::json("followers", &self.followers)?,
            failures: row::count("failures", self.failures)?,
            losses: row::count("losses", self.losses)?,
            event_seq: row::count("event number", self.event_seq)?,
            run_after: row::time(self.run_after)?,
            queued_at: row::time(self.queued_at)?,
        })
    }
}

macro_rules! select_job {
    (report $tail:literal) => { select_job!(@ "j.report", $tail) };
    (list $tail:literal) => { select_job!(@ "cast(null as text)", $tail) };
    (@ $report:literal, $tail:literal) => {
        concat!(
            "select j.id, j.project_id, j.kind, j.state, j.phase, j.progress, j.model_id, m.name as model, j.revision_id, \
             j.data_set_id, j.recipe, j.spec, j.followers, j.priority, j.result, ", $report, " as report, j.error, \
             j.attempts, j.failures, j.losses, j.cancel_requested, j.event_seq, j.run_after, j.queued_at, j.created_at, \
             j.started_at, j.finished_at from jobs j join models m on m.id = j.model_id where ",
            $tail
        )
    };
}

async fn find(connection: &mut Connection, reach: Reach, id: JobId) -> Result<JobRecord> {
    sql!(
        optional JobRow, connection,
        select_job!(report "j.id = $1 and ($2 is null or j.project_id = $2)");
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

    /// Jobs within reach, newest first, without their reports.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn jobs(
        &self,
        reach: Reach,
        filter: JobFilter,
        page: PageRequest,
    ) -> Result<Page<Job>> {
        let mut connection = self.read().await?;
        let rows = sql!(
            all JobRow, connection,
            select_job!(list
                "($1 is null or j.project_id = $1) and ($2 is null or j.state = $2) and ($3 is null or j.kind = $3) \
                 and ($4 is null or j.model_id = $4) and ($5 is null or j.revision_id = $5) and ($6 is null or j.id < $6) \
                 order by j.id desc limit $7"
            );
            reach.project(), filter.state.map(JobState::as_str), filter.kind.map(JobKind::as_str),
            filter.model_id.map(|id| id.0), filter.revision_id.map(|id| id.0), page.after.map(|cursor| cursor.0),
            super::page::fetch(page)
        )?;
        super::page::of(page, rows, |row| row.id, |row| Ok(row.record()?.job))
    }

    /// How many jobs of each kind are in each state, for the metrics.
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

    /// Whether a worker of these kinds would find something to claim. A look without a lock, to spare the writer.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn has_claimable_job(&self, now: Time, kinds: &[JobKind]) -> Result<bool> {
        let mut connection = self.read().await?;
        let found: Option<(Uuid,)> = sql!(
            optional (Uuid,), connection,
            "select id from jobs where state = 'queued' and run_after <= $1 and $2 like '%,' || kind || ',%' limit 1";
            now.unix_ms(), kind_list(kinds)
        )?;
        Ok(found.is_some())
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

/// `,compress,evaluate,`: what `like '%,' || kind || ',%'` looks into, since the dialects have no lists in common.
fn kind_list(kinds: &[JobKind]) -> String {
    let mut list = String::from(",");
    for kind in kinds {
        list.push_str(kind.as_str());
        list.push(',');
    }
    list
}

const NEXT_CLAIMABLE: Split = Split {
    sqlite: select_job!(report
        "j.state = 'queued' and j.run_after <= $1 and $2 like '%,' || j.kind || ',%' \
         order by j.priority desc, j.run_after, j.id limit 1"
    ),
    postgres: select_job!(report
        "j.state = 'queued' and j.run_after <= $1 and $2 like '%,' || j.kind || ',%' \
         order by j.priority desc, j.run_after, j.id limit 1 for update of j skip locked"
    ),
};

impl Tx {
    /// Accepts a job on a revision.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such revision within reach.
    pub async fn insert_job(
        &mut self,
        now: Time,
        reach: Reach,
        new: &NewJobRecord,
    ) -> Result<JobRecord> {
        let model: Option<(Uuid,)> = sql!(
            optional (Uuid,), self.connection,
            "select model_id from revisions where id = $1 and deleted_at is null and ($2 is null or project_id = $2)";
            new.revision_id.0, reach.project()
        )?;
        let (model_id,) = model.ok_or(Error::NotFound { what: "revision" })?;
        self.lock_model(ModelId(model_id)).await?;
        let inserted = sql!(
            execute self.connection,
            "insert into jobs (id, project_id, kind, state, progress, model_id, revision_id, data_set_id, recipe, spec, \
             followers, priority, attempts, failures, losses, cancel_requested, event_seq, run_after, queued_at, created_at) \
             select $1, r.project_id, $3, 'queued', 0.0, r.model_id, r.id, $4, $5, $6, $7, $8, 0, 0, 0, false, 0, $9, $9, $9 \
             from revisions r where r.id = $2 and r.deleted_at is null";
            new.id.0, new.revision_id.0, new.kind.as_str(), new.data_set_id.map(|id| id.0),
            row::to_json_option("recipe", new.recipe.as_ref())?, row::to_json_option("spec", new.spec.as_ref())?,
            row::to_json("followers", &new.followers)?, i64::from(new.priority), now.unix_ms()
        )?;
        if inserted == 0 {
            return Err(Error::NotFound { what: "revision" });
        }
        find(&mut self.connection, Reach::All, new.id).await
    }

    /// Takes the lock of the job that is next in turn, if there is one that nobody else holds.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn lock_claimable_job(
        &mut self,
        now: Time,
        kinds: &[JobKind],
    ) -> Result<Option<JobRecord>> {
        sql!(optional JobRow, self.connection, NEXT_CLAIMABLE; now.unix_ms(), kind_list(kinds))?
            .map(JobRow::record)
            .transpose()
    }

    /// Takes the job's lock until the transaction ends.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none within reach.
    pub async fn lock_job(&mut self, reach: Reach, id: JobId) -> Result<JobRecord> {
        sql!(
            optional JobRow, self.connection,
            locked!("j", select_job!(report "j.id = $1 and ($2 is null or j.project_id = $2)"));
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
             started_at = $15, finished_at = $16 where id = $1 and state in ('queued', 'running')";
            job.id.0, job.state.as_str(), job.phase.map(api::jobs::Phase::as_str), job.progress,
            row::to_json_option("job result", result.as_ref())?, row::to_json_option("report", report.as_ref())?,
            row::to_json_option("job error", job.error.as_ref())?, i64::from(job.attempts), i64::from(record.failures),
            i64::from(record.losses), job.cancel_requested, row::signed("event number", record.event_seq)?,
            record.run_after.unix_ms(), record.queued_at.unix_ms(), job.started_at.map(Time::unix_ms),
            job.finished_at.map(Time::unix_ms)
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
