//! Section `database`: SQLite or Postgres.

use std::num::NonZeroUsize;

use super::value::{Auto, DatabaseUrl};

section! {
    /// The database of models, revisions, jobs and measurements.
    pub struct Database in database {
        /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`. "auto" is SQLite in `data.folder`.
        url: Auto<DatabaseUrl> = Auto::Auto,
        /// Most connections to Postgres at once. SQLite has one writer and four readers, whatever stands here.
        connections: NonZeroUsize = NonZeroUsize::new(10).unwrap_or(NonZeroUsize::MIN),
    }
}
