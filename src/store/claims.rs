//! Whose turn it is: the one statement that claims, and what tells why a job waits.
//!
//! Order: priority, then the project with the fewest running jobs, then age. Each project and kind offers its first jobs by
//! an index, so that neither finished nor waiting jobs make the claim slower.

use api::ids::{JobId, ProjectId, WorkerId};
use api::jobs::JobKind;
use api::time::Time;
use uuid::Uuid;

use super::database::{Connection, Store, Tx};
use super::error::Result;
use super::jobs::{JobRecord, JobRow, job_columns};
use super::row;
use super::sql::{Split, sql};
use crate::clock::Clock;

/// Jobs before one in the queue are counted up to here.
const POSITION_MAX: i64 = 10_000;

/// `,compress,evaluate,`: what `like '%,' || kind || ',%'` looks into, since the dialects have no lists in common.
pub(super) fn kind_list(kinds: &[JobKind]) -> String {
    let mut list = String::from(",");
    for kind in kinds {
        list.push_str(kind.as_str());
        list.push(',');
    }
    list
}

/// Projects and kinds that may run one more, with how many the project runs: `p.project_id`, `p.kind`, `p.running`.
macro_rules! open_lanes {
    () => {
        "(select t.id as project_id, k.kind, \
         (select count(*) from jobs r where r.state = 'running' and r.project_id = t.id) as running \
         from projects t cross join (select 'compress' as kind union all select 'evaluate' union all select 'benchmark' \
         union all select 'calibrate' union all select 'search') k where $2 like '%,' || k.kind || ',%' and ($3 = 0 or \
         (select count(*) from jobs r where r.state = 'running' and r.project_id = t.id and r.kind = k.kind) < $3)) p"
    };
}

/// A lane's first job or jobs.
macro_rules! lane_heads {
    ($columns:literal, $limit:literal) => {
        concat!(
            "(select ", $columns, " from jobs q where q.state = 'queued' and q.project_id = p.project_id and q.kind = p.kind \
             and q.run_after <= $1 order by q.priority desc, q.run_after, q.id limit ", $limit, ")"
        )
    };
}

macro_rules! claim {
    ($next:expr) => {
        concat!(
            "update jobs set state = 'running', attempts = attempts + 1, started_at = coalesce(started_at, $1), \
             progress = 0.0, phase = null, event_seq = event_seq + 1 where jobs.id = (", $next, ") and jobs.state = 'queued' returning ",
            job_columns!("cast(null as text)")
        )
    };
}

/// Jobs whose events and logs are old.
macro_rules! unpruned {
    () => {
        "select id from jobs where finished_at is not null and pruned_at is null and finished_at <= $1 \
         order by finished_at, id limit $2"
    };
}

const CLAIM: Split = Split {
    sqlite: claim!(concat!(
        "select c.id from ",
        open_lanes!(),
        " join jobs c on c.id = ",
        lane_heads!("q.id", "1"),
        " order by c.priority desc, p.running, c.run_after, c.id limit 1"
    )),
    // More than one of each lane, since others may hold the first ones.
    postgres: claim!(concat!(
        "select c.id from ",
        open_lanes!(),
        " cross join lateral ",
        lane_heads!("q.id, q.priority, q.run_after", "32"),
        " h join jobs c on c.id = h.id where c.state = 'queued' \
         order by h.priority desc, p.running, h.run_after, h.id limit 1 for update of c skip locked"
    )),
};

impl Tx {
    /// Gives the job that is next in turn to an attempt: it runs, its fence is one higher, one event is counted. Nothing
    /// when nobody waits, or as many of its kind run in its project as may (`running_per_project`; 0 is any number).
    ///
    /// # Errors
    /// Those of the database.
    pub async fn claim_job(
        &mut self,
        now: Time,
        kinds: &[JobKind],
        running_per_project: u32,
    ) -> Result<Option<JobRecord>> {
        let limit = i64::from(running_per_project);
        let claimed =
            sql!(optional JobRow, self.connection, CLAIM; now.unix_ms(), kind_list(kinds), limit)?
                .map(JobRow::record)
                .transpose()?;
        let Some(record) = claimed else {
            return Ok(None);
        };
        if limit > 0 {
            // Two claims that do not see each other: the second waits here for the first to commit, and counts again.
            let _locked: Option<(Uuid,)> = sql!(
                optional (Uuid,), self.connection,
                Split {
                    sqlite: "select id from projects where id = $1",
                    postgres: "select id from projects where id = $1 for no key update",
                };
                record.project_id.0
            )?;
            let (running,): (i64,) = sql!(
                one (i64,), self.connection,
                "select count(*) from jobs where state = 'running' and project_id = $1 and kind = $2";
                record.project_id.0, record.job.kind.as_str()
            )?;
            if running > limit {
                return Ok(None);
            }
        }
        Ok(Some(record))
    }

