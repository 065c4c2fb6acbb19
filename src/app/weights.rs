//! Weights of a revision: all of them as rows, and one looked at closely.
//!
//! Rows come from what was written down when the revision was made: its inspection, and the report of the job that
//! made it. No package is read for them. A close look reads the package and its parent's, and is kept.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::str::FromStr;
use std::sync::Arc;

use api::ids::RevisionId;
use api::jobs::JobResult;
use api::page::{Cursor, Page, PageRequest};
use api::report::ReportRow;
use api::weights::{WeightDetail, WeightRow};
use uuid::Uuid;

use super::access::Caller;
use super::error::{Error, Result};
use super::service::App;
use super::{inspections, looking, revisions};
use crate::store::RevisionRecord;

/// Which weights a list shows, and in which order.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those whose name, representation or users hold these words; upper and lower case are the same.
    pub search: Option<String>,
    /// Those of this function.
    pub function: Option<String>,
    /// Those that the recipe changed, or left.
    pub fate: Option<Fate>,
    /// The order; program order when not given.
    pub sort: Option<Sort>,
}

/// What a recipe did to a weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Its values changed.
    Compressed,
    /// It stayed.
    Left,
}

/// By which column rows are ordered; those that have nothing in it come last, either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The column.
    pub column: Column,
    /// Largest first.
    pub descending: bool,
}

/// A column that rows can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// Name.
    Name,
    /// Stored bytes.
    Bytes,
    /// Stored bytes in the parent.
    BytesBefore,
    /// Signal-to-noise ratio.
    SnrDb,
    /// Largest error.
    MaxAbs,
}

impl Column {
    /// All, with the word that stands in a query.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Name, "name"),
        (Self::Bytes, "bytes"),
        (Self::BytesBefore, "bytes_before"),
        (Self::SnrDb, "snr_db"),
        (Self::MaxAbs, "max_abs"),
    ];
}

impl FromStr for Sort {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let (word, descending) = match text.strip_prefix('-') {
            Some(word) => (word, true),
            None => (text, false),
        };
        let column = Column::ALL.iter().find(|(_, known)| *known == word);
        column
            .map(|(column, _)| Self {
                column: *column,
                descending,
            })
            .ok_or("not one of name, bytes, bytes_before, snr_db, max_abs, with a minus for descending order")
    }
}

impl FromStr for Fate {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        match text {
            "compressed" => Ok(Self::Compressed),
            "left" => Ok(Self::Left),
            _ => Err("neither `compressed` nor `left`"),
        }
    }
}

/// The name of a weight: any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeightName(pub String);

impl FromStr for WeightName {
    type Err = Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

/// A weight of a revision, as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The revision.
    pub revision: RevisionId,
    /// Its parent; changes to none when the parent is deleted.
    pub parent: Option<RevisionId>,
    /// The function; the first that has the name when not given.
    pub function: Option<String>,
    /// The name.
    pub name: String,
}

/// A page of the weights of a revision.
///
/// # Errors
/// [`Error::NotFound`], [`Error::BadRequest`].
pub async fn list(
    app: &App,
    caller: &Caller,
    id: RevisionId,
    filter: &Filter,
    page: PageRequest,
) -> Result<Page<WeightRow>> {
    let mut rows = all(app, caller, id).await?;
    arrange(&mut rows, filter);
    // The place in an order that never changes is the cursor.
    let from = page.after.map_or(0, |Cursor(at)| at.as_u128());
    let from = usize::try_from(from).unwrap_or(usize::MAX).min(rows.len());
    let to = from.saturating_add(page.limit as usize);
    let next_cursor = (to < rows.len()).then(|| Cursor(Uuid::from_u128(to as u128)).to_string());
    Ok(Page {
        items: rows.drain(from..to.min(rows.len())).collect(),
        next_cursor,
    })
}

/// All weights of a revision in program order.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn all(app: &App, caller: &Caller, id: RevisionId) -> Result<Vec<WeightRow>> {
    let record = revisions::find(app, caller, id).await?;
    let inspection = inspections::get(app, caller, id).await?;
    let report = report(app, caller, &record).await?;
    let own = inspection.functions.iter().flat_map(|f| &f.weights);
    let total: u64 = own.map(|w| w.bytes).sum();
    let mut rows = Vec::new();
    for function in inspection.functions {
        for weight in function.weights {
            let row = report.get(&(function.name.clone(), weight.name.clone()));
            #[expect(clippy::cast_precision_loss, reason = "a share, for people")]
            let share = weight.bytes as f64 / total.max(1) as f64;
            rows.push(WeightRow {
                function: function.name.clone(),
                name: weight.name,
                shape: weight.shape,
                dtype: weight.dtype,
                representation: weight.representation,
                bytes: weight.bytes,
                bytes_before: row.map(|r| r.bytes_before),
                snr_db: row.and_then(|r| r.snr_db),
                max_abs: row.and_then(|r| r.max_abs),
                left_because: row.and_then(|r| r.left_because.clone()),
                share,
                users: weight.users,
            });
        }
    }
    Ok(rows)
}

