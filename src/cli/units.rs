//! Numbers as people read them: bytes, ratios, decibels, durations, shapes.

/// `1.24 MiB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    let mut value = float(count);
    let mut unit = "B";
    for next in UNITS {
        if value < 1023.995 {
            break;
        }
        value /= 1024.0;
        unit = next;
    }
    let digits = if value < 9.995 {
        2
    } else {
        usize::from(value < 99.95)
    };
    format!("{value:.digits$} {unit}")
}

/// `3.9× smaller`, `1.2× larger` or `same size`.
pub(crate) fn change(before: u64, after: u64) -> String {
    match before.cmp(&after) {
        std::cmp::Ordering::Greater => format!("{} smaller", times(before, after)),
        std::cmp::Ordering::Less => format!("{} larger", times(after, before)),
        std::cmp::Ordering::Equal => "same size".to_owned(),
    }
}

/// `3.94×`: how often `part` goes into `whole`.
pub(crate) fn times(whole: u64, part: u64) -> String {
    if part == 0 {
        return "–".to_owned();
    }
    format!("{:.2}×", float(whole) / float(part))
}

/// `41.3 dB`, or `exact` where nothing was lost.
pub(crate) fn decibels(snr_db: Option<f64>) -> String {
    match snr_db {
        Some(snr_db) if snr_db.is_finite() => format!("{snr_db:.1} dB"),
        Some(_) | None => "exact".to_owned(),
    }
}

/// `0.0123`, with three digits that count.
pub(crate) fn small(value: f64) -> String {
    if value == 0.0 {
        "0".to_owned()
    } else if (1e-4..1e6).contains(&value.abs()) {
        let digits = (2.0 - value.abs().log10().floor()).clamp(0.0, 7.0);
        format!("{value:.*}", whole(digits))
    } else {
        format!("{value:.2e}")
    }
}

/// `12 ms`, `3.4 s`, `2 min 5 s`.
pub(crate) fn duration_ms(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{:.1} s", float(ms) / 1000.0),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000),
    }
}

/// `12,345`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `64 × 3 × 3 × 3`, or `scalar`.
pub(crate) fn shape<T: ToString>(extents: &[T]) -> String {
    if extents.is_empty() {
        return "scalar".to_owned();
    }
    extents
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("×")
}

/// `1 weight`, `2 weights`.
pub(crate) fn plural(number: u64, noun: &str) -> String {
    format!(
        "{} {noun}{}",
        count(number),
        if number == 1 { "" } else { "s" }
    )
}

/// The text, or its beginning and end when it is longer than so many characters.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let back = most / 2;
    let front: String = text.chars().take(most.saturating_sub(back + 1)).collect();
    let end: String = text.chars().skip(length.saturating_sub(back)).collect();
    format!("{front}…{end}")
}

/// The middle value of a list, the lower one of two.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied()
}

/// As a float; sizes beyond 2⁵³ lose their last digits, which nobody reads.
#[expect(clippy::cast_precision_loss, reason = "shown with three digits")]
pub(crate) fn float(number: u64) -> f64 {
    number as f64
}

/// A small non-negative float as a number of digits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=7 by the caller"
)]
fn whole(digits: f64) -> usize {
    digits as usize
}
