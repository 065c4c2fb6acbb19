//! What all charts write: text that is escaped, numbers as the house writes them, ticks.

use std::fmt::Write as _;

/// Text between tags and in attributes.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            // What XML cannot hold even as a reference; browsers would show nothing or stop.
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// A path segment, whatever is in the name.
pub(crate) fn percent_encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _written = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// A coordinate: at most two decimals, no trailing zeros.
pub(super) fn place(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

/// A value with three digits, a real minus, and a power where it is far from 1.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    let text = if size == 0.0 {
        "0".to_owned()
    } else if (1e-3..1e5).contains(&size) {
        let whole = [10.0, 100.0, 1000.0]
            .iter()
            .filter(|&&limit| size >= limit)
            .count();
        let small = [1.0, 0.1, 0.01]
            .iter()
            .filter(|&&limit| size < limit)
            .count();
        let digits = (2 + small).saturating_sub(whole);
        format!("{value:.digits$}")
    } else {
        format!("{value:.2e}")
    };
    text.replace('-', "\u{2212}")
}

/// Round places between two ends, about `count` of them.
pub(super) fn ticks(from: f64, to: f64, count: f64) -> Vec<f64> {
    let span = to - from;
    if !(span.is_finite() && span > 0.0) {
        return Vec::new();
    }
    let raw = span / count;
    let power = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= raw)
        .unwrap_or(raw);
    let mut found = Vec::new();
    let mut at = (from / step).ceil();
    while at * step <= to && found.len() < 20 {
        found.push(at * step);
        at += 1.0;
    }
    found
}
