//! Rows in: an empty database, all rows in one transaction, then the migrations that the backup had not seen.
//!
//! A table named `coreanvil_restore` stands in the database while this goes on, and disappears in the transaction that
//! brings the rows; who opens a database that has it is refused. So a restore that was cut short is seen, and begun again.

use api::digest::Digest;
use serde_json::Value as Json;
use sqlx::AssertSqlSafe;

use super::super::database::{Connection, Each, Store};
use super::super::error::{Error, Result};
use super::super::row;
use super::super::sql::{Split, sql};
use super::columns::{MARK, Table, TableRows, is_marked, plain, tables};
use super::value::{Kind, Value};

/// Values of one statement at most: SQLite takes 32,766.
const VALUES_AT_ONCE: usize = 2_000;

/// What a database holds before a restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occupied {
    /// No rows.
    No,
    /// What a restore that was cut short left behind.
    Interrupted,
    /// Rows of somebody.
    Yes,
}

/// Binds rows of values to one insert and runs it.
macro_rules! insert {
    ($connection:expr, $database:ty, $text:expr, $rows:expr) => {{
        let mut query = sqlx::query::<$database>(AssertSqlSafe($text));
        for value in $rows.into_iter().flatten() {
            query = match value {
                Value::Uuid(it) => query.bind(it),
                Value::Bytes(it) => query.bind(it),
                Value::Text(it) => query.bind(it),
                Value::Integer(it) => query.bind(it),
                Value::SmallInteger(it) => query.bind(it),
                Value::Real(it) => query.bind(it),
                Value::Boolean(it) => query.bind(it),
            };
        }
        query
            .execute(&mut *$connection)
            .await
            .map(|done| done.rows_affected())
            .map_err(driver)
    }};
}

impl Store {
    /// What is in the database, before a restore.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn occupied(&self) -> Result<Occupied> {
        let mut connection = self.read().await?;
        if is_marked(&mut connection).await? {
            return Ok(Occupied::Interrupted);
        }
        for table in tables(&mut connection).await? {
            if count(&mut connection, &table.name).await? > 0 {
                return Ok(Occupied::Yes);
            }
        }
        Ok(Occupied::No)
    }

    /// Refuses a database in which a restore was begun and not ended.
    pub(in crate::store) async fn refuse_interrupted(&self) -> Result<()> {
        if is_marked(&mut self.read().await?).await? {
            return Err(interrupted());
        }
        Ok(())
    }

    /// Empties the database, marks it as being restored and makes the tables as they were at migration `schema`.
    ///
    /// # Errors
    /// [`Error::Migration`] when this version does not know that migration.
    pub async fn begin_restore(&self, schema: i64) -> Result<()> {
        let newest = self.newest_migration();
        if schema > newest {
            return Err(Error::Migration {
                source: format!("the backup is of a newer version: it has migration {schema}, this version knows {newest}").into(),
            });
        }
        let mut tx = self.begin_rebuild().await?;
        if !is_marked(&mut tx.connection).await? {
            let _made: u64 = statement(
                &mut tx.connection,
                format!("create table {MARK} (begun bigint)"),
            )
            .await?;
        }
        let mut names: Vec<String> = tables(&mut tx.connection)
            .await?
            .into_iter()
            .map(|table| table.name)
            .collect();
        names.push("_sqlx_migrations".to_owned());
        for name in names {
            let cascade = match tx.connection.each() {
                Each::Sqlite(_) | Each::Gone => "",
                Each::Postgres(_) => "cascade",
            };
            let text = format!("drop table if exists \"{name}\" {cascade}");
            let _dropped: u64 = statement(&mut tx.connection, text).await?;
        }
        self.end_rebuild(tx).await?;
        self.migrate_to(schema).await
    }

    /// Takes all lines of [`Store::export`] in, in one transaction, without the rows of `without_bytes` objects; counts what
    /// is there afterwards, and lifts the mark. Then come the migrations that the backup had not seen.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when a line does not fit; nothing was kept then.
    pub async fn import(
        &self,
        lines: impl Iterator<Item = std::io::Result<String>> + Send,
        without_bytes: &[Digest],
    ) -> Result<Vec<TableRows>> {
        let mut tx = self.begin_rebuild().await?;
        let keys = foreign_keys(&mut tx.connection).await?;
        for (table, name, _) in &keys {
            let text = format!("alter table {table} drop constraint \"{name}\"");
            let _dropped: u64 = statement(&mut tx.connection, text).await?;
        }
        let known = tables(&mut tx.connection).await?;
        fill(&mut tx.connection, &known, lines).await?;
        for sha256 in without_bytes {
            let _deleted: u64 = sql!(execute tx.connection, "delete from objects where sha256 = $1"; sha256.0.to_vec())?;
        }
        let mut counts = Vec::new();
        for table in known {
            let rows = count(&mut tx.connection, &table.name).await?;
            counts.push(TableRows {
                name: table.name,
                rows,
            });
        }
        for (table, name, definition) in &keys {
            let text = format!("alter table {table} add constraint \"{name}\" {definition}");
            let _added: u64 = statement(&mut tx.connection, text).await?;
        }
        let dangling = dangling(&mut tx.connection).await?;
        if dangling > 0 {
            return Err(corrupt(format!(
                "{dangling} rows name rows that are not there"
            )));
        }
        let _unmarked: u64 = statement(&mut tx.connection, format!("drop table {MARK}")).await?;
        self.end_rebuild(tx).await?;
        self.migrate().await?;
        self.forget_half_uploads().await?;
        Ok(counts)
    }

    /// Uploads that had not ended: their pieces are not in a backup, and who sent them begins anew.
    async fn forget_half_uploads(&self) -> Result<()> {
        let mut tx = self.begin().await?;
        let _parts: u64 = sql!(
            execute tx.connection,
            "delete from upload_parts where upload_id in (select id from uploads where state = 'receiving')"
        )?;
        let _uploads: u64 =
            sql!(execute tx.connection, "delete from uploads where state = 'receiving'")?;
        tx.commit().await
    }
}

