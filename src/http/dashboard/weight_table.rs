//! The table of weights on a page: what its query asks for, the addresses of its other views, its rows.

use api::weights::WeightRow;

use super::charts::{BELOW_DB, Meter, Moved, number, percent_encoded, temper};
use super::marks::{Bytes, Count};
use crate::app::weights::{self, Column, Fate, Filter, Sort};
use crate::http::extract::Params;
use crate::http::problem::Failure;

/// Weights on a page.
pub(super) const PER_PAGE: usize = 25;

/// What the query asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    /// Path of the page.
    pub(super) path: String,
    /// Searched for.
    pub(super) search: String,
    /// `compressed`, `left`, `all`, or what the page thinks best.
    pub(super) state: Option<String>,
    /// Sorted by.
    pub(super) sort: Option<Sort>,
    /// The page, from 1.
    pub(super) page: usize,
}

impl View {
    /// Reads the query; other parameters are refused by the caller.
    pub(super) fn take(path: String, params: &mut Params) -> Result<Self, Failure> {
        let state = params.take::<String>("state")?;
        Ok(Self {
            path,
            search: params.take::<String>("q")?.unwrap_or_default(),
            state: state.filter(|word| matches!(word.as_str(), "compressed" | "left" | "all")),
            sort: params.take("sort")?,
            page: params.take::<usize>("page")?.unwrap_or(1).clamp(1, 100_000),
        })
    }

    /// The address of this view after a change.
    fn with(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut view = self.clone();
        change(&mut view);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if !view.search.is_empty() {
            query.append_pair("q", &view.search);
        }
        if let Some(state) = &view.state {
            query.append_pair("state", state);
        }
        if let Some(sort) = view.sort {
            query.append_pair("sort", &word(sort));
        }
        if view.page > 1 {
            query.append_pair("page", &view.page.to_string());
        }
        let query = query.finish();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{query}#weights", view.path)
    }

    /// The address of another page of it.
    pub(super) fn at_page(&self, page: usize) -> String {
        self.with(|view| view.page = page)
    }

    /// The address of it with other states.
    pub(super) fn in_state(&self, state: &str) -> String {
        self.with(|view| {
            view.state = Some(state.to_owned());
            view.page = 1;
        })
    }

    /// The address of it ordered by a column: the other way round where it is already.
    pub(super) fn by(&self, column: Column, now: Sort) -> String {
        let first = matches!(column, Column::Bytes | Column::BytesBefore | Column::MaxAbs);
        let descending = if now.column == column {
            !now.descending
        } else {
            first
        };
        self.with(|view| {
            view.sort = Some(Sort { column, descending });
            view.page = 1;
        })
    }

    /// The order as the query has it.
    pub(super) fn sort_word(&self) -> String {
        self.sort.map(word).unwrap_or_default()
    }
}

/// As a query writes it.
pub(super) fn word(sort: Sort) -> String {
    let minus = if sort.descending { "-" } else { "" };
    let known = Column::ALL
        .iter()
        .find(|(column, _)| *column == sort.column);
    format!("{minus}{}", known.map_or("", |(_, word)| word))
}

/// The head of a column that orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// Its words.
    pub(super) text: &'static str,
    /// Where it leads.
    pub(super) href: String,
    /// For `aria-sort`.
    pub(super) sorted: &'static str,
}

impl Head {
    /// For a column.
    pub(super) fn new(text: &'static str, column: Column, view: &View, now: Sort) -> Self {
        let sorted = match (now.column == column, now.descending) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        };
        Self {
            text,
            href: view.by(column, now),
            sorted,
        }
    }
}

/// The table, ready to be shown.
#[derive(Debug)]
pub(super) struct Table {
    /// What was asked for.
    pub(super) view: View,
    /// The state that is shown.
    pub(super) state: String,
    /// How many weights there are, how many the recipe changed, how many it left.
    pub(super) counts: [Count; 3],
    /// Heads: name, SNR, bytes, error, before.
    pub(super) heads: [Head; 5],
    /// Whether anything was compressed, so that there is something to compare with.
    pub(super) compared: bool,
    /// Whether a function is named.
    pub(super) functions: bool,
    /// The rows.
    pub(super) rows: Vec<Row>,
    /// The page before and after.
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
    /// From which to which.
    pub(super) range: String,
}

