//! What the worker of an attempt noted: bounded lines, written under the job's lock by who holds its lease.

use api::ids::{Fence, JobId};
use api::jobs::LogLine;

use super::database::{Store, Tx};
use super::error::Result;
use super::row;
use super::sql::sql;

/// Lines of one attempt.
const LINES_MAX: i64 = 1_000;
/// Bytes of one line.
const LINE_MAX_BYTES: usize = 1_000;

#[derive(sqlx::FromRow)]
struct LineRow {
    level: String,
    message: String,
    created_at: i64,
}

impl Store {
    /// The log of an attempt, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn attempt_lines(&self, job_id: JobId, fence: Fence) -> Result<Vec<LogLine>> {
        let mut connection = self.read().await?;
        sql!(
            all LineRow, connection,
            "select level, message, created_at from attempt_lines where job_id = $1 and fence = $2 order by seq";
            job_id.0, i64::from(fence.0)
        )?
        .into_iter()
        .map(|line| {
            Ok(LogLine {
                at: row::time(line.created_at)?,
                level: row::word("log level", &line.level)?,
                message: line.message,
            })
        })
        .collect()
    }
}

impl Tx {
    /// Adds lines to the log of an attempt; the job is locked. What is too long is cut, what is too many is left out.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn append_lines(
        &mut self,
        job_id: JobId,
        fence: Fence,
        lines: &[LogLine],
    ) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let (mut seq,): (i64,) = sql!(
            one (i64,), self.connection,
            "select coalesce(max(seq), 0) from attempt_lines where job_id = $1 and fence = $2";
            job_id.0, i64::from(fence.0)
        )?;
        for line in lines {
            if seq >= LINES_MAX {
                break;
            }
            seq += 1;
            let message = if seq == LINES_MAX {
                "the log is full: further lines are left out".to_owned()
            } else {
                cut(&line.message)
            };
            let _inserted: u64 = sql!(
                execute self.connection,
                "insert into attempt_lines (job_id, fence, seq, level, message, created_at) values ($1, $2, $3, $4, $5, $6)";
                job_id.0, i64::from(fence.0), seq, line.level.as_str(), message, line.at.unix_ms()
            )?;
        }
        Ok(())
    }
}

/// At most [`LINE_MAX_BYTES`], whole characters, without what Postgres cannot store.
fn cut(message: &str) -> String {
    let message = message.replace('\0', "");
    if message.len() <= LINE_MAX_BYTES {
        return message;
    }
    let end = message
        .char_indices()
        .map(|(at, _)| at)
        .take_while(|at| *at <= LINE_MAX_BYTES)
        .last()
        .unwrap_or(0);
    format!("{}…", message.get(..end).unwrap_or_default())
}