/// Inserts all lines into the tables they belong to.
async fn fill(
    connection: &mut Connection,
    known: &[Table],
    lines: impl Iterator<Item = std::io::Result<String>> + Send,
) -> Result<()> {
    let mut into: Option<(Table, Vec<Kind>)> = None;
    let mut waiting = Vec::new();
    for line in lines {
        let line = line.map_err(|source| Error::Unavailable {
            at: "reading the backup",
            source: Box::new(source),
        })?;
        if line.starts_with('{') {
            if let Some((table, _)) = &into {
                insert(connection, table, std::mem::take(&mut waiting)).await?;
            }
            let table: Table = row::json("backup", &line)?;
            let kinds = receiving(&table, known)?;
            into = Some((table, kinds));
            continue;
        }
        let Some((table, kinds)) = &into else {
            return Err(corrupt("a row without a table".to_owned()));
        };
        let values: Vec<Json> = row::json("backup", &line)?;
        if values.len() != kinds.len() {
            return Err(corrupt(format!(
                "a row of {} with {} values",
                table.name,
                values.len()
            )));
        }
        let values: Result<Vec<Value>> = values
            .iter()
            .zip(kinds)
            .map(|(value, kind)| Value::from_json(value, *kind))
            .collect();
        waiting.push(values?);
        if waiting.len() * kinds.len() >= VALUES_AT_ONCE {
            insert(connection, table, std::mem::take(&mut waiting)).await?;
        }
    }
    match &into {
        Some((table, _)) => insert(connection, table, waiting).await,
        None => Ok(()),
    }
}

