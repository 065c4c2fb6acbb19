//! Two revisions in one look: their bytes by representation on one scale, and every weight that differs on a scale of
//! noise.

use std::collections::BTreeMap;

use api::comparison::{Comparison, Pair};

use super::charts::temper;
use super::history::{self, History};
use super::marks::float;
use super::scatter::{Tick, ticks};

/// Dots that are drawn; the table has them all.
const MOST_DOTS: usize = 400;
/// Height of the strip above its axis.
const STRIP: f64 = 76.0;
/// Where the scale of decibels ends.
const MOST_DB: f64 = 70.0;

/// The pictures of a comparison.
#[derive(Debug)]
pub(super) struct Contrast {
    pub(super) history: History,
    pub(super) strip: Option<Strip>,
}

/// Weights as dots: to the right what kept its values, larger what has more bytes.
#[derive(Debug)]
pub(super) struct Strip {
    pub(super) finding: String,
    pub(super) dots: Vec<Dot>,
    pub(super) ticks: Vec<Tick>,
    /// How many are below the line.
    pub(super) low: usize,
    pub(super) all: usize,
}

/// A weight.
#[derive(Debug)]
pub(super) struct Dot {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) r: String,
    pub(super) class: &'static str,
    pub(super) title: String,
}

/// One of the two, as the bars name it.
pub(super) struct Side<'a> {
    pub(super) name: &'a str,
    pub(super) href: String,
    pub(super) size_bytes: u64,
}

/// Of a comparison.
pub(super) fn of(sides: [Side<'_>; 2], comparison: &Comparison) -> Contrast {
    let bytes: [fn(&Pair<u64>) -> u64; 2] = [|pair| pair.a, |pair| pair.b];
    let forms: [fn(&Pair<String>) -> &String; 2] = [|pair| &pair.a, |pair| &pair.b];
    let mut bars = Vec::new();
    for ((side, bytes), form) in sides.into_iter().zip(bytes).zip(forms) {
        let mut sums: BTreeMap<&String, u64> = BTreeMap::new();
        for weight in &comparison.weights {
            *sums.entry(form(&weight.representation)).or_default() += bytes(&weight.bytes);
        }
        bars.push(history::Bar {
            name: side.name.to_owned(),
            href: side.href,
            size_bytes: side.size_bytes,
            forms: sums
                .into_iter()
                .map(|(form, sum)| (form.clone(), sum))
                .collect(),
            snr_db: None,
        });
    }
    Contrast {
        history: history::sizes(&bars),
        strip: strip(comparison),
    }
}

fn strip(comparison: &Comparison) -> Option<Strip> {
    let mut all: Vec<_> = comparison
        .weights
        .iter()
        .filter_map(|weight| Some((weight, weight.snr_db?)))
        .collect();
    all.sort_by_key(|(weight, _)| std::cmp::Reverse(weight.bytes.a.max(weight.bytes.b)));
    let largest = all.first().map(|(w, _)| w.bytes.a.max(w.bytes.b))?;
    let low = all
        .iter()
        .filter(|(_, db)| *db < super::charts::BELOW_DB)
        .count();
    let place = |db: f64| (db / MOST_DB).clamp(0.0, 1.0) * 100.0;
    let dots = all
        .iter()
        .zip(0_u32..)
        .take(MOST_DOTS)
        .map(|((weight, db), row)| {
            let share = float(weight.bytes.a.max(weight.bytes.b)) / float(largest.max(1));
            Dot {
                x: format!("{:.2}", place(*db)),
                // Spread upright, so that equal ones can be told apart.
                y: format!("{:.1}", 14.0 + f64::from((row * 29) % 50)),
                r: format!("{:.1}", 2.5 + 5.5 * share.sqrt()),
                class: temper(&weight.representation.b),
                title: format!("{}: {db:.1} dB, {}", weight.name, weight.representation.b),
            }
        });
    let dots = dots.collect();
    Some(Strip {
        finding: format!("{low} of {} weights that differ are below 30 dB", all.len()),
        dots,
        ticks: ticks(10.0, MOST_DB, place),
        low,
        all: all.len(),
    })
}

impl Strip {
    /// Height above the axis.
    #[expect(
        clippy::unused_self,
        reason = "templates have a strip and no constants"
    )]
    pub(super) fn height(&self) -> f64 {
        STRIP
    }
}
