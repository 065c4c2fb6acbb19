//! The parts of a revision's page, from what the app says to what is shown. Pure.

use std::collections::BTreeMap;

use api::inspection::{FeatureInspection, Inspection};

use super::charts::{Part, Stack, temper};
use super::marks::{Bytes, Count, Smaller, float, plural, three_digits};
use super::revision::{Known, title};
use super::sentence::Sentence;
use crate::app::weights;

/// Thin space between number and unit.
const THIN: char = '\u{202f}';
/// Kinds of operations that are shown one by one.
const KINDS: usize = 12;

/// A figure at the top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tile {
    pub(super) name: &'static str,
    /// The figure as markup of our own.
    pub(super) figure: Sentence,
    pub(super) unit: String,
    pub(super) title: String,
    pub(super) why: String,
}

/// The lowest and the middle ratio of the weights that changed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ratios {
    pub(super) median_db: f64,
    pub(super) lowest_db: f64,
    pub(super) lowest: String,
    pub(super) count: u64,
}

/// Of pairs of name and decibels; the median of an even number is the lower of the middle two, one that is there.
pub(super) fn ratios<'a>(all: impl Iterator<Item = (&'a str, f64)>) -> Option<Ratios> {
    let mut all: Vec<(&str, f64)> = all.collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (lowest, lowest_db) = *all.first()?;
    let (_, median_db) = *all.get((all.len() - 1) / 2)?;
    Some(Ratios {
        median_db,
        lowest_db,
        lowest: lowest.to_owned(),
        count: all.len() as u64,
    })
}

fn own_ratios(known: &Known) -> Option<Ratios> {
    let rows = known.weights.iter();
    ratios(rows.filter_map(|row| row.snr_db.map(|db| (row.name.as_str(), db))))
}

/// `30.7 dB`.
pub(super) fn decibels(db: f64) -> String {
    format!("{db:.1}{THIN}dB").replace('-', "\u{2212}")
}

/// `2.65 times smaller than`, in words.
pub(super) fn times(before: u64, after: u64) -> String {
    let ratio = |whole: u64, part: u64| three_digits(float(whole) / float(part.max(1)));
    match before.cmp(&after) {
        std::cmp::Ordering::Equal => "as large as".to_owned(),
        std::cmp::Ordering::Greater => format!("{} times smaller than", ratio(before, after)),
        std::cmp::Ordering::Less => format!("{} times larger than", ratio(after, before)),
    }
}

/// What the page answers first.
pub(super) fn answer(known: &Known) -> Sentence {
    let revision = &known.revision;
    let size = Bytes(revision.size_bytes).words();
    let mut sentence = Sentence::default().strong(title(revision));
    if let Some(parent) = &known.parent {
        let times = times(parent.size_bytes, revision.size_bytes);
        sentence = sentence
            .say(" is ")
            .strong(format!("{size}, {times}"))
            .say(format!(" {}", title(parent)));
    } else {
        sentence = sentence.say(" is ").strong(size);
    }
    if known.inspection.functions.is_empty() {
        return sentence.say(format!(
            ". Its type is {}; coreanvil keeps and compares it, and looks inside ML Programs only. Convert the source with coremltools’ convert_to=\"mlprogram\" to compress it.",
            known.inspection.model_type
        ));
    }
    match own_ratios(known) {
        Some(ratios) => sentence
            .say(format!(
                ". Over the {} whose values changed the median SNR is ",
                plural(ratios.count, "weight")
            ))
            .strong(decibels(ratios.median_db))
            .say(", the lowest ")
            .strong(decibels(ratios.lowest_db))
            .say(" in ")
            .code(ratios.lowest)
            .say("."),
        None if known.parent.is_some() => sentence.say(", and no value of a weight changed."),
        None => sentence.say(format!(
            ": {} with {} parameters. Compress it to see what each recipe saves and costs.",
            plural(known.weights.len() as u64, "weight"),
            parameters(known.inspection.parameters)
        )),
    }
}