/// The kinds that this database has for a backup's columns.
fn receiving(table: &Table, known: &[Table]) -> Result<Vec<Kind>> {
    let here = known
        .iter()
        .find(|here| here.name == table.name)
        .ok_or_else(|| corrupt(format!("there is no table {}", table.name)))?;
    table
        .columns
        .iter()
        .map(|column| {
            plain(column)?;
            here.columns
                .iter()
                .zip(&here.kinds)
                .find_map(|(name, kind)| (name == column).then_some(*kind))
                .ok_or_else(|| corrupt(format!("there is no column {}.{column}", table.name)))
        })
        .collect()
}

async fn insert(connection: &mut Connection, table: &Table, rows: Vec<Vec<Value>>) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let width = table.columns.len();
    let mut text = format!(
        "insert into \"{}\" (\"{}\") values ",
        table.name,
        table.columns.join("\", \"")
    );
    for row in 0..rows.len() {
        let holes: Vec<String> = (1..=width)
            .map(|at| format!("${}", row * width + at))
            .collect();
        text.extend([if row == 0 { "(" } else { ", (" }, &holes.join(", "), ")"]);
    }
    let _inserted: u64 = match connection.each() {
        Each::Sqlite(c) => insert!(c, sqlx::Sqlite, text, rows)?,
        Each::Postgres(c) => insert!(c, sqlx::Postgres, text, rows)?,
        Each::Gone => return Err(driver(sqlx::Error::WorkerCrashed)),
    };
    Ok(())
}

async fn statement(connection: &mut Connection, text: String) -> Result<u64> {
    match connection.each() {
        Each::Sqlite(c) => sqlx::query::<sqlx::Sqlite>(AssertSqlSafe(text))
            .execute(&mut *c)
            .await
            .map(|done| done.rows_affected()),
        Each::Postgres(c) => sqlx::query::<sqlx::Postgres>(AssertSqlSafe(text))
            .execute(&mut *c)
            .await
            .map(|done| done.rows_affected()),
        Each::Gone => Err(sqlx::Error::WorkerCrashed),
    }
    .map_err(driver)
}

async fn count(connection: &mut Connection, table: &str) -> Result<u64> {
    plain(table)?;
    let text = format!("select count(*) from \"{table}\"");
    let (rows,): (i64,) = match connection.each() {
        Each::Sqlite(c) => {
            sqlx::query_as::<sqlx::Sqlite, _>(AssertSqlSafe(text))
                .fetch_one(&mut *c)
                .await
        }
        Each::Postgres(c) => {
            sqlx::query_as::<sqlx::Postgres, _>(AssertSqlSafe(text))
                .fetch_one(&mut *c)
                .await
        }
        Each::Gone => Err(sqlx::Error::WorkerCrashed),
    }
    .map_err(driver)?;
    row::count("count", rows)
}

/// Foreign keys of Postgres, which cannot wait until the end of a transaction: they are taken off and put on again. In
/// SQLite they are off while a database is rebuilt.
async fn foreign_keys(connection: &mut Connection) -> Result<Vec<(String, String, String)>> {
    sql!(
        all(String, String, String),
        connection,
        Split {
            sqlite: "select '', '', '' where false",
            postgres: "select conrelid::regclass::text, conname::text, pg_get_constraintdef(oid)::text from pg_constraint \
                where contype = 'f' and connamespace = current_schema()::regnamespace order by 1, 2",
        }
    )
}

/// Rows that break a foreign key: SQLite did not look while it was rebuilt; Postgres looked when it got them back.
async fn dangling(connection: &mut Connection) -> Result<i64> {
    let (rows,): (i64,) = sql!(
        one(i64,),
        connection,
        Split {
            sqlite: "select count(*) from pragma_foreign_key_check",
            postgres: "select 0::bigint",
        }
    )?;
    Ok(rows)
}

/// What is said of a database that a restore left half done.
pub(super) fn interrupted() -> Error {
    Error::Migration {
        source: "a restore into it was begun and did not end; run `coreanvil restore` again".into(),
    }
}

fn corrupt(detail: String) -> Error {
    Error::Corrupt {
        what: "backup",
        detail,
    }
}

fn driver(error: sqlx::Error) -> Error {
    Error::driver("restore", error)
}
