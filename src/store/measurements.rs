//! Measurements: written once, by the job that measured, in the transaction that ends it.

use api::ids::{AttemptId, DataSetId, JobId, MeasurementId, ModelId, RevisionId};
use api::measurements::{Measurement, NewMeasurement};
use api::page::{Page, PageRequest};
use api::time::Time;
use uuid::Uuid;

use super::database::{Store, Tx};
use super::error::{Error, Result};
use super::projects::Reach;
use super::row;
use super::sql::sql;

/// Which measurements a list shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MeasurementFilter {
    /// Of this revision.
    pub revision_id: Option<RevisionId>,
    /// Of any revision of this model.
    pub model_id: Option<ModelId>,
    /// By this job.
    pub job_id: Option<JobId>,
    /// Of this metric.
    pub metric: Option<String>,
    /// On this device.
    pub device: Option<String>,
    /// On this compute unit.
    pub compute_unit: Option<String>,
    /// Not before.
    pub from: Option<Time>,
    /// Not after.
    pub to: Option<Time>,
}

#[derive(sqlx::FromRow)]
struct MeasurementRow {
    id: Uuid,
    revision_id: Uuid,
    job_id: Option<Uuid>,
    attempt_id: Option<Uuid>,
    metric: String,
    value: f64,
    unit: String,
    data_set_id: Option<Uuid>,
    device: Option<String>,
    compute_unit: Option<String>,
    function: Option<String>,
    created_at: i64,
}

impl MeasurementRow {
    fn measurement(self) -> Result<Measurement> {
        Ok(Measurement {
            id: MeasurementId(self.id),
            revision_id: RevisionId(self.revision_id),
            job_id: self.job_id.map(JobId),
            attempt_id: self.attempt_id.map(AttemptId),
            metric: self.metric,
            value: self.value,
            unit: self.unit,
            data_set_id: self.data_set_id.map(DataSetId),
            device: self.device,
            compute_unit: self.compute_unit,
            function: self.function,
            created_at: row::time(self.created_at)?,
        })
    }
}

/// How far the moment in a measurement's id may be from `created_at`: they are the same, but for rows of before that was so.
const APART_MS: i64 = 60_000;

/// The least id of a moment.
fn id_at(unix_ms: i64) -> Uuid {
    Uuid::from_u128(u128::from(u64::try_from(unix_ms).unwrap_or(0)) << 80)
}

/// The ids between which a page lies. A list by time begins and ends at its place in the index, by what ids say of time; the
/// rest is looked at row by row.
fn between(filter: &MeasurementFilter, page: PageRequest) -> (Uuid, Uuid) {
    let before = super::page::before(page);
    let last = |to: Time| id_at(to.unix_ms().saturating_add(APART_MS));
    let first = |from: Time| id_at(from.unix_ms().saturating_sub(APART_MS));
    (
        filter.from.map_or(Uuid::nil(), first),
        filter.to.map_or(before, |to| before.min(last(to))),
    )
}

/// A list driven by a condition on an index, as those of `job_lists`. The parameters are the same in all of them.
macro_rules! list {
    ($driver:literal) => {
        concat!(
            "select id, revision_id, job_id, attempt_id, metric, value, unit, data_set_id, device, compute_unit, function, \
             created_at from measurements where ", $driver,
            "($1 is null or project_id = $1) and ($2 is null or revision_id = $2) \
             and ($3 is null or model_id = $3) and ($4 is null or job_id = $4) and ($5 is null or metric = $5) \
             and ($6 is null or device = $6) and ($7 is null or compute_unit = $7) and ($8 is null or created_at >= $8) \
             and ($9 is null or created_at <= $9) and id < $10 and id >= $11 order by id desc limit $12"
        )
    };
}

/// The text whose index the filter can use.
fn text(reach: Reach, filter: &MeasurementFilter) -> &'static str {
    let metric = filter.metric.is_some();
    if filter.job_id.is_some() {
        return list!("job_id = $4 and ");
    }
    match (filter.revision_id, filter.model_id, metric, reach) {
        (Some(_), _, true, _) => list!("revision_id = $2 and metric = $5 and "),
        (Some(_), _, false, _) => list!("revision_id = $2 and "),
        (None, Some(_), true, _) => list!("model_id = $3 and metric = $5 and "),
        (None, Some(_), false, _) => list!("model_id = $3 and "),
        (None, None, true, Reach::Project(_)) => list!("project_id = $1 and metric = $5 and "),
        (None, None, true, Reach::All) => list!("metric = $5 and "),
        (None, None, false, _) if filter.device.is_some() => list!("device = $6 and "),
        (None, None, false, _) if filter.compute_unit.is_some() => list!("compute_unit = $7 and "),
        (None, None, false, Reach::Project(_)) => list!("project_id = $1 and "),
        (None, None, false, Reach::All) => list!(""),
    }
}

impl Store {
    /// Measurements within reach, newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn measurements(
        &self,
        reach: Reach,
        filter: &MeasurementFilter,
        page: PageRequest,
    ) -> Result<Page<Measurement>> {
        let mut connection = self.read().await?;
        let (first, before) = between(filter, page);
        let rows = sql!(
            all MeasurementRow, connection, text(reach, filter);
            reach.project(), filter.revision_id.map(|id| id.0), filter.model_id.map(|id| id.0),
            filter.job_id.map(|id| id.0), filter.metric.as_deref(), filter.device.as_deref(),
            filter.compute_unit.as_deref(), filter.from.map(Time::unix_ms), filter.to.map(Time::unix_ms),
            before, first, super::page::fetch(page)
        )?;
        super::page::of(page, rows, |row| row.id, MeasurementRow::measurement)
    }
}

impl Tx {
    /// Writes a measurement of a revision; model and project are the revision's.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the value is not finite; [`Error::NotFound`] when there is no such revision.
    pub async fn insert_measurement(
        &mut self,
        now: Time,
        id: MeasurementId,
        revision_id: RevisionId,
        by: Option<(JobId, AttemptId)>,
        new: &NewMeasurement,
    ) -> Result<()> {
        if !new.value.is_finite() {
            return Err(Error::Corrupt {
                what: "measurement",
                detail: format!("{} is {}", new.metric, new.value),
            });
        }
        let (job_id, attempt_id) = by.map(|(job, attempt)| (job.0, attempt.0)).unzip();
        let inserted = sql!(
            execute self.connection,
            "insert into measurements (id, project_id, model_id, revision_id, job_id, attempt_id, metric, value, unit, \
             data_set_id, device, compute_unit, function, created_at) \
             select $1, r.project_id, r.model_id, r.id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 \
             from revisions r where r.id = $2";
            id.0, revision_id.0, job_id, attempt_id, new.metric.as_str(), new.value, new.unit.as_str(),
            new.data_set_id.map(|id| id.0), new.device.as_deref(), new.compute_unit.as_deref(), new.function.as_deref(),
            now.unix_ms()
        )?;
        if inserted == 1 {
            Ok(())
        } else {
            Err(Error::NotFound { what: "revision" })
        }
    }
}
