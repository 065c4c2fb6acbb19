//! Measurements: one number each, and what it was measured on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{AttemptId, DataSetId, JobId, MeasurementId, RevisionId};
use crate::time::Time;

/// A measurement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Measurement {
    /// Its id.
    pub id: MeasurementId,
    /// The revision measured.
    pub revision_id: RevisionId,
    /// The job that measured.
    pub job_id: Option<JobId>,
    /// The attempt that measured.
    pub attempt_id: Option<AttemptId>,
    /// What was measured, for example `size_bytes`.
    pub metric: String,
    /// The number.
    pub value: f64,
    /// Its unit, for example `bytes`, `dB`, `ratio`.
    pub unit: String,
    /// On which data.
    pub data_set_id: Option<DataSetId>,
    /// On which device.
    pub device: Option<String>,
    /// On which compute unit.
    pub compute_unit: Option<String>,
    /// Which function of the program.
    pub function: Option<String>,
    /// When.
    pub created_at: Time,
}

/// A measurement as a worker reports it, before it has an id.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMeasurement {
    /// What was measured.
    pub metric: String,
    /// The number; finite.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// On which data.
    #[serde(default)]
    pub data_set_id: Option<DataSetId>,
    /// On which device.
    #[serde(default)]
    pub device: Option<String>,
    /// On which compute unit.
    #[serde(default)]
    pub compute_unit: Option<String>,
    /// Which function.
    #[serde(default)]
    pub function: Option<String>,
}

impl NewMeasurement {
    /// A measurement of the package itself, on no device.
    pub fn of(metric: &str, value: f64, unit: &str) -> Self {
        Self {
            metric: metric.to_owned(),
            value,
            unit: unit.to_owned(),
            ..Self::default()
        }
    }
}
