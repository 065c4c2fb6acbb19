//! Two revisions side by side: smaller or larger, better or worse, what changed, which weights.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use api::comparison::{Comparison, WeightComparison};
use api::ids::RevisionId;
use api::revisions::Revision;
use api::time::Time;
use askama::Template;
use axum::extract::State;

use super::charts::{Moved, number, temper};
use super::contrast::{self, Strip};
use super::frame::{Frame, Section};
use super::history::History;
use super::marks::{Ago, Bytes, Count, plural, short};
use super::revision::title;
use super::revision_parts::{decibels, ratios, times};
use super::sentence::Sentence;
use super::show;
use super::visitor::Visitor;
use super::weight_table::{Head, PER_PAGE, Snr, View, weight_path};
use crate::app::weights::{Column, Sort};
use crate::app::{App, comparisons, revisions};
use crate::http::answer::Answer;
use crate::http::extract::{At2, Params};

#[derive(Template)]
#[template(path = "comparison.html")]
struct ComparisonPage {
    frame: Frame,
    a: Side,
    b: Side,
    answer: Sentence,
    history: History,
    strip: Option<Strip>,
    lines: Vec<Line>,
    metrics: Vec<Metric>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    view: View,
    range: String,
    previous: Option<String>,
    next: Option<String>,
    unmatched: [Vec<String>; 2],
}

/// One of the two.
struct Side {
    id: String,
    title: String,
    digest: String,
    size: Bytes,
    created: Ago,
}

/// A line of what changed: `del`, `add`, or neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) class: &'static str,
    pub(super) text: String,
}

/// What both were measured on.
struct Metric {
    name: String,
    on: String,
    a: String,
    b: String,
}

