//! Small charts that stand in a cell or above a list: stacked bytes, a value on a scale, before and after.

use std::fmt::{self, Display, Formatter};

use askama::filters::HtmlSafe;

use super::svg::{escaped, place};
use super::temper::BELOW_DB;

/// Where the scale of decibels ends.
const SCALE_DB: f64 = 60.0;

/// A part of a whole.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Part {
    /// Class of the fill.
    pub(crate) class: &'static str,
    /// Its share of the bar, 0 to 1.
    pub(crate) share: f64,
}

/// A bar of parts, one after the other.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stack {
    /// The parts.
    pub(crate) parts: Vec<Part>,
    /// What it says.
    pub(crate) label: String,
    /// Above a list rather than in a cell.
    pub(crate) tall: bool,
}

impl HtmlSafe for Stack {}

impl Display for Stack {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (class, height) = if self.tall {
            ("bar tallbar", 20)
        } else {
            ("bar", 8)
        };
        let label = escaped(&self.label);
        write!(
            f,
            "<svg class=\"{class}\" role=\"img\" aria-label=\"{label}\">"
        )?;
        if !self.tall {
            write!(
                f,
                "<rect class=\"track\" width=\"100%\" height=\"{height}\" rx=\"1\"/>"
            )?;
        }
        let mut x = 0.0;
        for part in &self.parts {
            let width = part.share.clamp(0.0, 1.0 - x);
            if width > 0.0 {
                write!(
                    f,
                    "<rect class=\"{}\" x=\"{}%\" width=\"{}%\" height=\"{height}\"/>",
                    part.class,
                    place(x * 100.0),
                    place(width * 100.0)
                )?;
            }
            x += width;
        }
        f.write_str("</svg>")
    }
}

/// A signal-to-noise ratio on a scale of 0 to 60 dB with the line below which it is marked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Meter(pub(crate) f64);

impl HtmlSafe for Meter {}

impl Display for Meter {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<svg class=\"bar\" role=\"img\" aria-label=\"{:.1} dB of {SCALE_DB}\"><rect class=\"track\" width=\"100%\" height=\"8\" rx=\"1\"/>\
             <rect class=\"inkf\" width=\"{}%\" height=\"8\"/><line class=\"ref\" x1=\"{line}%\" x2=\"{line}%\" y1=\"-3\" y2=\"11\"/></svg>",
            self.0,
            place((self.0 / SCALE_DB).clamp(0.0, 1.0) * 100.0),
            line = place(BELOW_DB / SCALE_DB * 100.0),
        )
    }
}

/// Two values on one scale: bytes that were and bytes that are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moved {
    /// Class of what is.
    pub(crate) class: &'static str,
    /// What is.
    pub(crate) now: u64,
    /// What was; the same where nothing is known.
    pub(crate) was: u64,
    /// The end of the scale.
    pub(crate) whole: u64,
}

impl HtmlSafe for Moved {}

impl Display for Moved {
    #[expect(clippy::cast_precision_loss, reason = "shares of a bar")]
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let share = |bytes: u64| bytes as f64 / self.whole.max(1) as f64;
        let (now, was) = (share(self.now), share(self.was));
        let label = if self.was == self.now {
            format!("{:.0}\u{202f}% of the largest weight", now * 100.0)
        } else {
            format!(
                "{:.0}\u{202f}% of its bytes before",
                now / was.max(f64::MIN_POSITIVE) * 100.0
            )
        };
        let rest = Part {
            class: "was2",
            share: (was - now).max(0.0),
        };
        let own = Part {
            class: self.class,
            share: now,
        };
        let stack = Stack {
            parts: vec![own, rest],
            label,
            tall: false,
        };
        Display::fmt(&stack, f)
    }
}
