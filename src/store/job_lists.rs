//! Lists of jobs: one walk down an index, newest first, however many jobs there are.
//!
//! `($1 is null or column = $1)` cannot use an index where the plan is made once for all values, so each list is driven by
//! the narrowest thing it names, which stands in the text alone; the rest is looked at row by row.

use api::ids::{ModelId, RevisionId};
use api::jobs::{JobKind, JobState};
use api::page::{Page, PageRequest};

use super::database::Store;
use super::error::Result;
use super::jobs::{JobRecord, JobRow, job_columns};
use super::projects::Reach;
use super::sql::sql;

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

/// A list driven by a condition on an index. The parameters are the same in all of them.
macro_rules! list {
    ($driver:literal) => {
        concat!(
            "select ", job_columns!("cast(null as text)"), " from jobs where ", $driver,
            "($1 is null or jobs.project_id = $1) and ($2 is null or jobs.state = $2) and ($3 is null or jobs.kind = $3) \
             and ($4 is null or jobs.model_id = $4) and ($5 is null or jobs.revision_id = $5) and jobs.id < $6 \
             order by jobs.id desc limit $7"
        )
    };
}

/// The text whose index the filter can use.
fn text(reach: Reach, filter: JobFilter) -> &'static str {
    let JobFilter {
        state,
        kind,
        model_id,
        revision_id,
    } = filter;
    match (revision_id, model_id, state, reach) {
        (Some(_), _, _, _) => list!("jobs.revision_id = $5 and "),
        (None, Some(_), Some(_), _) => list!("jobs.model_id = $4 and jobs.state = $2 and "),
        (None, Some(_), None, _) => list!("jobs.model_id = $4 and "),
        (None, None, Some(_), _) if kind.is_some() => {
            list!("jobs.kind = $3 and jobs.state = $2 and ")
        }
        (None, None, Some(_), Reach::Project(_)) => {
            list!("jobs.project_id = $1 and jobs.state = $2 and ")
        }
        (None, None, None, Reach::Project(_)) if kind.is_some() => {
            list!("jobs.project_id = $1 and jobs.kind = $3 and ")
        }
        (None, None, None, Reach::Project(_)) => list!("jobs.project_id = $1 and "),
        (None, None, Some(_), Reach::All) => list!("jobs.state = $2 and "),
        (None, None, None, Reach::All) if kind.is_some() => list!("jobs.kind = $3 and "),
        (None, None, None, Reach::All) => list!(""),
    }
}

impl Store {
    /// Jobs within reach, newest first, without their reports.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn jobs(
        &self,
        reach: Reach,
        filter: JobFilter,
        page: PageRequest,
    ) -> Result<Page<JobRecord>> {
        let mut connection = self.read().await?;
        let rows = sql!(
            all JobRow, connection, text(reach, filter);
            reach.project(), filter.state.map(JobState::as_str), filter.kind.map(JobKind::as_str),
            filter.model_id.map(|id| id.0), filter.revision_id.map(|id| id.0), super::page::before(page),
            super::page::fetch(page)
        )?;
        super::page::of(page, rows, |row| row.id, JobRow::record)
    }
}