    /// As [`Store::kinds_served`], within a change.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn kinds_served(&mut self, since: Time) -> Result<Option<Vec<JobKind>>> {
        served(&mut self.connection, since).await
    }
}

async fn served(connection: &mut Connection, since: Time) -> Result<Option<Vec<JobKind>>> {
    let rows: Vec<(String,)> = sql!(
        all (String,), connection, "select distinct kinds from workers where seen_at > $1"; since.unix_ms()
    )?;
    if rows.is_empty() {
        return Ok(None);
    }
    let served = |kind: &&JobKind| {
        let word = kind_list(&[**kind]);
        rows.iter().any(|(kinds,)| kinds.contains(&word))
    };
    Ok(Some(JobKind::ALL.iter().filter(served).copied().collect()))
}

impl Store {
    /// Whether a claim may find something: a look without a lock, to spare SQLite's one writer. Postgres claims at once.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn has_claimable_job(&self, clock: &dyn Clock, kinds: &[JobKind]) -> Result<bool> {
        if self.dialect() == "postgres" {
            return Ok(true);
        }
        let now = clock.now();
        let mut connection = self.read().await?;
        let found: Option<(Uuid,)> = sql!(
            optional (Uuid,), connection,
            "select id from jobs where state = 'queued' and run_after <= $1 and $2 like '%,' || kind || ',%' limit 1";
            now.unix_ms(), kind_list(kinds)
        )?;
        Ok(found.is_some())
    }

    /// Notes that a worker process is there, and which kinds it does.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn worker_seen(&self, now: Time, id: WorkerId, kinds: &[JobKind]) -> Result<()> {
        let mut tx = self.begin().await?;
        let _changed: u64 = sql!(
            execute tx.connection,
            "insert into workers (id, kinds, started_at, seen_at) values ($1, $2, $3, $3) \
             on conflict (id) do update set seen_at = excluded.seen_at, kinds = excluded.kinds";
            id.0, kind_list(kinds), now.unix_ms()
        )?;
        tx.commit().await
    }

    /// Notes that a worker process has gone, or forgets those that were not heard of since `before`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn workers_gone(&self, id: Option<WorkerId>, before: Time) -> Result<()> {
        let mut tx = self.begin().await?;
        let _deleted: u64 = sql!(
            execute tx.connection,
            "delete from workers where id = $1 or ($1 is null and seen_at < $2)";
            id.map(|id| id.0), before.unix_ms()
        )?;
        tx.commit().await
    }

    /// The kinds that workers do which were heard of after `since`; nothing when there is no such worker.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn kinds_served(&self, since: Time) -> Result<Option<Vec<JobKind>>> {
        served(&mut self.read().await?, since).await
    }

    /// How many jobs of a kind run in a project.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn running_jobs(&self, project_id: ProjectId, kind: JobKind) -> Result<u64> {
        let mut connection = self.read().await?;
        let (running,): (i64,) = sql!(
            one (i64,), connection,
            "select count(*) from jobs where state = 'running' and project_id = $1 and kind = $2";
            project_id.0, kind.as_str()
        )?;
        row::count("count", running)
    }

    /// A job's place among all that wait, by priority and age: 1, 2, …; nothing beyond ten thousand.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn queue_position(&self, record: &JobRecord) -> Result<Option<u32>> {
        let mut connection = self.read().await?;
        let (before,): (i64,) = sql!(
            one (i64,), connection,
            "select count(*) from (select id from jobs where state = 'queued' and (priority > $1 or (priority = $1 and \
             (run_after < $2 or (run_after = $2 and id < $3)))) order by priority desc, run_after, id limit $4) x";
            i64::from(record.job.priority), record.run_after.unix_ms(), record.job.id.0, POSITION_MAX
        )?;
        let position = row::count::<u32>("count", before)?.saturating_add(1);
        Ok((before < POSITION_MAX).then_some(position))
    }

    /// Removes events and logs of jobs that ended before `before`, some at a time; says of how many jobs.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn prune_jobs(&self, now: Time, before: Time, limit: u32) -> Result<u64> {
        let mut tx = self.begin().await?;
        let rows: Vec<(Uuid,)> = sql!(
            all (Uuid,), tx.connection,
            Split {
                sqlite: unpruned!(),
                // Several may sweep at once: what another has in hand is his.
                postgres: concat!(unpruned!(), " for update skip locked"),
            };
            before.unix_ms(), i64::from(limit)
        )?;
        let mut pruned = 0;
        for JobId(id) in rows.into_iter().map(|(id,)| JobId(id)) {
            for text in [
                "delete from job_events where job_id = $1",
                "delete from attempt_lines where job_id = $1",
            ] {
                let _deleted: u64 = sql!(execute tx.connection, text; id)?;
            }
            pruned += sql!(execute tx.connection, "update jobs set pruned_at = $2 where id = $1"; id, now.unix_ms())?;
        }
        tx.commit().await?;
        Ok(pruned)
    }
}