/// A weight.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) function: String,
    pub(super) snr: Option<Snr>,
    pub(super) temper: &'static str,
    pub(super) representation: String,
    pub(super) left_because: Option<String>,
    pub(super) bytes: Bytes,
    pub(super) bar: Moved,
    pub(super) before: Option<Bytes>,
    pub(super) error: Option<String>,
    pub(super) shape: String,
    pub(super) users: String,
}

/// A ratio in a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Snr {
    /// Its digits.
    pub(super) text: String,
    /// Drawn.
    pub(super) meter: Meter,
    /// Whether it is below the mark.
    pub(super) low: bool,
}

impl Snr {
    /// Of a number of decibels.
    pub(super) fn new(db: f64) -> Self {
        Self {
            text: format!("{db:.1}").replace('-', "\u{2212}"),
            meter: Meter(db),
            low: db < BELOW_DB,
        }
    }
}

/// The address of a weight's page.
pub(super) fn weight_path(revision: &str, function: &str, name: &str) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("function", function)
        .finish();
    format!(
        "/revisions/{revision}/weights/{}?{query}",
        percent_encoded(name)
    )
}

/// `384×1536`; of a scalar the word.
pub(super) fn shape(extents: &[u64]) -> String {
    if extents.is_empty() {
        return "scalar".to_owned();
    }
    let texts: Vec<String> = extents.iter().map(u64::to_string).collect();
    texts.join("×")
}

impl Table {
    /// Of all weights of a revision.
    pub(super) fn new(view: View, revision: &str, mut rows: Vec<WeightRow>) -> Self {
        let all = rows.len() as u64;
        let changed = rows.iter().filter(|row| weights::changed(row)).count() as u64;
        let functions = rows
            .windows(2)
            .any(|two| two[0].function != two[1].function);
        let compared = changed > 0;
        let best = if compared { "compressed" } else { "all" };
        let state = view.state.clone().unwrap_or_else(|| best.to_owned());
        let sort = view.sort.unwrap_or(Sort {
            column: if compared {
                Column::SnrDb
            } else {
                Column::Bytes
            },
            descending: !compared,
        });
        let filter = Filter {
            search: Some(view.search.clone()),
            function: None,
            fate: match state.as_str() {
                "compressed" => Some(Fate::Compressed),
                "left" => Some(Fate::Left),
                _ => None,
            },
            sort: Some(sort),
        };
        weights::arrange(&mut rows, &filter);
        let found = rows.len();
        let from = ((view.page - 1) * PER_PAGE).min(found);
        let to = (from + PER_PAGE).min(found);
        let shown = &rows[from..to];
        let largest = shown
            .iter()
            .map(|r| r.bytes.max(r.bytes_before.unwrap_or(0)))
            .max();
        let head = |text, column| Head::new(text, column, &view, sort);
        Self {
            state,
            counts: [Count(all), Count(changed), Count(all - changed)],
            heads: [
                head("Weight", Column::Name),
                head("SNR, dB", Column::SnrDb),
                head("Bytes", Column::Bytes),
                head("Largest error", Column::MaxAbs),
                head("Before", Column::BytesBefore),
            ],
            compared,
            functions,
            rows: shown
                .iter()
                .map(|row| Row::new(revision, row, largest.unwrap_or(0)))
                .collect(),
            previous: (view.page > 1).then(|| view.at_page(view.page - 1)),
            next: (to < found).then(|| view.at_page(view.page + 1)),
            range: format!(
                "{} to {} of {}",
                from + usize::from(found > 0),
                to,
                Count(found as u64)
            ),
            view,
        }
    }
}

impl Row {
    fn new(revision: &str, row: &WeightRow, largest: u64) -> Self {
        let class = temper(&row.representation);
        Self {
            href: weight_path(revision, &row.function, &row.name),
            name: row.name.clone(),
            function: row.function.clone(),
            snr: row.snr_db.map(Snr::new),
            temper: class,
            representation: row.representation.clone(),
            left_because: row.left_because.clone(),
            bytes: Bytes(row.bytes),
            bar: Moved {
                class,
                now: row.bytes,
                was: row.bytes_before.unwrap_or(row.bytes),
                whole: largest,
            },
            before: row.bytes_before.map(Bytes),
            error: row.max_abs.map(number),
            shape: shape(&row.shape),
            users: users(&row.users),
        }
    }
}

/// Each type once.
fn users(types: &[String]) -> String {
    let mut once: Vec<&str> = Vec::new();
    for one in types {
        if !once.contains(&one.as_str()) {
            once.push(one);
        }
    }
    once.join(", ")
}