/// Puts rows in order and leaves out what was not asked for.
pub fn arrange(rows: &mut Vec<WeightRow>, filter: &Filter) {
    if let Some(function) = &filter.function {
        rows.retain(|row| row.function == *function);
    }
    match filter.fate {
        Some(Fate::Compressed) => rows.retain(changed),
        Some(Fate::Left) => rows.retain(|row| !changed(row)),
        None => {}
    }
    if let Some(words) = filter.search.as_deref().filter(|words| !words.is_empty()) {
        let words = words.to_lowercase();
        let has = |text: &String| text.to_lowercase().contains(&words);
        rows.retain(|row| has(&row.name) || has(&row.representation) || row.users.iter().any(has));
    }
    if let Some(sort) = filter.sort {
        rows.sort_by(|a, b| compare(a, b, sort));
    }
}

/// Whether the recipe gave it another representation.
pub fn changed(row: &WeightRow) -> bool {
    row.bytes_before.is_some() && row.left_because.is_none()
}

fn compare(a: &WeightRow, b: &WeightRow, sort: Sort) -> Ordering {
    let number = |row: &WeightRow| match sort.column {
        Column::Name => None,
        #[expect(clippy::cast_precision_loss, reason = "an order of sizes")]
        Column::Bytes => Some(row.bytes as f64),
        #[expect(clippy::cast_precision_loss, reason = "an order of sizes")]
        Column::BytesBefore => row.bytes_before.map(|bytes| bytes as f64),
        Column::SnrDb => row.snr_db,
        Column::MaxAbs => row.max_abs,
    };
    let turn = |order: Ordering| {
        if sort.descending {
            order.reverse()
        } else {
            order
        }
    };
    let by_number = match (number(a), number(b)) {
        (Some(a), Some(b)) => turn(a.total_cmp(&b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    };
    let by_name = || {
        a.name
            .cmp(&b.name)
            .then_with(|| a.function.cmp(&b.function))
    };
    match sort.column {
        Column::Name => turn(by_name()),
        Column::Bytes | Column::BytesBefore | Column::SnrDb | Column::MaxAbs => {
            by_number.then_with(by_name)
        }
    }
}

pub(super) type Rows = BTreeMap<(String, String), ReportRow>;

/// The report of the job that made the revision, by function and name; empty where there is none.
pub(super) async fn report(app: &App, caller: &Caller, record: &RevisionRecord) -> Result<Rows> {
    let Some(job) = record.revision.job_id else {
        return Ok(Rows::new());
    };
    let job = match app.store.job(caller.reach, job).await {
        Ok(found) => found.job,
        Err(crate::store::Error::NotFound { .. }) => return Ok(Rows::new()),
        Err(error) => return Err(Error::about(error, &job.to_string())),
    };
    let rows = match job.result {
        Some(JobResult::Compress(result)) => result.report.map_or_else(Vec::new, |r| r.rows),
        None => Vec::new(),
    };
    let keyed = rows
        .into_iter()
        .map(|row| ((row.function.clone(), row.name.clone()), row));
    Ok(keyed.collect())
}

/// One weight, looked at closely, beside what it was in the parent.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Unavailable`].
pub async fn get(
    app: &App,
    caller: &Caller,
    id: RevisionId,
    WeightName(name): WeightName,
    function: Option<String>,
) -> Result<Arc<WeightDetail>> {
    let record = revisions::find(app, caller, id).await?;
    let parent = match record.revision.parent_id {
        Some(parent) => found(revisions::find(app, caller, parent).await)?,
        None => None,
    };
    let asked = Asked {
        revision: id,
        parent: parent.as_ref().map(|record| record.revision.id),
        function: function.clone(),
        name: name.clone(),
    };
    if let Some(known) = app.weights.get(&asked) {
        return Ok(known);
    }
    // Most names that do not exist are known without reading a package.
    let inspection = inspections::get(app, caller, id).await?;
    let is_it = |f: &&api::inspection::FunctionInspection| {
        function.as_ref().is_none_or(|name| *name == f.name)
            && f.weights.iter().any(|w| w.name == name)
    };
    if !inspection.functions.iter().any(|f| is_it(&f)) {
        return Err(no_such(&name));
    }
    let detail = look(app, &record, parent.as_ref(), function, name.clone()).await?;
    let mut detail = detail.ok_or_else(|| no_such(&name))?;
    if let Some(before) = &mut detail.before {
        before.revision_id = asked.parent;
    }
    Ok(app.weights.put(asked, detail))
}

async fn look(
    app: &App,
    record: &RevisionRecord,
    parent: Option<&RevisionRecord>,
    function: Option<String>,
    name: String,
) -> Result<Option<WeightDetail>> {
    let doing = "looking at a weight";
    match parent {
        Some(parent) => {
            looking::look(app, doing, [record, parent], move |[own, before], run| {
                engine::weight(own, Some(before), function.as_deref(), &name, run)
            })
            .await
        }
        None => {
            looking::look(app, doing, [record], move |[own], run| {
                engine::weight(own, None, function.as_deref(), &name, run)
            })
            .await
        }
    }
}

fn no_such(name: &str) -> Error {
    Error::not_found("weight", name.chars().take(200).collect::<String>())
}

/// What is not there is none.
///
/// # Errors
/// Any other.
pub fn found<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
