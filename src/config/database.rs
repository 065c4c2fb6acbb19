//! Section `database`: SQLite or Postgres.

use super::value::{Auto, DatabaseUrl};

section! {
    /// The database of models, revisions, jobs and measurements.
    pub struct Database in database {
        /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`. "auto" is SQLite in `data.folder`.
        url: Auto<DatabaseUrl> = Auto::Auto,
    }
}