/// A weight in both.
struct Row {
    href: String,
    name: String,
    snr: Option<Snr>,
    old: (&'static str, String),
    new: (&'static str, String),
    before: Bytes,
    now: Bytes,
    bar: Moved,
    error: Option<String>,
}

/// `GET /revisions/{a}/comparison/{b}`.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    At2(a, b): At2<RevisionId, RevisionId>,
    mut params: Params,
) -> Answer {
    let view = View::take(format!("/revisions/{a}/comparison/{b}"), &mut params)?;
    params.finish()?;
    let caller = visitor.caller();
    let first = revisions::get(&app, caller, a).await?;
    let second = revisions::get(&app, caller, b).await?;
    let comparison = comparisons::get(&app, caller, a, b).await?;
    let both = Both {
        a: first,
        b: second,
        comparison,
    };
    show::page(&compose(&visitor, &both, view, app.clock.now()))
}

/// The two and what the app says of them.
struct Both {
    a: Revision,
    b: Revision,
    comparison: Comparison,
}

fn compose(visitor: &Visitor, both: &Both, view: View, now: Time) -> ComparisonPage {
    let Both { a, b, comparison } = both;
    let side = |r: &Revision| Side {
        id: r.id.to_string(),
        title: title(r),
        digest: short(&r.digest.to_string()),
        size: Bytes(r.size_bytes),
        created: Ago {
            at: r.created_at,
            now,
        },
    };
    let sort = view.sort.unwrap_or(Sort {
        column: Column::SnrDb,
        descending: false,
    });
    let found = arrange(&comparison.weights, &view.search, sort);
    let from = ((view.page - 1) * PER_PAGE).min(found.len());
    let to = (from + PER_PAGE).min(found.len());
    let largest = found[from..to]
        .iter()
        .map(|w| w.bytes.a.max(w.bytes.b))
        .max();
    let head = |text, column| Head::new(text, column, &view, sort);
    let words = format!("{} → {}", title(a), title(b));
    let names = [title(a), title(b)];
    let bar = |r: &Revision, name| contrast::Side {
        name,
        href: format!("/revisions/{}", r.id),
        size_bytes: r.size_bytes,
    };
    let contrast = contrast::of([bar(a, &names[0]), bar(b, &names[1])], comparison);
    ComparisonPage {
        frame: Frame::new(visitor, Section::Models, &words)
            .crumb("Models", Some("/models".to_owned()))
            .crumb(a.model.to_string(), Some(format!("/models/{}", a.model)))
            .crumb(&words, None),
        answer: answer(both),
        history: contrast.history,
        strip: contrast.strip,
        lines: lines(both),
        metrics: metrics(comparison),
        heads: vec![
            head("Weight", Column::Name),
            head("SNR, dB", Column::SnrDb),
            head("Bytes", Column::Bytes),
            head("Before", Column::BytesBefore),
            head("Largest difference", Column::MaxAbs),
        ],
        rows: found[from..to]
            .iter()
            .map(|w| row(&b.id.to_string(), w, largest.unwrap_or(0)))
            .collect(),
        range: format!(
            "{} to {to} of {}",
            from + usize::from(to > 0),
            Count(found.len() as u64)
        ),
        previous: (view.page > 1).then(|| view.at_page(view.page - 1)),
        next: (to < found.len()).then(|| view.at_page(view.page + 1)),
        unmatched: [
            comparison.unmatched.a.clone(),
            comparison.unmatched.b.clone(),
        ],
        a: side(a),
        b: side(b),
        view,
    }
}

/// What the page answers first.
fn answer(both: &Both) -> Sentence {
    let Both { a, b, comparison } = both;
    let (before, after) = (comparison.size_bytes.a, comparison.size_bytes.b);
    let sentence = Sentence::default().strong(title(b)).say(" is ");
    if comparison.same_digest {
        return sentence
            .strong("the same package")
            .say(format!(" as {}, byte for byte.", title(a)));
    }
    let sentence = sentence.strong(times(before, after)).say(format!(
        " {}: {} against {}.",
        title(a),
        Bytes(after).words(),
        Bytes(before).words()
    ));
    if comparison.same_content {
        return sentence.say(" They differ only in what an exporter draws at random.");
    }
    let all = comparison.weights.len() as u64;
    let changed = comparison.weights.iter();
    match ratios(changed.filter_map(|w| w.snr_db.map(|db| (w.name.as_str(), db)))) {
        Some(r) => sentence
            .say(" Against its weights the median SNR is ")
            .strong(decibels(r.median_db))
            .say(", the worst ")
            .strong(decibels(r.lowest_db))
            .say(" in ")
            .code(&r.lowest)
            .say(format!(
                "; {} of {} differ.",
                Count(r.count),
                plural(all, "weight")
            )),
        None if all == 0 => {
            sentence.say(" No weight stands in both, so that there is no error to tell.")
        }
        None => sentence.say(format!(
            " All {} that stand in both have equal values.",
            plural(all, "weight")
        )),
    }
}

/// One side of a pair of counts.
type Counted = fn(&api::comparison::Pair<u64>) -> u64;

/// Recipe, operations and tags, with + and −.
fn lines(both: &Both) -> Vec<Line> {
    let Both { a, b, comparison } = both;
    let mut lines = Vec::new();
    differ(&mut lines, "recipe", ": ", &recipe(a), &recipe(b));
    let ops = |count: Counted| {
        let all = comparison.ops_changed.iter();
        let there = all.filter(move |(_, pair)| count(pair) > 0);
        there
            .map(|(kind, pair)| (kind.clone(), count(pair).to_string()))
            .collect()
    };
    differ(
        &mut lines,
        "operations",
        " × ",
        &ops(|pair| pair.a),
        &ops(|pair| pair.b),
    );
    let tags = |r: &Revision| {
        let all = r.tags.iter();
        all.map(|(key, value)| (key.to_string(), value.to_string()))
            .collect()
    };
    differ(&mut lines, "tags", "=", &tags(a), &tags(b));
    lines
}

/// What one has and the other has not, key by key; what is the same is counted.
fn differ(
    lines: &mut Vec<Line>,
    title: &str,
    between: &str,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) {
    let mut say = |class, text: String| lines.push(Line { class, text });
    say("", title.to_owned());
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut same = 0u64;
    for key in &keys {
        match (old.get(*key), new.get(*key)) {
            (a, b) if a == b => same += 1,
            (a, b) => {
                if let Some(value) = a {
                    say("del", format!("\u{2212} {key}{between}{value}"));
                }
                if let Some(value) = b {
                    say("add", format!("+ {key}{between}{value}"));
                }
            }
        }
    }
    let rest = match (keys.is_empty(), same) {
        (true, _) => "none".to_owned(),
        (false, 0) => return,
        (false, same) => format!("{} the same", Count(same)),
    };
    say("", format!("\u{2002} {rest}"));
}

/// The recipe as keys and values; of an original nothing. What only describes it is left out.
fn recipe(revision: &Revision) -> BTreeMap<String, String> {
    let mut lines = BTreeMap::new();
    if let Some(recipe) = &revision.recipe {
        flat(&recipe.config, "", &mut lines);
    }
    lines.remove("description");
    lines
}

/// `steps.0.global_config.nbits: 4`.
fn flat(value: &serde_json::Value, place: &str, lines: &mut BTreeMap<String, String>) {
    use serde_json::Value;
    let below = |key: &str| {
        if place.is_empty() {
            key.to_owned()
        } else {
            format!("{place}.{key}")
        }
    };
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| flat(value, &below(key), lines)),
        // One step alone needs no number.
        Value::Array(list) if list.len() == 1 && place == "steps" => {
            for one in list {
                flat(one, "", lines);
            }
        }
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(i, value)| flat(value, &below(&i.to_string()), lines)),
        Value::Null => {}
        Value::String(text) => drop(lines.insert(place.to_owned(), text.clone())),
        Value::Bool(_) | Value::Number(_) => {
            drop(lines.insert(place.to_owned(), value.to_string()));
        }
    }
}

