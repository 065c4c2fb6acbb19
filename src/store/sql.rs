//! One SQL text, two databases: the macro that sends a query to whichever is behind a connection.
//!
//! It takes literals only, or two of them in a [`Split`] where the dialects differ. It builds no SQL.

/// A query that the two dialects spell differently.
#[derive(Clone, Copy)]
pub(super) struct Split {
    /// For SQLite.
    pub(super) sqlite: &'static str,
    /// For Postgres.
    pub(super) postgres: &'static str,
}

/// The text of a query, by dialect.
pub(super) trait Text: Copy {
    /// As SQLite wants it.
    fn sqlite(self) -> &'static str;
    /// As Postgres wants it.
    fn postgres(self) -> &'static str;
}

impl Text for &'static str {
    fn sqlite(self) -> &'static str {
        self
    }

    fn postgres(self) -> &'static str {
        self
    }
}

impl Text for Split {
    fn sqlite(self) -> &'static str {
        self.sqlite
    }

    fn postgres(self) -> &'static str {
        self.postgres
    }
}

/// `sql!(execute conn, "text"; args…)` gives the number of rows changed; `sql!(one Row, …)`, `sql!(optional Row, …)` and
/// `sql!(all Row, …)` give rows. `conn` is a `&mut Connection`; an error names the source line.
macro_rules! sql {
    (@text $dialect:ident $text:expr) => { $crate::store::sql::Text::$dialect($text) };
    (@run $conn:expr, $text:expr, ($($arg:expr,)*), $query:ident $row:tt, $fetch:ident) => {
        match $conn.each() {
            $crate::store::database::Each::Sqlite(c) => sql!(@query $query $row, sqlx::Sqlite, sql!(@text sqlite $text))
                $(.bind($arg))*.$fetch(&mut *c).await,
            $crate::store::database::Each::Postgres(c) => sql!(@query $query $row, sqlx::Postgres, sql!(@text postgres $text))
                $(.bind($arg))*.$fetch(&mut *c).await,
            $crate::store::database::Each::Gone => Err(sqlx::Error::WorkerCrashed),
        }
        .map_err(|error| $crate::store::Error::driver(concat!(file!(), ":", line!()), error))
    };
    (@query rows ($row:ty), $database:ty, $text:expr) => { sqlx::query_as::<$database, $row>($text) };
    (execute $conn:expr, $text:expr $(; $($arg:expr),* $(,)?)?) => {
        match $conn.each() {
            $crate::store::database::Each::Sqlite(c) => sqlx::query::<sqlx::Sqlite>(sql!(@text sqlite $text))
                $($(.bind($arg))*)?.execute(&mut *c).await.map(|done| done.rows_affected()),
            $crate::store::database::Each::Postgres(c) => sqlx::query::<sqlx::Postgres>(sql!(@text postgres $text))
                $($(.bind($arg))*)?.execute(&mut *c).await.map(|done| done.rows_affected()),
            $crate::store::database::Each::Gone => Err(sqlx::Error::WorkerCrashed),
        }
        .map_err(|error| $crate::store::Error::driver(concat!(file!(), ":", line!()), error))
    };
    (one $row:ty, $conn:expr, $text:expr $(; $($arg:expr),* $(,)?)?) => {
        sql!(@run $conn, $text, ($($($arg,)*)?), rows ($row), fetch_one)
    };
    (optional $row:ty, $conn:expr, $text:expr $(; $($arg:expr),* $(,)?)?) => {
        sql!(@run $conn, $text, ($($($arg,)*)?), rows ($row), fetch_optional)
    };
    (all $row:ty, $conn:expr, $text:expr $(; $($arg:expr),* $(,)?)?) => {
        sql!(@run $conn, $text, ($($($arg,)*)?), rows ($row), fetch_all)
    };
}

/// A select of rows that shall not change until the transaction ends: SQLite's writer is alone anyway, Postgres locks them.
macro_rules! locked {
    ($of:literal, $($text:tt)*) => {
        $crate::store::sql::Split { sqlite: $($text)*, postgres: concat!($($text)*, " for update of ", $of) }
    };
}

pub(super) use {locked, sql};