fn parameters(count: u64) -> String {
    let value = float(count);
    match count {
        0..1_000 => count.to_string(),
        1_000..1_000_000 => format!("{}{THIN}k", three_digits(value / 1e3)),
        1_000_000..1_000_000_000 => format!("{}{THIN}M", three_digits(value / 1e6)),
        _ => format!("{}{THIN}G", three_digits(value / 1e9)),
    }
}

/// The figures.
pub(super) fn tiles(known: &Known) -> Vec<Tile> {
    let revision = &known.revision;
    let tile = |name, figure: &str, unit: String, why: String| Tile {
        name,
        figure: Sentence::default().say(figure),
        unit,
        title: String::new(),
        why,
    };
    let words = Bytes(revision.size_bytes).words();
    let (number, unit) = words.split_once(THIN).unwrap_or((&words, ""));
    let mut size = tile("Size", number, unit.to_owned(), String::new());
    size.title = format!("{}{THIN}bytes", Count(revision.size_bytes));
    size.why = match &known.parent {
        Some(parent) => {
            let (before, after) = (parent.size_bytes, revision.size_bytes);
            format!("exact; {}", Smaller { before, after })
        }
        None => "exact, all files together".to_owned(),
    };
    let ratios = own_ratios(known);
    let snr = match &ratios {
        Some(r) => tile(
            "SNR, median weight",
            &format!("{:.1}", r.median_db).replace('-', "\u{2212}"),
            "dB".to_owned(),
            format!("lowest {}", decibels(r.lowest_db)),
        ),
        None if known.parent.is_some() => tile(
            "SNR, median weight",
            "–",
            String::new(),
            "no value changed".to_owned(),
        ),
        None => tile(
            "SNR, median weight",
            "–",
            String::new(),
            "an original has nothing to be compared with".to_owned(),
        ),
    };
    let all = known.weights.len() as u64;
    let changed = known
        .weights
        .iter()
        .filter(|row| weights::changed(row))
        .count() as u64;
    let counted = match (all, changed) {
        (0, _) => tile(
            "Weights",
            "–",
            String::new(),
            "only ML Programs are looked into".to_owned(),
        ),
        (_, 0) => tile(
            "Weights",
            &all.to_string(),
            String::new(),
            "none compressed by a job here".to_owned(),
        ),
        _ => tile(
            "Weights",
            &changed.to_string(),
            format!("of {all}"),
            format!("compressed; {} left", all - changed),
        ),
    };
    let requires = &known.inspection.requires;
    let runs = tile(
        "Runs on",
        &requires.ios,
        requires.macos.clone(),
        match &requires.opset {
            Some(opset) => format!("and later; operation set {opset}"),
            None => "and later".to_owned(),
        },
    );
    vec![size, snr, counted, runs]
}

/// A row of the interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Feature {
    pub(super) function: String,
    pub(super) name: String,
    pub(super) direction: &'static str,
    pub(super) shape: String,
    pub(super) kind: String,
}

/// Inputs, outputs and states, function by function.
pub(super) fn features(inspection: &Inspection) -> Vec<Feature> {
    let mut all = Vec::new();
    for function in &inspection.functions {
        for (direction, list) in [
            ("input", &function.inputs),
            ("output", &function.outputs),
            ("state", &function.states),
        ] {
            all.extend(list.iter().map(|f| feature(&function.name, direction, f)));
        }
    }
    all
}

fn feature(function: &str, direction: &'static str, f: &FeatureInspection) -> Feature {
    let extents: Vec<String> = f.shape.iter().map(i64::to_string).collect();
    let mut kind = f.kind.replace('_', "-");
    if let Some(dtype) = &f.dtype {
        kind = format!("{kind}, {dtype}");
    }
    if f.optional {
        kind.push_str(", optional");
    }
    let flexible = match f.flexibility.as_str() {
        "fixed" => "",
        "enumerated" => " or another listed",
        _ => " in a range",
    };
    Feature {
        function: function.to_owned(),
        name: f.name.clone(),
        direction,
        shape: format!("{}{flexible}", extents.join("×")),
        kind,
    }
}

