//! Size against signal-to-noise ratio, as a server-side picture: x in per cent, y in pixels, so that text keeps its size.

use std::fmt::Write as _;

use super::marks::{float, three_digits};

/// Height of the field in pixels; above it is the row of what is exact.
const HEIGHT: f64 = 180.0;
/// Where the field begins.
const TOP: f64 = 34.0;
/// Where what is exact stands.
const EXACT: f64 = 14.0;
/// Width of a letter in per cent of a usual field.
const LETTER: f64 = 1.05;

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

impl Dot {
    fn height(&self) -> f64 {
        self.snr_db.unwrap_or(f64::INFINITY)
    }

    /// Whether nothing else is both smaller and less noisy.
    fn is_front(&self, all: &[Self]) -> bool {
        !all.iter().any(|other| {
            let as_good = other.size_bytes <= self.size_bytes && other.height() >= self.height();
            as_good && (other.size_bytes < self.size_bytes || other.height() > self.height())
        })
    }
}

/// The shape of a family of recipes, so that colour is not needed to tell them apart.
pub(super) fn shape(recipe: &str) -> &'static str {
    let families = [
        ("original", "sh-tri"),
        ("int", "sh-sq"),
        ("palettize", "sh-dot"),
        ("prune", "sh-dia"),
    ];
    let found = families.iter().find(|(start, _)| recipe.starts_with(start));
    found.map_or("sh-hex", |(_, shape)| shape)
}

/// Shapes and what they stand for, of those that are drawn.
fn key(dots: &[Dot]) -> Vec<(&'static str, &'static str)> {
    let all = [
        ("sh-tri", "original"),
        ("sh-sq", "quantize"),
        ("sh-dot", "palettize"),
        ("sh-dia", "prune"),
        ("sh-hex", "other"),
    ];
    let drawn = |one: &(&str, &str)| dots.iter().any(|dot| shape(&dot.label) == one.0);
    all.into_iter().filter(drawn).collect()
}

/// A drawn revision.
#[derive(Debug, Clone)]
pub(super) struct Point {
    /// Per cent.
    pub(super) x: String,
    /// Pixels.
    pub(super) y: String,
    /// Words of its title.
    pub(super) title: String,
    /// Its name, where there is room.
    pub(super) label: Option<Label>,
    /// Its page.
    pub(super) href: String,
    /// Classes.
    pub(super) class: &'static str,
    /// Id of its shape.
    pub(super) shape: &'static str,
}

/// A name beside a point.
#[derive(Debug, Clone)]
pub(super) struct Label {
    /// The name.
    pub(super) text: String,
    /// Pixels from the point.
    pub(super) dx: i32,
    /// Baseline, pixels.
    pub(super) y: String,
    /// Classes.
    pub(super) class: String,
}

/// A line of the grid.
#[derive(Debug, Clone)]
pub(super) struct Tick {
    /// Per cent or pixels.
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
    /// Steps along those that nothing beats, in thousandths and pixels.
    pub(super) front: String,
    /// Shapes and their meaning.
    pub(super) key: Vec<(&'static str, &'static str)>,
}

/// Where things are drawn.
struct Scales {
    right: f64,
    scale: f64,
    upper: f64,
    unit: &'static str,
}

impl Scales {
    fn x(&self, dot: &Dot) -> f64 {
        float(dot.size_bytes) / self.scale / self.right * 100.0
    }

    fn y(&self, dot: &Dot) -> f64 {
        let level = |db: f64| TOP + HEIGHT * (1.0 - (db / self.upper).clamp(0.0, 1.0));
        dot.snr_db.map_or(EXACT, level)
    }
}

/// Draws revisions.
pub(super) fn of(dots: &[Dot]) -> Scatter {
    let largest = dots.iter().map(|dot| dot.size_bytes).max().unwrap_or(1);
    let (unit, scale) = unit(largest);
    let step_x = step(float(largest) / scale * 1.04);
    let loudest = dots.iter().filter_map(|dot| dot.snr_db).fold(1.0, f64::max);
    let step_y = step(loudest);
    let scales = Scales {
        right: float(largest) / scale * 1.04,
        scale,
        upper: (loudest / step_y).ceil() * step_y,
        unit,
    };
    let (right, upper) = (scales.right, scales.upper);
    Scatter {
        finding: finding(dots),
        unit,
        points: points(dots, &scales),
        xs: ticks(step_x, right, |value| value / right * 100.0),
        ys: ticks(step_y, upper, |value| TOP + HEIGHT * (1.0 - value / upper)),
        front: front(dots, &scales),
        key: key(dots),
    }
}

