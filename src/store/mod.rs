//! All SQL: what the service remembers, on SQLite or Postgres.
//!
//! A file per noun. One SQL text serves both databases, expanded by the `sql!` macro; where the dialects differ (row locks)
//! two constants stand side by side. Every query takes the time. A [`Store`] reads by itself and writes in a [`Tx`], which
//! holds the whole change or none of it. It does not decide what may happen to a job (that is `queue::state`), keeps no
//! bytes of packages (that is `objects`), and knows nothing of HTTP.

mod aliases;
mod attempt_lines;
mod attempts;
mod claims;
mod database;
mod error;
mod events;
mod files;
mod gauges;
mod idempotency;
mod job_lists;
mod jobs;
mod lane;
mod measurements;
mod models;
mod overviews;
mod page;
mod portable;
mod projects;
mod revisions;
mod room;
mod row;
mod sessions;
mod signals;
mod sql;
mod standing;
mod sweep;
mod tokens;
mod uploads;

pub use database::{Store, Tx};
pub use error::{Error, Result};
pub use events::EventStanding;
pub use files::RevisionFile;
pub use gauges::Gauges;
pub use idempotency::{Begun, IdempotencyKey};
pub use job_lists::JobFilter;
pub use jobs::{JobRecord, NewJobRecord};
pub use measurements::MeasurementFilter;
pub use models::{ModelRecord, ModelRef};
pub use overviews::{Overview, OverviewFilter, OverviewOrder};
pub use portable::{Exported, FORMAT, Manifest, NamedObject, Occupied, TableRows};
pub use projects::Reach;
pub use revisions::{Inserted, NewRevision, RevisionFilter, RevisionRecord};
pub use room::{Room, Share};
pub use sessions::SessionRecord;
pub use signals::Listener;
pub use standing::{Migrations, Overdue, WorkerSeen};
pub use sweep::{Sweepable, Wanted};
pub use tokens::{NewTokenRecord, TokenRecord};
pub use uploads::{NewUpload, UploadLock, UploadPart, UploadRecord};
