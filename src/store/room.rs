//! How many jobs a project has in flight, and whether there is room for more.
//!
//! In flight is what is not finished, with all that is still to follow it. The count and the insertion are one change. On
//! Postgres those who are far from the limit do not hold up each other: they share the project's row (with the lock that a
//! foreign key takes anyway) and count. Who comes near has it alone, counts what everybody has committed, and is exact. The
//! far ones cannot pass the limit together: each was `FAR` below it, and there are fewer of them than connections.

use api::ids::{ProjectId, RevisionId};
use api::jobs::Follower;
use uuid::Uuid;

use super::database::Tx;
use super::error::{Error, Result};
use super::projects::Reach;
use super::row;
use super::sql::{Split, sql};

/// So far below the limit nobody waits: more than the jobs of one chain (17) times the connections of a Postgres.
const FAR: u32 = 4_000;

/// How a project stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Jobs it may have in flight.
    pub limit: u32,
    /// Jobs it has.
    pub in_flight: u32,
}

impl Room {
    /// Jobs that there is room for.
    pub fn left(self) -> u32 {
        self.limit.saturating_sub(self.in_flight)
    }
}

/// How a submission shares the project with others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// With everybody.
    All,
    /// With nobody: for who came near the limit.
    Alone,
}

/// How many jobs are to follow.
pub(super) fn followers(then: &[Follower]) -> u32 {
    then.iter().fold(0, |sum, one| {
        followers(&one.then).saturating_add(1).saturating_add(sum)
    })
}

impl Tx {
    /// Makes sure that a job on this revision, with all that follows, has room in its project; nothing when that is to be
    /// asked again with [`Share::Alone`], in a new transaction. The room includes the jobs asked for.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such revision within reach, [`Error::NoRoom`].
    pub async fn room_for(
        &mut self,
        reach: Reach,
        revision_id: RevisionId,
        then: &[Follower],
        limit: u32,
        share: Share,
    ) -> Result<Option<Room>> {
        let asked = followers(then).saturating_add(1);
        let project_id = self.lock_project_of(reach, revision_id, share).await?;
        let before = self.in_flight(project_id, limit).await?;
        let in_flight = before.saturating_add(asked);
        // SQLite has one writer, who is always alone.
        let exact = share == Share::Alone || self.is_the_writer();
        if !exact && in_flight.saturating_add(FAR) > limit {
            return Ok(None);
        }
        if in_flight > limit {
            let in_flight = before;
            return Err(Error::NoRoom {
                in_flight,
                asked,
                limit,
            });
        }
        Ok(Some(Room { limit, in_flight }))
    }

    /// In the order of all row locks: the model, then the project.
    async fn lock_project_of(
        &mut self,
        reach: Reach,
        revision_id: RevisionId,
        share: Share,
    ) -> Result<ProjectId> {
        let text = match share {
            Share::All => Split {
                sqlite: "select r.project_id from revisions r where r.id = $1 and r.deleted_at is null \
                         and ($2 is null or r.project_id = $2)",
                postgres: "select r.project_id from revisions r join models m on m.id = r.model_id join projects p on p.id = r.project_id \
                           where r.id = $1 and r.deleted_at is null and ($2 is null or r.project_id = $2) \
                           for key share of m for key share of p",
            },
            Share::Alone => Split {
                sqlite: "select r.project_id from revisions r where r.id = $1 and r.deleted_at is null \
                         and ($2 is null or r.project_id = $2)",
                postgres: "select r.project_id from revisions r join models m on m.id = r.model_id \
                           where r.id = $1 and r.deleted_at is null and ($2 is null or r.project_id = $2) for key share of m",
            },
        };
        let found: Option<(Uuid,)> =
            sql!(optional (Uuid,), self.connection, text; revision_id.0, reach.project())?;
        let (project_id,) = found.ok_or(Error::NotFound { what: "revision" })?;
        if share == Share::Alone {
            let _locked: Option<(Uuid,)> = sql!(
                optional (Uuid,), self.connection,
                Split {
                    sqlite: "select id from projects where id = $1",
                    postgres: "select id from projects where id = $1 for update",
                };
                project_id
            )?;
        }
        Ok(ProjectId(project_id))
    }

    /// Counts from indexes that hold unfinished jobs only, and no further than matters.
    async fn in_flight(&mut self, project_id: ProjectId, limit: u32) -> Result<u32> {
        let (number,): (i64,) = sql!(
            one (i64,), self.connection,
            "select (select count(*) from (select id from jobs where state = 'queued' and project_id = $1 limit $2) q) \
             + (select count(*) from jobs where state = 'running' and project_id = $1) \
             + (select cast(coalesce(sum(pending_jobs), 0) as bigint) from jobs \
                where project_id = $1 and pending_jobs > 0 and finished_at is null)";
            project_id.0, i64::from(limit).saturating_add(1)
        )?;
        row::count("count", number)
    }
}
