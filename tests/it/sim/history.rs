//! What the database itself says happened: triggers keep every row that is written, in order, for the judge to read.
//!
//! A change that is rolled back leaves nothing here either, as in any history.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// A table whose changes are kept, and the columns that are: ids, and others as they are.
struct Watched {
    table: &'static str,
    ids: &'static [&'static str],
    plain: &'static [&'static str],
}

const WATCHED: [Watched; 6] = [
    Watched {
        table: "jobs",
        ids: &["id", "project_id", "revision_id", "parent_job_id"],
        plain: &[
            "parent_ordinal",
            "kind",
            "state",
            "phase",
            "progress",
            "priority",
            "attempts",
            "failures",
            "losses",
            "cancel_requested",
            "event_seq",
            "run_after",
            "queued_at",
            "created_at",
            "started_at",
            "finished_at",
            "pruned_at",
            "spent_ms",
            "result",
            "error",
            "followers",
        ],
    },
    Watched {
        table: "attempts",
        ids: &["id", "job_id", "worker_id"],
        plain: &[
            "fence",
            "state",
            "phase",
            "progress",
            "lease_expires_at",
            "heartbeat_at",
            "error",
            "started_at",
            "ended_at",
        ],
    },
    Watched {
        table: "job_events",
        ids: &["job_id"],
        plain: &["seq", "kind", "data", "created_at"],
    },
    Watched {
        table: "revisions",
        ids: &["id", "model_id", "parent_id", "job_id"],
        plain: &["created_at"],
    },
    Watched {
        table: "measurements",
        ids: &["id", "revision_id", "job_id", "attempt_id"],
        plain: &["metric"],
    },
    Watched {
        table: "idempotency_keys",
        ids: &[],
        plain: &["key", "body_sha256", "created_at", "answer"],
    },
];

impl Watched {
    /// The row called `row` as JSON, the same in both dialects.
    fn json(&self, dialect: &str, row: &str) -> String {
        let mut parts = Vec::new();
        for column in self.ids {
            parts.push(match dialect {
                "sqlite" => format!("'{column}', lower(hex({row}.{column}))"),
                _ => format!("'{column}', replace({row}.{column}::text, '-', '')"),
            });
        }
        for column in self.plain {
            parts.push(match (*column, dialect) {
                ("body_sha256", "sqlite") => format!("'{column}', lower(hex({row}.{column}))"),
                ("body_sha256", _) => format!("'{column}', encode({row}.{column}, 'hex')"),
                ("cancel_requested", "postgres") => format!("'{column}', {row}.{column}::int"),
                _ => format!("'{column}', {row}.{column}"),
            });
        }
        let parts = parts.join(", ");
        match dialect {
            "sqlite" => format!("json_object({parts})"),
            _ => format!("json_build_object({parts})::text"),
        }
    }
}

/// The statement that makes the database fail at the so-many-th row that is written from now on, or never.
pub(super) fn doom(writes: Option<u64>) -> String {
    let writes = writes.map_or("null".to_owned(), |writes| writes.to_string());
    format!("update doom set writes = {writes}")
}

/// The statements that make a database keep its history.
pub(super) fn keep(dialect: &str) -> String {
    let number = if dialect == "sqlite" {
        "integer primary key autoincrement"
    } else {
        "bigserial primary key"
    };
    let doom = if dialect == "sqlite" {
        "create trigger doom_comes after insert on history begin update doom set writes = writes - 1 where writes is not null; \
         select raise(abort, 'doomed') where (select writes from doom) = 0; end;"
    } else {
        "create function doom_comes() returns trigger language plpgsql as $$ declare many bigint; begin \
         update doom set writes = writes - 1 where writes is not null returning writes into many; \
         if many = 0 then raise exception 'doomed'; end if; return null; end $$; \
         create trigger doom_comes after insert on history for each row execute function doom_comes();"
    };
    let mut parts = vec![format!(
        "create table history (n {number}, place text not null, op text not null, kept text not null); \
         create table doom (writes bigint); insert into doom values (null); {doom}"
    )];
    for watched in &WATCHED {
        let table = watched.table;
        if dialect == "sqlite" {
            for (op, row) in [("insert", "new"), ("update", "new"), ("delete", "old")] {
                let json = watched.json(dialect, row);
                parts.push(format!(
                    "create trigger history_{table}_{op} after {op} on {table} begin \
                     insert into history (place, op, kept) values ('{table}', '{op}', {json}); end;"
                ));
            }
        } else {
            let json = watched.json(dialect, "r");
            parts.push(format!(
                "create function history_{table}() returns trigger language plpgsql as $$ declare r record; begin \
                 if tg_op = 'DELETE' then r := old; else r := new; end if; \
                 insert into history (place, op, kept) values ('{table}', lower(tg_op), {json}); return null; end $$; \
                 create trigger history_{table} after insert or update or delete on {table} \
                 for each row execute function history_{table}();"
            ));
        }
    }
    parts.concat()
}

/// The statement that reads a table as the history would show its rows.
pub(super) fn table_now(dialect: &str, table: &str) -> String {
    let watched = WATCHED
        .iter()
        .find(|watched| watched.table == table)
        .unwrap();
    format!("select {} from {table} r", watched.json(dialect, "r"))
}

