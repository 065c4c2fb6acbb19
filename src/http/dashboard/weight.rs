//! One weight: what compression did to its values, drawn, and the same in a table.

use std::sync::Arc;

use api::ids::RevisionId;
use api::weights::{Histogram, ParameterRange, Statistics, WeightDetail, WeightRow};
use askama::Template;
use axum::extract::State;

use super::charts::{After, Values, number, temper};
use super::frame::{Frame, Section};
use super::marks::{Bytes, Count, Decibels};
use super::revision::{Known, known, title};
use super::revision_parts::{decibels, times};
use super::sentence::Sentence;
use super::show;
use super::visitor::Visitor;
use super::weight_table::{shape, weight_path};
use super::{charts, marks};
use crate::app::App;
use crate::app::weights::{self, WeightName};
use crate::http::answer::Answer;
use crate::http::extract::{At2, Params};
use crate::http::router::BASE;

#[derive(Template)]
#[template(path = "weight.html")]
struct WeightPage<'a> {
    frame: Frame,
    detail: &'a WeightDetail,
    revision: String,
    parent: Option<String>,
    shape: String,
    class: &'static str,
    answer: Sentence,
    chart: Values<'a>,
    note: String,
    figures: Vec<Figure>,
    stored: Vec<(&'static str, String)>,
    bins: Vec<Bin>,
    entries: Vec<(String, Count)>,
    error: String,
    previous: Option<Neighbour>,
    next: Option<Neighbour>,
    json: String,
    program: String,
}

/// The weight before or after in the program.
struct Neighbour {
    href: String,
    name: String,
}

/// A row of the statistics.
struct Figure {
    what: &'static str,
    before: Option<String>,
    now: String,
}

/// A row of the histogram's table.
struct Bin {
    from: String,
    to: String,
    before: Option<Count>,
    now: Count,
}

/// `GET /revisions/{id}/weights/{name}`.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    At2(id, name): At2<RevisionId, WeightName>,
    mut params: Params,
) -> Answer {
    let function = params.take::<String>("function")?;
    params.finish()?;
    let caller = visitor.caller();
    let detail = weights::get(&app, caller, id, name, function).await?;
    let known = known(&app, caller, id).await?;
    show::page(&compose(&visitor, &known, &detail))
}

fn compose<'a>(visitor: &Visitor, known: &Known, detail: &'a WeightDetail) -> WeightPage<'a> {
    let revision = &known.revision;
    let id = revision.id.to_string();
    let own = known
        .weights
        .iter()
        .position(|w| w.name == detail.name && w.function == detail.function);
    let neighbour = |row: &WeightRow| Neighbour {
        href: weight_path(&id, &row.function, &row.name),
        name: row.name.clone(),
    };
    let at = |index: Option<usize>| index.and_then(|i| known.weights.get(i)).map(neighbour);
    let row = own.and_then(|i| known.weights.get(i));
    let query = |key: &str| {
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("function", &detail.function)
            .append_pair(key, &detail.name)
            .finish()
    };
    let name = charts::percent_encoded(&detail.name);
    WeightPage {
        frame: Frame::new(visitor, Section::Models, &detail.name)
            .crumb("Models", Some("/models".to_owned()))
            .crumb(
                revision.model.to_string(),
                Some(format!("/models/{}", revision.model)),
            )
            .crumb(title(revision), Some(format!("/revisions/{id}")))
            .crumb("Weights", Some(format!("/revisions/{id}#weights")))
            .crumb(marks_shortened(&detail.name), None),
        answer: answer(detail, row),
        chart: chart(detail),
        note: note(detail),
        figures: figures(detail),
        stored: stored(detail),
        bins: bins(detail),
        entries: entries(detail),
        error: detail
            .before
            .as_ref()
            .and_then(|b| b.max_abs)
            .map_or_else(|| "0".to_owned(), number),
        shape: shape(&detail.shape),
        class: temper(&detail.representation),
        parent: detail
            .before
            .as_ref()
            .and_then(|b| b.revision_id)
            .map(|p| p.to_string()),
        previous: at(own.and_then(|i| i.checked_sub(1))),
        next: at(own.map(|i| i + 1)),
        json: format!(
            "{BASE}/revisions/{id}/weights/{name}?{}",
            query("x").split("&x=").next().unwrap_or_default()
        ),
        program: format!("/revisions/{id}/program?{}", query("q")),
        revision: id,
        detail,
    }
}

fn marks_shortened(name: &str) -> String {
    super::models::shortened(name, 48)
}

/// What happened to it, in one sentence.
fn answer(detail: &WeightDetail, row: Option<&WeightRow>) -> Sentence {
    let size = Bytes(detail.bytes).words();
    let sentence = Sentence::default()
        .say("Stored as ")
        .strong(&detail.representation)
        .say(", ")
        .strong(&size);
    if let Some(why) = row.and_then(|row| row.left_because.as_ref()) {
        return sentence.say(format!(" as before. The recipe left it: {why}."));
    }
    let Some(before) = &detail.before else {
        let s = &detail.statistics;
        return match (s.min, s.max) {
            (Some(min), Some(max)) => sentence.say(format!(
                ": {} between {} and {}.",
                marks::plural(s.count, "value"),
                number(min),
                number(max)
            )),
            _ => sentence.say(": no finite value."),
        };
    };
    let smaller = times(before.bytes, detail.bytes);
    let sentence = sentence.say(format!(", {smaller} in the parent"));
    match (before.snr_db, before.max_abs) {
        (Some(db), Some(error)) => sentence
            .say(", at ")
            .strong(decibels(db))
            .say(format!("; the largest error is {}.", number(error))),
        _ if detail.statistics == before.statistics => sentence.say("; every value is the same."),
        _ => sentence.say("; the error has no finite size."),
    }
}