/// What the table of the interface does not say.
pub(super) fn interface_note(inspection: &Inspection) -> String {
    let lists = || inspection.functions.iter();
    if inspection.functions.is_empty() {
        return String::new();
    }
    let states = lists().map(|f| f.states.len() as u64).sum::<u64>();
    let flexible = lists()
        .flat_map(|f| f.inputs.iter().chain(&f.outputs))
        .filter(|f| f.flexibility != "fixed")
        .count() as u64;
    let some = |count: u64, noun: &str| match count {
        0 => format!("no {noun}s"),
        count => plural(count, noun),
    };
    let functions = plural(inspection.functions.len() as u64, "function");
    let text = format!(
        "{}, {}, {functions}.",
        some(states, "state"),
        some(flexible, "flexible shape")
    );
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// Where the bytes are.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bytewise {
    pub(super) bar: Stack,
    pub(super) whole: Bytes,
    /// Class, what, bytes.
    pub(super) rows: Vec<(&'static str, String, Bytes)>,
    pub(super) rest: Option<Bytes>,
    pub(super) shared: bool,
}

/// By representation, the most first.
pub(super) fn bytewise(known: &Known) -> Bytewise {
    let mut by: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for row in &known.weights {
        let slot = by.entry(&row.representation).or_default();
        *slot = (slot.0 + row.bytes, slot.1 + 1);
    }
    let mut groups: Vec<(&str, u64, u64)> = by.into_iter().map(|(k, (b, n))| (k, b, n)).collect();
    groups.sort_by_key(|(_, bytes, _)| std::cmp::Reverse(*bytes));
    let size = known.revision.size_bytes;
    let sum: u64 = groups.iter().map(|(_, bytes, _)| bytes).sum();
    let whole = size.max(sum);
    let share = |bytes: u64| float(bytes) / float(whole.max(1));
    let parts = groups.iter().map(|(name, bytes, _)| Part {
        class: temper(name),
        share: share(*bytes),
    });
    let told = groups
        .iter()
        .map(|(name, bytes, _)| format!("{:.0}{THIN}% {name}", share(*bytes) * 100.0));
    let label = told.collect::<Vec<_>>().join(", ");
    Bytewise {
        bar: Stack {
            parts: parts.collect(),
            label: if label.is_empty() {
                "not looked into".to_owned()
            } else {
                label
            },
            tall: true,
        },
        whole: Bytes(size),
        rows: groups
            .iter()
            .map(|(name, bytes, count)| {
                let what = format!("{name}, {}", plural(*count, "weight"));
                (temper(name), what, Bytes(*bytes))
            })
            .collect(),
        rest: size.checked_sub(sum).map(Bytes),
        shared: sum > size,
    }
}

/// What it computes with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Operations {
    pub(super) count: u64,
    pub(super) kinds: u64,
    /// Type, count, bar.
    pub(super) rows: Vec<(String, Count, Stack)>,
    pub(super) more: u64,
    pub(super) more_count: u64,
}

/// Without constants and what makes weights dense; none where nothing was looked into.
pub(super) fn operations(inspection: &Inspection) -> Option<Operations> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for (kind, count) in inspection.functions.iter().flat_map(|f| &f.op_counts) {
        if kind != "const" && !kind.starts_with("constexpr_") {
            *counts.entry(kind).or_default() += count;
        }
    }
    let mut list: Vec<(&str, u64)> = counts.into_iter().collect();
    list.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let most = list.first()?.1;
    let count: u64 = list.iter().map(|(_, n)| n).sum();
    let row = |(kind, n): &(&str, u64)| {
        let bar = Stack {
            parts: vec![Part {
                class: "inkf",
                share: float(*n) / float(most.max(1)),
            }],
            label: format!("{n} of {count}"),
            tall: false,
        };
        ((*kind).to_owned(), Count(*n), bar)
    };
    let shown = list.len().min(KINDS);
    Some(Operations {
        count,
        kinds: list.len() as u64,
        rows: list[..shown].iter().map(row).collect(),
        more: (list.len() - shown) as u64,
        more_count: list[shown..].iter().map(|(_, n)| n).sum(),
    })
}