fn metrics(comparison: &Comparison) -> Vec<Metric> {
    let rows = comparison.accuracy.iter().chain(&comparison.latency);
    rows.map(|m| Metric {
        name: format!("{}, {}", m.metric, m.unit),
        on: m.on.clone(),
        a: number(m.value.a),
        b: number(m.value.b),
    })
    .collect()
}

/// Those found, in order; what has no number comes last.
fn arrange<'w>(all: &'w [WeightComparison], search: &str, sort: Sort) -> Vec<&'w WeightComparison> {
    let words = search.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&words);
    let mut found: Vec<&WeightComparison> = all
        .iter()
        .filter(|w| has(&w.name) || has(&w.representation.a) || has(&w.representation.b))
        .collect();
    let key = |w: &WeightComparison| match sort.column {
        Column::Name => None,
        Column::Bytes => Some(super::marks::float(w.bytes.b)),
        Column::BytesBefore => Some(super::marks::float(w.bytes.a)),
        Column::SnrDb => w.snr_db,
        Column::MaxAbs => w.max_abs,
    };
    let turn = |order: std::cmp::Ordering| {
        if sort.descending {
            order.reverse()
        } else {
            order
        }
    };
    found.sort_by(|a, b| match (key(a), key(b)) {
        (Some(x), Some(y)) => turn(x.total_cmp(&y)),
        (Some(_), None) => std::cmp::Ordering::Less,
        (None, Some(_)) => std::cmp::Ordering::Greater,
        (None, None) if sort.column == Column::Name => turn(a.name.cmp(&b.name)),
        (None, None) => std::cmp::Ordering::Equal,
    });
    found
}

fn row(revision: &str, w: &WeightComparison, largest: u64) -> Row {
    let class = temper(&w.representation.b);
    Row {
        href: weight_path(revision, &w.function, &w.name),
        name: w.name.clone(),
        snr: w.snr_db.map(Snr::new),
        old: (temper(&w.representation.a), w.representation.a.clone()),
        new: (class, w.representation.b.clone()),
        before: Bytes(w.bytes.a),
        now: Bytes(w.bytes.b),
        bar: Moved {
            class,
            now: w.bytes.b,
            was: w.bytes.a,
            whole: largest,
        },
        error: w.max_abs.map(number),
    }
}
