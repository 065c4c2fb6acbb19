//! Rows out: all tables as of one moment.

use api::digest::Digest;
use futures::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use super::super::database::{Connection, Each, Store};
use super::super::error::{Error, Result};
use super::super::row;
use super::super::sql::sql;
use super::columns::{Table, TableRows, is_marked, tables};
use super::value::{Kind, Value};

/// An object that a row names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedObject {
    /// Its name.
    pub sha256: Digest,
    /// Its length.
    pub size_bytes: u64,
    /// Whether a revision needs it; the others wait to be swept.
    pub needed: bool,
}

/// What was written out.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// Number of the newest migration.
    pub schema: i64,
    /// Tables with their numbers of rows.
    pub tables: Vec<TableRows>,
    /// Objects, sorted by name.
    pub objects: Vec<NamedObject>,
}

/// Reads a row into JSON by the kinds of its columns.
macro_rules! read_row {
    ($row:expr, $kinds:expr) => {
        $kinds
            .iter()
            .enumerate()
            .map(|(at, kind)| {
                Ok(match kind {
                    Kind::Uuid => Value::Uuid($row.try_get::<Option<Uuid>, _>(at)?),
                    Kind::Bytes => Value::Bytes($row.try_get::<Option<Vec<u8>>, _>(at)?),
                    Kind::Text => Value::Text($row.try_get::<Option<String>, _>(at)?),
                    Kind::Integer => Value::Integer($row.try_get::<Option<i64>, _>(at)?),
                    Kind::SmallInteger => Value::SmallInteger($row.try_get::<Option<i32>, _>(at)?),
                    Kind::Real => Value::Real($row.try_get::<Option<f64>, _>(at)?),
                    Kind::Boolean => Value::Boolean($row.try_get::<Option<bool>, _>(at)?),
                }
                .json())
            })
            .collect::<std::result::Result<Vec<_>, sqlx::Error>>()
    };
}

/// Sends every row of a table to the sink.
macro_rules! rows_of {
    ($connection:expr, $database:ty, $table:expr, $sink:expr) => {{
        let text = select($table);
        let mut rows = sqlx::query::<$database>(AssertSqlSafe(text)).fetch(&mut *$connection);
        let mut number = 0_u64;
        while let Some(found) = rows.try_next().await.map_err(driver)? {
            let values = read_row!(found, $table.kinds).map_err(driver)?;
            $sink(&serde_json::Value::from(values).to_string()).map_err(sink_failed)?;
            number += 1;
        }
        number
    }};
}

impl Store {
    /// Gives every row to `sink`, a line at a time, as of one moment; work goes on meanwhile.
    ///
    /// # Errors
    /// Those of the database and of the sink; [`Error::Corrupt`] for a type of column that a backup does not know.
    pub async fn export(
        &self,
        mut sink: impl FnMut(&str) -> std::io::Result<()> + Send,
    ) -> Result<Exported> {
        let mut connection = self.snapshot().await?;
        if is_marked(&mut connection).await? {
            return Err(super::import::interrupted());
        }
        let (schema,): (i64,) = sql!(
            one(i64,),
            connection,
            "select max(version) from _sqlx_migrations where success"
        )?;
        let mut counts = Vec::new();
        for table in tables(&mut connection).await? {
            let head = row::to_json("table", &table)?;
            sink(&head).map_err(sink_failed)?;
            let rows = match connection.each() {
                Each::Sqlite(c) => rows_of!(c, sqlx::Sqlite, &table, sink),
                Each::Postgres(c) => rows_of!(c, sqlx::Postgres, &table, sink),
                Each::Gone => return Err(driver(sqlx::Error::WorkerCrashed)),
            };
            counts.push(TableRows {
                name: table.name,
                rows,
            });
        }
        Ok(Exported {
            schema,
            tables: counts,
            objects: objects(&mut connection).await?,
        })
    }
}

async fn objects(connection: &mut Connection) -> Result<Vec<NamedObject>> {
    let rows: Vec<(Vec<u8>, i64, bool)> = sql!(
        all(Vec<u8>, i64, bool),
        connection,
        "select o.sha256, o.size_bytes, exists (select 1 from revision_files f where f.sha256 = o.sha256) \
         from objects o order by o.sha256"
    )?;
    rows.into_iter()
        .map(|(sha256, size_bytes, needed)| {
            Ok(NamedObject {
                sha256: row::digest(&sha256)?,
                size_bytes: row::count("size", size_bytes)?,
                needed,
            })
        })
        .collect()
}

/// The names are the catalog's, and plain (see `columns`).
fn select(table: &Table) -> String {
    format!(
        "select \"{}\" from \"{}\"",
        table.columns.join("\", \""),
        table.name
    )
}

fn driver(error: sqlx::Error) -> Error {
    Error::driver("backup", error)
}

fn sink_failed(source: std::io::Error) -> Error {
    Error::Unavailable {
        at: "writing the backup",
        source: Box::new(source),
    }
}
