//! Small parts of pages: numbers, moments, states, bars, as HTML that needs no more escaping.
//!
//! How they look is decided here once: real minus, narrow no-break spaces, decimal units, the exact value in `title`.

use std::fmt::{self, Display, Formatter};

use api::jobs::{AttemptState, JobState};
use api::time::Time;
use askama::filters::HtmlSafe;

/// Narrow no-break space: between number and unit, and in thousands.
const THIN: char = '\u{202f}';

macro_rules! html {
    ($($name:ty),+ $(,)?) => { $(impl HtmlSafe for $name {})+ };
}

html!(Bytes, Count, Smaller, Bar, Mark, Ago, Took, Decibels);

/// Bytes in decimal units with three digits; the exact number in `title`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) u64);

impl Display for Bytes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (number, unit) = scaled(self.0);
        write!(
            f,
            "<data value=\"{}\" title=\"{}{THIN}bytes\">{number}<span class=\"u\">{THIN}{unit}</span></data>",
            self.0,
            grouped(self.0)
        )
    }
}

impl Bytes {
    /// Without markup, for sentences and titles.
    pub(crate) fn words(self) -> String {
        let (number, unit) = scaled(self.0);
        format!("{number}{THIN}{unit}")
    }
}

fn scaled(bytes: u64) -> (String, &'static str) {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return (bytes.to_string(), "B");
    }
    let mut value = float(bytes);
    let mut unit = "B";
    for next in UNITS {
        // 999.5 would round to four digits.
        if value < 999.5 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    (three_digits(value), unit)
}

/// `1.24`, `12.4`, `124`.
pub(crate) fn three_digits(value: f64) -> String {
    let digits = if value < 9.995 {
        2
    } else {
        usize::from(value < 99.95)
    };
    format!("{value:.digits$}")
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(crate) fn float(number: u64) -> f64 {
    number as f64
}

/// `16 938 765`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(THIN);
        }
        text.push(digit);
    }
    text
}

/// A number of things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count(pub(crate) u64);

impl Display for Count {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&grouped(self.0))
    }
}

/// How much smaller something became: `2.65× smaller`, never a ratio below 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Smaller {
    /// Bytes before.
    pub(crate) before: u64,
    /// Bytes after.
    pub(crate) after: u64,
}

impl Display for Smaller {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let times = |whole: u64, part: u64| three_digits(float(whole) / float(part.max(1)));
        match self.before.cmp(&self.after) {
            std::cmp::Ordering::Equal => f.write_str("same size"),
            std::cmp::Ordering::Greater => {
                write!(f, "{}× smaller", times(self.before, self.after))
            }
            std::cmp::Ordering::Less => write!(f, "{}× larger", times(self.after, self.before)),
        }
    }
}

/// A bar in a cell: a share of a whole, between 0 and 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bar {
    /// The share.
    pub(crate) share: f64,
    /// Class of the fill: `now`, or a representation.
    pub(crate) class: &'static str,
    /// What it says, for those who do not see it. Our own words only.
    pub(crate) label: String,
}

impl Display for Bar {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<svg class=\"bar\" role=\"img\" aria-label=\"{}\"><rect class=\"track\" width=\"100%\" height=\"8\" rx=\"1\"/>\
             <rect class=\"{}\" width=\"{:.2}%\" height=\"8\" rx=\"1\"/></svg>",
            self.label,
            self.class,
            self.share.clamp(0.0, 1.0) * 100.0
        )
    }
}

/// A bar for `part` of `whole` bytes.
pub(crate) fn bar_of(part: u64, whole: u64) -> Bar {
    let share = float(part) / float(whole.max(1));
    Bar {
        share,
        class: "now",
        label: format!("{:.0}{THIN}% of the original", share * 100.0),
    }
}

/// A state or verdict: shape, word, colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    class: &'static str,
    icon: &'static str,
    word: &'static str,
}

impl Mark {
    /// A state of a job.
    pub(crate) fn job(state: JobState) -> Self {
        let (class, icon) = match state {
            JobState::Queued => ("queued", "wait"),
            JobState::Running => ("running", "run"),
            JobState::Succeeded => ("succeeded", "ok"),
            JobState::Failed => ("failed", "bad"),
            JobState::Cancelled => ("cancelled", "stop"),
        };
        Self {
            class,
            icon,
            word: state.as_str(),
        }
    }

