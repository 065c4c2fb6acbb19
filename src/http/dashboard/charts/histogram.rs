//! Values of a weight: counts before as an area; after, the entries of its palette as stems, or its counts as a line.
//!
//! Heights are square roots, so that tails can be seen beside the peak; the axis says so.

use std::fmt::{self, Display, Formatter, Write as _};

use api::weights::{Histogram, PaletteEntry};
use askama::filters::HtmlSafe;

use super::svg::{escaped, number, place, ticks};

/// Height of the plot, and of the whole with its axis.
const PLOT: f64 = 250.0;
const WHOLE: u32 = 290;
/// Room above the highest.
const TOP: f64 = 14.0;

/// What the values became.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum After<'a> {
    /// Nothing: the weight is alone.
    Alone,
    /// The entries of a table.
    Palette(&'a [PaletteEntry]),
    /// Other values, counted over the same bins.
    Counts(&'a Histogram),
}

/// The chart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Values<'a> {
    /// What it says.
    pub(crate) title: String,
    /// Values before, or of the weight alone.
    pub(crate) before: &'a Histogram,
    /// What they became.
    pub(crate) after: After<'a>,
    /// Class of the representation that they have now.
    pub(crate) class: &'static str,
}

impl HtmlSafe for Values<'_> {}

impl Display for Values<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let scale = Scale::of(self);
        f.write_str("<div class=\"chart\">")?;
        scale.counts(f)?;
        write!(
            f,
            "<svg height=\"{WHOLE}\" role=\"img\" aria-labelledby=\"h-t\"><title id=\"h-t\">{}</title>",
            escaped(&self.title)
        )?;
        for count in scale.marks() {
            let y = place(scale.y(count));
            write!(
                f,
                "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"{y}\" y2=\"{y}\"/>"
            )?;
        }
        let area =
            "viewBox=\"0 0 1000 250\" preserveAspectRatio=\"none\" width=\"100%\" height=\"250\"";
        write!(
            f,
            "<svg {area}><path class=\"before\" d=\"{}z\"/>",
            scale.outline(self.before)
        )?;
        if let After::Counts(counts) = self.after {
            write!(
                f,
                "<path class=\"after-line s-{}\" d=\"{}\"/>",
                self.class,
                scale.outline(counts)
            )?;
        }
        f.write_str("</svg>")?;
        write!(
            f,
            "<line class=\"axis\" x1=\"0\" x2=\"100%\" y1=\"{PLOT}\" y2=\"{PLOT}\"/>"
        )?;
        if let After::Palette(entries) = self.after {
            scale.stems(f, self, entries)?;
        }
        scale.axis(f)?;
        f.write_str("</svg></div>")
    }
}

struct Scale {
    from: f64,
    to: f64,
    most: f64,
}

#[expect(clippy::cast_precision_loss, reason = "counts become heights")]
impl Scale {
    fn of(chart: &Values<'_>) -> Self {
        let highest = |h: &Histogram| h.counts.iter().copied().max().unwrap_or(0);
        let after = match chart.after {
            After::Alone | After::Palette(_) => 0,
            After::Counts(counts) => highest(counts),
        };
        Self {
            from: chart.before.from,
            to: chart.before.to,
            most: highest(chart.before).max(after).max(1) as f64,
        }
    }

    fn x(&self, value: f64) -> f64 {
        (value - self.from) / (self.to - self.from)
    }

    /// Square roots: a tenth of the height is a hundredth of the count. What is higher than the highest is cut.
    fn y(&self, count: f64) -> f64 {
        PLOT - (PLOT - TOP) * (count / self.most).min(1.0).sqrt()
    }

    fn marks(&self) -> [f64; 3] {
        [self.most * 0.1, self.most * 0.5, self.most]
    }

    fn counts(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<svg class=\"y\" height=\"{WHOLE}\" aria-hidden=\"true\">"
        )?;
        for count in self.marks() {
            let y = place(self.y(count) + 4.0);
            write!(
                f,
                "<text class=\"e\" x=\"36\" y=\"{y}\">{}</text>",
                short(count)
            )?;
        }
        f.write_str("</svg>")
    }

    fn outline(&self, h: &Histogram) -> String {
        let mut path = format!("M0 {PLOT}");
        let bins = h.counts.len().max(1) as f64;
        for (i, count) in h.counts.iter().enumerate() {
            let y = format!("{:.1}", self.y(*count as f64));
            let x = ((i + 1) as f64 / bins * 1000.0).round();
            let _written = write!(path, "V{y}H{x}");
        }
        let _written = write!(path, "V{PLOT}");
        path
    }

    /// An entry stands on the values that it serves: its head lies on the outline, since its own count is one of other
    /// bins and would need an axis of its own.
    fn stems(
        &self,
        f: &mut Formatter<'_>,
        chart: &Values<'_>,
        entries: &[PaletteEntry],
    ) -> fmt::Result {
        let (counts, class) = (&chart.before.counts, chart.class);
        for entry in entries {
            let Some(value) = entry.value.filter(|v| (self.from..=self.to).contains(v)) else {
                continue;
            };
            let share = self.x(value);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a place on the axis"
            )]
            let bin = (share * counts.len() as f64) as usize;
            let count = counts
                .get(bin.min(counts.len().saturating_sub(1)))
                .copied()
                .unwrap_or(0);
            let x = place(share * 100.0);
            let y = place(self.y(count as f64));
            write!(
                f,
                "<line class=\"stem s-{class}\" x1=\"{x}%\" x2=\"{x}%\" y1=\"{PLOT}\" y2=\"{y}\"/>\
                 <circle class=\"head-dot {class}\" cx=\"{x}%\" cy=\"{y}\" r=\"3.5\"/>"
            )?;
        }
        Ok(())
    }

    fn axis(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let marks = ticks(self.from, self.to, 7.0);
        let step = marks
            .iter()
            .skip(1)
            .zip(&marks)
            .map(|(b, a)| b - a)
            .next()
            .unwrap_or(1.0);
        for (i, tick) in marks.into_iter().enumerate() {
            let x = self.x(tick) * 100.0;
            // At the very ends the words would leave the box.
            if !(4.0..=96.0).contains(&x) {
                continue;
            }
            let wide = if i % 2 == 1 { " wide" } else { "" };
            let text = on_axis(tick, step);
            write!(
                f,
                "<text class=\"m{wide}\" x=\"{}%\" y=\"268\">{text}</text>",
                place(x)
            )?;
        }
        f.write_str("<text class=\"e lab\" x=\"100%\" y=\"286\">weight value; heights are square roots</text>")
    }
}

/// As many decimals as the step has.
fn on_axis(value: f64, step: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a few decimals"
    )]
    let decimals = (-step.log10().floor()).max(0.0) as usize;
    if decimals > 4 || step >= 1e5 {
        return number(value);
    }
    let text = format!("{value:.decimals$}");
    let is_zero = text.bytes().all(|b| matches!(b, b'-' | b'.' | b'0'));
    match (is_zero, value > 0.0) {
        (true, _) => "0".to_owned(),
        (false, true) => format!("+{text}"),
        (false, false) => text.replace('-', "\u{2212}"),
    }
}

/// `3.7k`, `19k`, `412`.
fn short(count: f64) -> String {
    let (value, unit) = match count {
        c if c < 1e3 => return format!("{c:.0}"),
        c if c < 1e6 => (c / 1e3, "k"),
        c => (c / 1e6, "M"),
    };
    let digits = usize::from(value < 9.95);
    format!("{value:.digits$}{unit}")
}