/// Unit of an axis of bytes, and its bytes.
pub(super) fn unit(largest: u64) -> (&'static str, f64) {
    match largest {
        0..1_000_000 => ("kB", 1e3),
        1_000_000..1_000_000_000 => ("MB", 1e6),
        _ => ("GB", 1e9),
    }
}

fn points(dots: &[Dot], scales: &Scales) -> Vec<Point> {
    let mut sorted: Vec<&Dot> = dots.iter().collect();
    sorted.sort_by_key(|dot| (!dot.this, !dot.is_front(dots), dot.size_bytes));
    // What is drawn may not be written over.
    let mut taken: Vec<Area> = dots
        .iter()
        .map(|dot| Area::around(scales.x(dot), scales.y(dot)))
        .collect();
    let mut points: Vec<Point> = sorted
        .iter()
        .map(|dot| {
            let class = match (dot.this, dot.is_front(dots)) {
                (true, _) => "pt this",
                (false, true) => "pt front",
                (false, false) => "pt",
            };
            point(dot, class, scales, &mut taken)
        })
        .collect();
    points.reverse();
    points
}

/// A box, in per cent of a usual width and in pixels.
#[derive(Debug, Clone, Copy)]
struct Area {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Area {
    fn around(x: f64, y: f64) -> Self {
        Self {
            left: x - 0.9,
            right: x + 0.9,
            top: y - 5.0,
            bottom: y + 5.0,
        }
    }

    fn meets(self, other: Self) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }
}

fn point(dot: &Dot, class: &'static str, scales: &Scales, taken: &mut Vec<Area>) -> Point {
    let (x, y) = (scales.x(dot), scales.y(dot));
    let size = three_digits(float(dot.size_bytes) / scales.scale);
    let snr = dot
        .snr_db
        .map_or_else(|| "exact".to_owned(), |db| format!("{db:.1} dB"));
    let label =
        place(&dot.label, (x, y), class != "pt", taken).map(|(dx, baseline, anchor)| Label {
            text: dot.label.clone(),
            dx,
            y: format!("{baseline:.1}"),
            class: if dot.this {
                format!("{anchor} val")
            } else {
                format!("wide {anchor} lab")
            },
        });
    Point {
        x: format!("{x:.2}"),
        y: format!("{y:.1}"),
        title: format!("{}: {size} {}, {snr}", dot.label, scales.unit),
        label,
        href: dot.href.clone(),
        class,
        shape: shape(&dot.label),
    }
}

/// Where a name fits beside its point: offset, baseline, anchor.
fn place(
    text: &str,
    (x, y): (f64, f64),
    on_line: bool,
    taken: &mut Vec<Area>,
) -> Option<(i32, f64, &'static str)> {
    let letters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let wide = f64::from(letters) * LETTER;
    let mut sides = [
        (10, y + 4.0, "s", x + 1.8),
        (-10, y + 4.0, "e", x - 1.8 - wide),
        (0, y - 9.0, "m", x - wide / 2.0),
        (0, y + 18.0, "m", x - wide / 2.0),
    ];
    // The line of steps leaves its points to the right.
    if on_line {
        sides.swap(0, 1);
        sides[1..].rotate_left(1);
    }
    for (dx, baseline, anchor, left) in sides {
        let area = Area {
            left,
            right: left + wide,
            top: baseline - 10.0,
            bottom: baseline + 3.0,
        };
        let inside = area.left > -1.0 && area.right < 101.0 && area.top > 0.0;
        if inside && !taken.iter().any(|other| other.meets(area)) {
            taken.push(area);
            return Some((dx, baseline, anchor));
        }
    }
    None
}

/// From the smallest to the largest of those that nothing beats, as steps: between two of them one gets the lower.
fn front(dots: &[Dot], scales: &Scales) -> String {
    let mut all: Vec<&Dot> = dots.iter().filter(|dot| dot.is_front(dots)).collect();
    all.sort_by_key(|dot| dot.size_bytes);
    let mut path = String::new();
    for dot in all {
        let (x, y) = (scales.x(dot) * 10.0, scales.y(dot));
        if path.is_empty() {
            let _written = write!(path, "M{x:.1},{y:.1}");
        } else {
            let _written = write!(path, "H{x:.1}V{y:.1}");
        }
    }
    path
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
pub(super) fn step(range: f64) -> f64 {
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

pub(super) fn ticks(step: f64, end: f64, place: impl Fn(f64) -> f64) -> Vec<Tick> {
    let digits = if step >= 1.0 {
        0
    } else {
        1 + usize::from(step < 0.1)
    };
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
