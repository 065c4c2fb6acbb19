//! A moment: UTC, whole milliseconds, RFC 3339 in JSON.
//!
//! Milliseconds because SQLite keeps nanoseconds and Postgres microseconds: what both keep alike is what we promise.
//! It does not tell the time; the service's clock does.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// A moment in UTC with millisecond resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
#[schema(value_type = String, format = DateTime)]
pub struct Time(DateTime<Utc>);

impl Time {
    /// Cuts to whole milliseconds.
    pub fn new(moment: DateTime<Utc>) -> Self {
        Self(moment.trunc_subsecs(3))
    }

    /// The moment so many milliseconds after the Unix epoch; `None` beyond the year 262143.
    pub fn from_unix_ms(unix_ms: i64) -> Option<Self> {
        DateTime::from_timestamp_millis(unix_ms).map(Self)
    }

    /// Milliseconds since the Unix epoch.
    pub fn unix_ms(self) -> i64 {
        self.0.timestamp_millis()
    }

    /// As chrono's type.
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// So many milliseconds later (or earlier); the end of time at the end of time.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        let sum = self.unix_ms().saturating_add(ms);
        Self::from_unix_ms(sum).unwrap_or(Self(
            if ms < 0 {
                DateTime::<Utc>::MIN_UTC
            } else {
                DateTime::<Utc>::MAX_UTC
            }
            .trunc_subsecs(3),
        ))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl FromStr for Time {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(text).map(|moment| Self::new(moment.with_timezone(&Utc)))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