/// The statements that empty a database for the next storm, but for what storms begin with: revisions that no job made. No
/// `truncate` on Postgres: it waits for every reader, also for one whose transaction a death left to be rolled back.
pub(super) fn empty(dialect: &str) -> String {
    let text = "delete from measurements; delete from job_events; delete from attempt_lines; delete from attempts; \
         update jobs set parent_job_id = null, parent_ordinal = null where parent_job_id is not null; delete from jobs; \
         delete from revision_tags where revision_id in (select id from revisions where job_id is not null); \
         delete from revision_files where revision_id in (select id from revisions where job_id is not null); \
         update revisions set parent_id = null where parent_id is not null; delete from revisions where job_id is not null; \
         delete from objects where sha256 not in (select sha256 from revision_files); delete from idempotency_keys; \
         delete from workers; delete from history;";
    if dialect == "sqlite" {
        format!("begin immediate; {text} commit;")
    } else {
        text.to_owned()
    }
}

/// A job's row.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct JobRow {
    pub(super) id: Uuid,
    pub(super) project_id: Uuid,
    pub(super) revision_id: Uuid,
    #[serde(deserialize_with = "id")]
    pub(super) parent_job_id: Option<Uuid>,
    pub(super) parent_ordinal: Option<usize>,
    pub(super) kind: String,
    pub(super) state: String,
    pub(super) phase: Option<String>,
    pub(super) progress: f64,
    pub(super) priority: i64,
    pub(super) attempts: usize,
    pub(super) failures: usize,
    pub(super) losses: usize,
    pub(super) cancel_requested: u8,
    pub(super) event_seq: usize,
    pub(super) run_after: i64,
    pub(super) queued_at: i64,
    pub(super) created_at: i64,
    pub(super) started_at: Option<i64>,
    pub(super) finished_at: Option<i64>,
    pub(super) pruned_at: Option<i64>,
    pub(super) spent_ms: i64,
    pub(super) result: Option<String>,
    pub(super) error: Option<String>,
    pub(super) followers: String,
}

impl JobRow {
    pub(super) fn is_final(&self) -> bool {
        matches!(&*self.state, "succeeded" | "failed" | "cancelled")
    }
}

/// An attempt's row.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct AttemptRow {
    pub(super) id: Uuid,
    pub(super) job_id: Uuid,
    pub(super) worker_id: Uuid,
    pub(super) fence: usize,
    pub(super) state: String,
    pub(super) phase: Option<String>,
    pub(super) progress: f64,
    pub(super) lease_expires_at: i64,
    pub(super) heartbeat_at: i64,
    pub(super) error: Option<String>,
    pub(super) started_at: i64,
    pub(super) ended_at: Option<i64>,
}

/// An event's row.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct EventRow {
    pub(super) job_id: Uuid,
    pub(super) seq: usize,
    pub(super) kind: String,
    pub(super) data: String,
    pub(super) created_at: i64,
}

/// A revision's row.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct RevisionRow {
    pub(super) id: Uuid,
    pub(super) model_id: Uuid,
    #[serde(deserialize_with = "id")]
    pub(super) parent_id: Option<Uuid>,
    #[serde(deserialize_with = "id")]
    pub(super) job_id: Option<Uuid>,
}

/// A measurement's row.
#[expect(clippy::struct_field_names, reason = "the columns' names")]
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct MeasurementRow {
    pub(super) revision_id: Uuid,
    #[serde(deserialize_with = "id")]
    pub(super) job_id: Option<Uuid>,
    #[serde(deserialize_with = "id")]
    pub(super) attempt_id: Option<Uuid>,
}

/// An idempotency key's row.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct KeyRow {
    pub(super) key: String,
    pub(super) body_sha256: String,
    pub(super) created_at: i64,
    answer: Option<String>,
}

impl KeyRow {
    /// The job that it stands for.
    pub(super) fn job(&self) -> Option<Uuid> {
        let answer: serde_json::Value = row(self.answer.as_deref()?);
        answer["id"]
            .as_str()
            .and_then(|id| Uuid::try_parse(id).ok())
    }
}

/// SQLite's `hex(null)` is the empty string.
fn id<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Uuid>, D::Error> {
    match Option::<String>::deserialize(from)? {
        Some(text) if !text.is_empty() => Uuid::try_parse(&text)
            .map(Some)
            .map_err(serde::de::Error::custom),
        _ => Ok(None),
    }
}

/// What was done to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Insert,
    Update,
    Delete,
}

/// A row as it was written, or as it was before it was deleted.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Row {
    Job(JobRow),
    Attempt(AttemptRow),
    Event(EventRow),
    Revision(RevisionRow),
    Measurement(MeasurementRow),
    Key(KeyRow),
}

/// One entry of the history.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    pub(super) op: Op,
    pub(super) row: Row,
}

/// Reads a row of the history.
pub(super) fn row<T: DeserializeOwned>(kept: &str) -> T {
    serde_json::from_str(kept).unwrap_or_else(|why| panic!("{why}: {kept}"))
}

impl Change {
    pub(super) fn read(place: &str, op: &str, kept: &str) -> Self {
        let op = match op {
            "insert" => Op::Insert,
            "update" => Op::Update,
            _ => Op::Delete,
        };
        let row = match place {
            "jobs" => Row::Job(row(kept)),
            "attempts" => Row::Attempt(row(kept)),
            "job_events" => Row::Event(row(kept)),
            "revisions" => Row::Revision(row(kept)),
            "measurements" => Row::Measurement(row(kept)),
            _ => Row::Key(row(kept)),
        };
        Self { op, row }
    }
}
