//! Size against signal-to-noise ratio, as a server-side picture: x in per cent, y in pixels, so that text keeps its size.

use super::marks::{float, three_digits};

/// Height of the field in pixels; above it is the row of what is exact.
const HEIGHT: f64 = 180.0;
/// Where the field begins.
const TOP: f64 = 34.0;

/// A revision to draw.
#[derive(Debug, Clone)]
pub(super) struct Dot {
    /// Its size.
    pub(super) size_bytes: u64,
    /// Its median ratio; none where nothing was changed.
    pub(super) snr_db: Option<f64>,
    /// Its recipe.
    pub(super) label: String,
    /// Its page.
    pub(super) href: String,
    /// Whether the page is about it.
    pub(super) this: bool,
}

/// A drawn revision.
#[derive(Debug, Clone)]
pub(super) struct Point {
    /// Per cent.
    pub(super) x: String,
    /// Pixels.
    pub(super) y: String,
    /// Baseline of the label.
    pub(super) text_y: String,
    /// Words of its title.
    pub(super) title: String,
    /// Label; empty where it would collide.
    pub(super) label: String,
    /// Whether the label stands left of the point.
    pub(super) left: bool,
    /// Its page.
    pub(super) href: String,
    /// Classes.
    pub(super) class: &'static str,
}

/// A line of the grid.
#[derive(Debug, Clone)]
pub(super) struct Tick {
    /// Per cent, or pixels.
    pub(super) at: String,
    /// Pixels of the text's baseline.
    pub(super) text_at: String,
    /// Its number.
    pub(super) text: String,
}

/// The picture.
#[derive(Debug, Clone)]
pub(super) struct Scatter {
    /// What it shows, in words.
    pub(super) finding: String,
    /// Unit of the x axis.
    pub(super) unit: &'static str,
    /// Points, the chosen one last.
    pub(super) points: Vec<Point>,
    /// Upright lines.
    pub(super) xs: Vec<Tick>,
    /// Level lines.
    pub(super) ys: Vec<Tick>,
}

/// Draws revisions.
pub(super) fn of(dots: &[Dot]) -> Scatter {
    let largest = dots.iter().map(|dot| dot.size_bytes).max().unwrap_or(1);
    let (unit, scale) = match largest {
        0..1_000_000 => ("kB", 1e3),
        1_000_000..1_000_000_000 => ("MB", 1e6),
        _ => ("GB", 1e9),
    };
    let step_x = step(float(largest) / scale * 1.08);
    let right = (float(largest) / scale * 1.08 / step_x).ceil() * step_x;
    let loudest = dots.iter().filter_map(|dot| dot.snr_db).fold(1.0, f64::max);
    let step_y = step(loudest);
    let upper = (loudest / step_y).ceil() * step_y;
    let mut sorted: Vec<&Dot> = dots.iter().collect();
    sorted.sort_by_key(|dot| (dot.this, dot.size_bytes));
    let mut labelled: Vec<(f64, f64)> = Vec::new();
    let mut points: Vec<Point> = sorted
        .iter()
        .rev()
        .map(|dot| {
            let x = float(dot.size_bytes) / scale / right * 100.0;
            let y = dot.snr_db.map_or(12.0, |db| {
                TOP + HEIGHT * (1.0 - (db / upper).clamp(0.0, 1.0))
            });
            let free = labelled
                .iter()
                .all(|(lx, ly)| (lx - x).abs() > 26.0 || (ly - y).abs() > 15.0);
            if free {
                labelled.push((x, y));
            }
            point(dot, x, y, free, scale, unit)
        })
        .collect();
    points.reverse();
    Scatter {
        finding: finding(dots),
        unit,
        points,
        xs: ticks(step_x, right, |value| value / right * 100.0),
        ys: ticks(step_y, upper, |value| TOP + HEIGHT * (1.0 - value / upper)),
    }
}

fn point(dot: &Dot, x: f64, y: f64, free: bool, scale: f64, unit: &str) -> Point {
    let size = three_digits(float(dot.size_bytes) / scale);
    let snr = dot
        .snr_db
        .map_or_else(|| "exact".to_owned(), |db| format!("{db:.1} dB"));
    Point {
        x: format!("{x:.2}"),
        y: format!("{y:.1}"),
        text_y: format!("{:.1}", y + 4.0),
        title: format!("{}: {size} {unit}, {snr}", dot.label),
        label: if free {
            dot.label.clone()
        } else {
            String::new()
        },
        left: x > 66.0,
        href: dot.href.clone(),
        class: match (dot.this, dot.snr_db.is_none()) {
            (true, _) => "pt this",
            (false, true) => "pt front",
            (false, false) => "pt",
        },
    }
}

fn finding(dots: &[Dot]) -> String {
    let best = dots
        .iter()
        .filter(|dot| dot.snr_db.is_some())
        .min_by_key(|dot| dot.size_bytes);
    best.map_or_else(String::new, |dot| {
        format!(
            "Size against median signal-to-noise ratio: {} is the smallest of {}",
            dot.label,
            dots.len()
        )
    })
}

/// 1, 2 or 5 times a power of ten, so that there are three to six of them.
fn step(range: f64) -> f64 {
    let rough = (range / 4.0).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(rough.log10().floor());
    let lead = rough / power;
    let factor = if lead <= 1.0 {
        1.0
    } else if lead <= 2.0 {
        2.0
    } else if lead <= 5.0 {
        5.0
    } else {
        10.0
    };
    factor * power
}

fn ticks(step: f64, end: f64, place: impl Fn(f64) -> f64) -> Vec<Tick> {
    let digits = if step >= 1.0 { 0 } else { 2 };
    (0..=10_u32)
        .map(|index| f64::from(index) * step)
        .take_while(|value| *value <= end * 1.0001)
        .map(|value| Tick {
            at: format!("{:.2}", place(value)),
            text_at: format!("{:.1}", place(value) + 4.0),
            text: format!("{value:.digits$}"),
        })
        .collect()
}