    /// A state of an attempt.
    pub(crate) fn attempt(state: AttemptState) -> Self {
        let (class, icon, word) = match state {
            AttemptState::Leased => ("running", "run", "running"),
            AttemptState::Succeeded => ("succeeded", "ok", "succeeded"),
            AttemptState::Failed => ("failed", "bad", "failed"),
            AttemptState::Cancelled => ("cancelled", "stop", "cancelled"),
            AttemptState::Lost => ("lost", "gone", "lost"),
        };
        Self { class, icon, word }
    }

    /// Anything else with one of the shapes of the layout.
    pub(crate) const fn new(class: &'static str, icon: &'static str, word: &'static str) -> Self {
        Self { class, icon, word }
    }
}

impl Display for Mark {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let live = if self.icon == "run" {
            " class=\"live\""
        } else {
            ""
        };
        let Self { class, icon, word } = self;
        write!(
            f,
            "<span class=\"state {class}\"><svg aria-hidden=\"true\"{live}><use href=\"#{icon}\"/></svg>{word}</span>"
        )
    }
}

/// A moment: relative under a day, else a date; exact in `title` and `datetime`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ago {
    /// The moment.
    pub(crate) at: Time,
    /// Seen from here.
    pub(crate) now: Time,
}

impl Ago {
    /// Without markup.
    pub(crate) fn words(self) -> String {
        let seconds = (self.now.unix_ms() - self.at.unix_ms()).max(0) / 1000;
        match seconds {
            0..5 => "now".to_owned(),
            5..60 => format!("{seconds}{THIN}s ago"),
            60..3600 => format!("{}{THIN}min ago", seconds / 60),
            3600..86400 => format!("{}{THIN}h ago", seconds / 3600),
            _ => self.at.utc().format("%b %-d, %H:%M").to_string(),
        }
    }
}

impl Display for Ago {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let exact = self.at.utc().format("%Y-%m-%d %H:%M:%S UTC");
        let iso = self.at.utc().format("%Y-%m-%dT%H:%M:%SZ");
        write!(
            f,
            "<time datetime=\"{iso}\" title=\"{exact}\">{}</time>",
            self.words()
        )
    }
}

/// A duration in milliseconds, three digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Took(pub(crate) u64);

impl Took {
    /// Between two moments.
    pub(crate) fn between(from: Time, to: Time) -> Self {
        Self(u64::try_from(to.unix_ms() - from.unix_ms()).unwrap_or_default())
    }

    /// Number and unit.
    fn parts(self) -> (String, &'static str) {
        match self.0 {
            ms @ 0..1000 => (ms.to_string(), "ms"),
            ms @ 1000..100_000 => (three_digits(float(ms) / 1000.0), "s"),
            ms @ 100_000..6_000_000 => (three_digits(float(ms) / 60_000.0), "min"),
            ms => (three_digits(float(ms) / 3_600_000.0), "h"),
        }
    }

    /// Without markup.
    pub(crate) fn words(self) -> String {
        let (number, unit) = self.parts();
        format!("{number}{THIN}{unit}")
    }
}

impl Display for Took {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (number, unit) = self.parts();
        write!(f, "{number}<span class=\"u\">{THIN}{unit}</span>")
    }
}

/// A signal-to-noise ratio, or `exact`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Decibels(pub(crate) Option<f64>);

impl Display for Decibels {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(value) if value.is_finite() => {
                let text = format!("{value:.1}").replace('-', "\u{2212}");
                write!(f, "{text}<span class=\"u\">{THIN}dB</span>")
            }
            Some(_) | None => f.write_str("exact"),
        }
    }
}

/// The first letters of an id or digest: enough to tell it from its neighbours.
pub(crate) fn short(text: &str) -> String {
    let text = text.strip_prefix("sha256:").unwrap_or(text);
    text.chars().take(8).collect()
}

/// The part of a `UUIDv7` that differs between neighbours: its beginning is the time.
pub(crate) fn short_id(text: &str) -> String {
    text.rsplit('-')
        .next()
        .unwrap_or_default()
        .chars()
        .skip(4)
        .collect()
}

/// `1 job`, `2 jobs`.
pub(crate) fn plural(number: u64, noun: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} {noun}{s}", grouped(number))
}

/// `sha256:0123456789abcdef…` becomes its first twelve letters.
pub(crate) fn shortened_hash(text: &str) -> String {
    let text = text.strip_prefix("sha256:").unwrap_or(text);
    text.chars().take(12).collect()
}
