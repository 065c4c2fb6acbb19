//! Every revision on common scales, oldest first: its bytes by representation, and its noise beside them.

use std::collections::BTreeSet;

use super::charts::{Part, Stack, temper};
use super::marks::{Bytes, float};
use super::scatter::{Tick, step, ticks, unit};

/// Height of a row in pixels.
const ROW: u32 = 26;
/// Where the bars end and where the ratios stand, in per cent.
const BARS: f64 = 60.0;
const FROM: f64 = 68.0;
const TO: f64 = 97.0;
/// Where the scale of decibels ends.
const MOST_DB: f64 = 60.0;

/// A revision to draw.
#[derive(Debug, Clone)]
pub(super) struct Bar {
    /// Its recipe.
    pub(super) name: String,
    /// Its page.
    pub(super) href: String,
    /// Its size.
    pub(super) size_bytes: u64,
    /// Bytes of its weights by representation.
    pub(super) forms: Vec<(String, u64)>,
    /// Its median ratio; none where nothing was changed.
    pub(super) snr_db: Option<f64>,
}

impl Bar {
    /// Colours and shares of the size; what is no weight is left over.
    pub(super) fn parts(&self, whole: u64) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        for (form, bytes) in &self.forms {
            let (class, share) = (temper(form), float(*bytes) / float(whole.max(1)));
            match parts.iter_mut().find(|part| part.class == class) {
                Some(part) => part.share += share,
                None => parts.push(Part { class, share }),
            }
        }
        let known: u64 = self.forms.iter().map(|(_, bytes)| bytes).sum();
        let rest = self.size_bytes.saturating_sub(known);
        parts.push(Part {
            class: if known == 0 { "b16" } else { "was2" },
            share: float(rest) / float(whole.max(1)),
        });
        parts
    }

    /// The same in a cell of a table.
    pub(super) fn stack(&self, whole: u64) -> Stack {
        let share = float(self.size_bytes) / float(whole.max(1)) * 100.0;
        Stack {
            parts: self.parts(whole),
            label: format!("{share:.0}\u{202f}% of the largest"),
            tall: false,
        }
    }
}

/// A drawn row.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) title: String,
    pub(super) text_y: u32,
    pub(super) y: u32,
    /// Class, start and width in per cent.
    pub(super) parts: Vec<(&'static str, String, String)>,
    /// Where the ratio stands, per cent; the edge where nothing changed.
    pub(super) x: String,
    pub(super) middle: u32,
    pub(super) exact: bool,
}

/// The picture.
#[derive(Debug)]
pub(super) struct History {
    pub(super) lines: Vec<Line>,
    /// Where the axis is, pixels.
    pub(super) bottom: u32,
    pub(super) height: u32,
    pub(super) unit: &'static str,
    pub(super) sizes: Vec<Tick>,
    pub(super) ratios: Vec<Tick>,
    pub(super) key: Vec<(&'static str, &'static str)>,
    /// Whether no name is long.
    pub(super) narrow: bool,
}

/// Draws sizes alone, over the whole width.
pub(super) fn sizes(bars: &[Bar]) -> History {
    draw(bars, 97.0, Vec::new())
}

/// Draws them.
pub(super) fn of(bars: &[Bar]) -> History {
    let place = |db: f64| FROM + (TO - FROM) * (db / MOST_DB).clamp(0.0, 1.0);
    draw(bars, BARS, ticks(30.0, MOST_DB, place))
}

fn draw(bars: &[Bar], bars_end: f64, ratios: Vec<Tick>) -> History {
    let largest = bars.iter().map(|bar| bar.size_bytes).max().unwrap_or(1);
    let (unit, scale) = unit(largest);
    let end = float(largest) / scale;
    let bottom = ROW * u32::try_from(bars.len()).unwrap_or(0) + 4;
    History {
        lines: bars
            .iter()
            .zip(0..)
            .map(|(bar, row)| line(bar, row, largest, bars_end))
            .collect(),
        bottom,
        height: bottom + 40,
        unit,
        sizes: ticks(step(end * 1.4), end, |value| value / end * bars_end),
        ratios,
        key: key(bars),
        narrow: bars.iter().all(|bar| bar.name.chars().count() <= 14),
    }
}

fn line(bar: &Bar, row: u32, largest: u64, bars_end: f64) -> Line {
    let y = row * ROW + 5;
    let mut x = 0.0;
    let parts = bar.parts(largest).into_iter().map(|part| {
        let (from, width) = (x, part.share * bars_end);
        x += width;
        (part.class, format!("{from:.2}"), format!("{width:.2}"))
    });
    let parts = parts.collect();
    let place = |db: f64| FROM + (TO - FROM) * (db / MOST_DB).clamp(0.0, 1.0);
    let noise = bar
        .snr_db
        .map_or_else(|| "exact".to_owned(), |db| format!("median {db:.1} dB"));
    Line {
        name: bar.name.clone(),
        href: bar.href.clone(),
        title: format!("{}: {}, {noise}", bar.name, Bytes(bar.size_bytes).words()),
        text_y: y + 11,
        y,
        parts,
        x: format!("{:.2}", bar.snr_db.map_or(100.0, place)),
        middle: y + 7,
        exact: bar.snr_db.is_none(),
    }
}

/// The colours that are drawn, from many bits to few.
fn key(bars: &[Bar]) -> Vec<(&'static str, &'static str)> {
    let all = [
        ("b32", "32 bits"),
        ("b16", "16 bits"),
        ("b8", "8 bits"),
        ("b6", "6 bits"),
        ("b4", "3 or 4 bits"),
        ("b2", "2 bits"),
        ("b1", "1 bit, or sparse"),
        ("was2", "program and the rest"),
    ];
    let drawn: BTreeSet<&str> = bars
        .iter()
        .flat_map(|bar| bar.parts(1))
        .filter(|part| part.share > 0.0)
        .map(|part| part.class)
        .collect();
    all.into_iter()
        .filter(|(class, _)| drawn.contains(class))
        .collect()
}
