//! What tables and columns there are, by the database's own catalog.

use serde::{Deserialize, Serialize};

use super::super::database::Connection;
use super::super::error::{Error, Result};
use super::super::sql::{Split, sql};
use super::value::Kind;

/// A table and how many rows it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRows {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: u64,
}

/// A table with its columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Table {
    /// Its name.
    pub(super) name: String,
    /// Names, in order.
    pub(super) columns: Vec<String>,
    /// Kinds, in the same order.
    pub(super) kinds: Vec<Kind>,
}

/// Set while a restore is under way, and left behind by one that was cut short.
pub(super) const MARK: &str = "coreanvil_restore";

const COLUMNS: Split = Split {
    sqlite: "select m.name, p.name, p.type from sqlite_master m join pragma_table_info(m.name) p \
        where m.type = 'table' and substr(m.name, 1, 1) <> '_' and substr(m.name, 1, 7) <> 'sqlite_' order by m.name, p.cid",
    postgres: "select c.table_name::text, c.column_name::text, \
        case c.data_type when 'integer' then 'int4' else c.data_type::text end from information_schema.columns c \
        join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name \
        where c.table_schema = current_schema() and t.table_type = 'BASE TABLE' and left(c.table_name, 1) <> '_' \
        and c.is_generated = 'NEVER' order by c.table_name, c.ordinal_position",
};

/// All tables of ours; the list of migrations and the mark of a restore are not among them.
pub(super) async fn tables(connection: &mut Connection) -> Result<Vec<Table>> {
    let rows: Vec<(String, String, String)> =
        sql!(all(String, String, String), connection, COLUMNS)?;
    let mut tables: Vec<Table> = Vec::new();
    for (table, column, kind) in rows {
        if table == MARK {
            continue;
        }
        for name in [&table, &column] {
            plain(name)?;
        }
        let kind = Kind::of(&kind).ok_or_else(|| Error::Corrupt {
            what: "schema",
            detail: format!("{table}.{column} has the type {kind}, which a backup does not know"),
        })?;
        match tables.last_mut().filter(|last| last.name == table) {
            Some(last) => {
                last.columns.push(column);
                last.kinds.push(kind);
            }
            None => tables.push(Table {
                name: table,
                columns: vec![column],
                kinds: vec![kind],
            }),
        }
    }
    Ok(tables)
}

/// Refuses a name that would not be safe between quotation marks.
pub(super) fn plain(name: &str) -> Result<()> {
    let safe = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !name.is_empty() && name.bytes().all(safe) {
        return Ok(());
    }
    Err(Error::Corrupt {
        what: "schema",
        detail: format!("{name:?} is not a name of ours"),
    })
}

/// Whether a restore was begun here and has not ended.
pub(super) async fn is_marked(connection: &mut Connection) -> Result<bool> {
    let (found,): (i64,) = sql!(
        one(i64,),
        connection,
        Split {
            sqlite: "select count(*) from sqlite_master where type = 'table' and name = 'coreanvil_restore'",
            postgres: "select count(*) from information_schema.tables \
                where table_schema = current_schema() and table_name = 'coreanvil_restore'",
        }
    )?;
    Ok(found > 0)
}
