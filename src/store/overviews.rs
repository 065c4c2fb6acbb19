//! Models at a glance: each with what its first, newest and named revisions weigh and what its jobs do.
//!
//! For lists that people read; one query per page. It does not change anything.

use api::ids::{JobId, ModelId, RevisionId};
use api::jobs::{JobError, JobState};
use api::names::{AliasName, ModelName, ProjectName};
use api::report::RecipeEcho;
use api::time::Time;
use uuid::Uuid;

use super::database::Store;
use super::error::Result;
use super::projects::Reach;
use super::row;
use super::sql::sql;

/// A model at a glance.
#[derive(Debug, Clone, PartialEq)]
pub struct Overview {
    /// The model.
    pub id: ModelId,
    /// Its name.
    pub name: ModelName,
    /// Its project.
    pub project: ProjectName,
    /// What it is.
    pub description: String,
    /// How many revisions it has.
    pub revision_count: u64,
    /// Bytes of its first revision.
    pub first_bytes: Option<u64>,
    /// The revision that stands for it: where `prod` points, else its newest alias, else the newest one.
    pub shown_id: Option<RevisionId>,
    /// Bytes of that.
    pub shown_bytes: Option<u64>,
    /// The recipe that made it.
    pub shown_recipe: Option<RecipeEcho>,
    /// The alias that names it.
    pub shown_alias: Option<AliasName>,
    /// Jobs that are not finished.
    pub unfinished: u64,
    /// Its newest job.
    pub job_id: Option<JobId>,
    /// State of that.
    pub job_state: Option<JobState>,
    /// How far that is, 0 to 1.
    pub job_progress: f64,
    /// Why that failed.
    pub job_error: Option<JobError>,
    /// When that changed last, as far as its row tells.
    pub job_at: Option<Time>,
}

/// How a list of models is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OverviewOrder {
    /// The one with the newest job or, without one, the newest model first.
    #[default]
    Newest,
    /// By name.
    Name,
    /// By what the shown revision weighs, largest first.
    Size,
}

/// Which models a list shows.
#[derive(Debug, Clone, Default)]
pub struct OverviewFilter {
    /// Those with this in their name or description; empty shows all.
    pub search: String,
    /// How they are sorted.
    pub order: OverviewOrder,
}

#[derive(sqlx::FromRow)]
struct OverviewRow {
    id: Uuid,
    name: String,
    project: String,
    description: String,
    revision_count: i64,
    first_bytes: Option<i64>,
    shown_id: Option<Uuid>,
    shown_bytes: Option<i64>,
    shown_recipe: Option<String>,
    shown_alias: Option<String>,
    unfinished: i64,
    job_id: Option<Uuid>,
    job_state: Option<String>,
    job_progress: Option<f64>,
    job_error: Option<String>,
    job_at: Option<i64>,
}

impl OverviewRow {
    fn overview(self) -> Result<Overview> {
        let bytes = |bytes: Option<i64>| bytes.map(|b| row::count("size", b)).transpose();
        Ok(Overview {
            id: ModelId(self.id),
            name: row::word("model name", &self.name)?,
            project: row::word("project name", &self.project)?,
            description: self.description,
            revision_count: row::count("revision count", self.revision_count)?,
            first_bytes: bytes(self.first_bytes)?,
            shown_id: self.shown_id.map(RevisionId),
            shown_bytes: bytes(self.shown_bytes)?,
            shown_recipe: row::json_option("recipe", self.shown_recipe.as_deref())?,
            shown_alias: row::word_option("alias", self.shown_alias.as_deref())?,
            unfinished: row::count("jobs", self.unfinished)?,
            job_id: self.job_id.map(JobId),
            job_state: row::word_option("job state", self.job_state.as_deref())?,
            job_progress: self.job_progress.unwrap_or_default(),
            job_error: row::json_option("job error", self.job_error.as_deref())?,
            job_at: row::time_option(self.job_at)?,
        })
    }
}

/// What all orders have in common; `$1` reach, `$2` pattern, `$3` limit, `$4` offset.
macro_rules! select_overview {
    ($order:literal) => {
        concat!(
            "select m.id, m.name, p.name as project, m.description, \
             (select count(*) from revisions r where r.model_id = m.id and r.deleted_at is null) as revision_count, \
             f.size_bytes as first_bytes, s.id as shown_id, s.size_bytes as shown_bytes, s.recipe as shown_recipe, \
             (select a.name from aliases a where a.model_id = m.id and a.revision_id = s.id \
              order by case a.name when 'prod' then 0 else 1 end, a.updated_at desc limit 1) as shown_alias, \
             (select count(*) from jobs u where u.model_id = m.id and u.state in ('queued', 'running')) as unfinished, \
             j.id as job_id, j.state as job_state, j.progress as job_progress, j.error as job_error, \
             coalesce(j.finished_at, j.started_at, j.created_at) as job_at \
             from models m join projects p on p.id = m.project_id \
             left join revisions f on f.id = (select r.id from revisions r where r.model_id = m.id \
              and r.deleted_at is null order by r.id limit 1) \
             left join revisions s on s.id = coalesce( \
              (select a.revision_id from aliases a where a.model_id = m.id \
               order by case a.name when 'prod' then 0 else 1 end, a.updated_at desc limit 1), \
              (select r.id from revisions r where r.model_id = m.id and r.deleted_at is null order by r.id desc limit 1)) \
             left join jobs j on j.id = (select k.id from jobs k where k.model_id = m.id order by k.id desc limit 1) \
             where m.deleted_at is null and ($1 is null or m.project_id = $1) \
             and (lower(m.name) like $2 escape '!' or lower(m.description) like $2 escape '!') order by ",
            $order,
            " limit $3 offset $4"
        )
    };
}

impl Store {
    /// Models within reach, at a glance: `limit` of them after the first `skip`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn overviews(
        &self,
        reach: Reach,
        filter: &OverviewFilter,
        limit: u32,
        skip: u32,
    ) -> Result<Vec<Overview>> {
        let text = match filter.order {
            OverviewOrder::Newest => {
                select_overview!("coalesce(j.created_at, m.created_at) desc, m.id desc")
            }
            OverviewOrder::Name => select_overview!("lower(m.name), m.id"),
            OverviewOrder::Size => {
                select_overview!("coalesce(s.size_bytes, -1) desc, m.id desc")
            }
        };
        let mut connection = self.read().await?;
        let rows = sql!(
            all OverviewRow, connection, text;
            reach.project(), pattern(&filter.search), i64::from(limit), i64::from(skip)
        )?;
        rows.into_iter().map(OverviewRow::overview).collect()
    }
}

/// What `like` wants for "contains", with its wildcards taken literally.
fn pattern(search: &str) -> String {
    let mut pattern = String::from("%");
    for letter in search.trim().to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