fn chart(detail: &WeightDetail) -> Values<'_> {
    let count = marks::plural(detail.statistics.count, "value");
    let Some(before) = &detail.before else {
        return Values {
            title: format!("{count} as a histogram"),
            before: &detail.histogram,
            after: After::Alone,
            class: temper(&detail.representation),
        };
    };
    let after = match &detail.palette {
        Some(palette) if !palette.entries.is_empty() => After::Palette(&palette.entries),
        Some(_) | None => After::Counts(&detail.histogram),
    };
    let became = match after {
        After::Palette(entries) => format!("and the {} palette entries after", entries.len()),
        After::Alone | After::Counts(_) => "and the same after".to_owned(),
    };
    Values {
        title: format!("{count} before as a histogram, {became}"),
        before: &before.histogram,
        after,
        class: temper(&detail.representation),
    }
}

/// What the picture does not show.
fn note(detail: &WeightDetail) -> String {
    let mut told = Vec::new();
    let shown = detail
        .before
        .as_ref()
        .map_or(&detail.histogram, |b| &b.histogram);
    let statistics = detail
        .before
        .as_ref()
        .map_or(&detail.statistics, |b| &b.statistics);
    if shown.below + shown.above > 0 {
        told.push(format!(
            "{} beyond the axis: {} below, {} above.",
            marks::plural(shown.below + shown.above, "value"),
            Count(shown.below),
            Count(shown.above)
        ));
    }
    let no_number = statistics.nan + statistics.infinite;
    if no_number > 0 {
        told.push(format!(
            "{} not a number and {} infinite, not drawn.",
            Count(statistics.nan),
            Count(statistics.infinite)
        ));
    }
    let far = detail
        .palette
        .iter()
        .flat_map(|p| &p.entries)
        .filter(|entry| entry.value.is_none_or(|v| v < shown.from || v > shown.to));
    let (mut entries, mut served) = (0u64, 0);
    for entry in far {
        entries += 1;
        served += entry.count;
    }
    if entries > 0 {
        told.push(format!(
            "{} far beyond the axis, for {} of {} values.",
            marks::plural(entries, "palette entry").replace("entrys", "entries"),
            Count(served),
            Count(detail.statistics.count)
        ));
    }
    told.join(" ")
}

fn figures(detail: &WeightDetail) -> Vec<Figure> {
    type Read = fn(&Statistics) -> String;
    let value = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), number);
    let own = &detail.statistics;
    let before = detail.before.as_ref().map(|b| &b.statistics);
    let counts: [(&'static str, Read); 4] = [
        ("Values", |s| Count(s.count).to_string()),
        ("Zeros", zeros),
        ("Not a number", |s| Count(s.nan).to_string()),
        ("Infinite", |s| Count(s.infinite).to_string()),
    ];
    let figure = |what, read: &dyn Fn(&Statistics) -> String| Figure {
        what,
        before: before.map(read),
        now: read(own),
    };
    let mut all = vec![
        figure("Smallest", &|s| value(s.min)),
        figure("Largest", &|s| value(s.max)),
        figure("Mean", &|s| value(s.mean)),
        figure("Standard deviation", &|s| value(s.sd)),
    ];
    all.extend(counts.iter().map(|(what, read)| figure(what, read)));
    all
}

fn zeros(s: &Statistics) -> String {
    let share = marks::float(s.zeros) / marks::float(s.count.max(1)) * 100.0;
    format!("{} ({share:.0}\u{202f}%)", Count(s.zeros))
}

/// How it is stored, beyond its name.
fn stored(detail: &WeightDetail) -> Vec<(&'static str, String)> {
    let range = |p: &ParameterRange| {
        let ends = match (p.min, p.max) {
            (Some(min), Some(max)) if p.count > 1 => format!("{} to {}", number(min), number(max)),
            (Some(one), _) => number(one),
            _ => "none finite".to_owned(),
        };
        format!(
            "{ends}, {} of {}, {}",
            Count(p.count),
            p.dtype,
            shape(&p.shape)
        )
    };
    let mut rows = vec![("values read as", detail.dtype.clone())];
    if let Some(palette) = &detail.palette {
        let tables = marks::plural(palette.tables, "table");
        let vector = match palette.vector_size {
            1 => String::new(),
            size => format!(" of {size} values"),
        };
        rows.push((
            "palette",
            format!(
                "{tables} with {} entries{vector}",
                palette.entries_per_table
            ),
        ));
    }
    rows.extend(detail.scale.as_ref().map(|p| ("scale", range(p))));
    rows.extend(detail.offset.as_ref().map(|p| ("offset", range(p))));
    rows.extend(
        detail
            .sparsity
            .map(|s| ("left out by the mask", format!("{:.0}\u{202f}%", s * 100.0))),
    );
    rows.push(("read by", detail.users.join(", ")));
    rows
}

fn entries(detail: &WeightDetail) -> Vec<(String, Count)> {
    let value = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), number);
    let all = detail.palette.iter().flat_map(|palette| &palette.entries);
    all.map(|entry| (value(entry.value), Count(entry.count)))
        .collect()
}

fn bins(detail: &WeightDetail) -> Vec<Bin> {
    let own = &detail.histogram;
    let before: Option<&Histogram> = detail.before.as_ref().map(|b| &b.histogram);
    let step = (own.to - own.from) / marks::float(own.counts.len().max(1) as u64);
    let edge = |i: usize| number(own.from + step * marks::float(i as u64));
    let rows = own.counts.iter().enumerate().map(|(i, now)| Bin {
        from: edge(i),
        to: edge(i + 1),
        before: before.and_then(|h| h.counts.get(i).copied()).map(Count),
        now: Count(*now),
    });
    rows.collect()
}
