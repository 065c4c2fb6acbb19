//! The report of a compression as a person likes to read it: sizes, signal-to-noise ratio, worst weights, what was left
//! and why.

use std::collections::BTreeMap;

use api::report::{Report, ReportRow};

use super::output::Output;
use super::units::{bytes, change, count, decibels, median, plural, shape, shortened, small};

/// Rows of the table of worst weights.
const WORST_ROWS: usize = 8;
/// Names that a line of left weights gives.
const LEFT_NAMES: usize = 4;
/// Characters of a name.
const NAME_WIDTH: usize = 48;

/// The whole text. `title` says what became what.
pub(crate) fn text(report: &Report, title: &str, took: &str, output: Output) -> String {
    let mut text = format!("{}\n\n", output.strong(title));
    for (name, value) in summary(report, took, output) {
        text.extend([
            "  ",
            &output.faint(&format!("{name:<10}")),
            " ",
            &value,
            "\n",
        ]);
    }
    let worst = worst(report);
    if !worst.is_empty() {
        text.extend(["\n", &output.strong(worst_title(report, &worst)), "\n"]);
        text.extend([&worst_table(&worst, output), "\n"]);
    }
    for (why, rows) in left(report) {
        let names: Vec<String> = rows
            .iter()
            .take(LEFT_NAMES)
            .map(|row| shortened(&row.name, NAME_WIDTH))
            .collect();
        let more = rows.len().saturating_sub(LEFT_NAMES);
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        let number = plural(u64::try_from(rows.len()).unwrap_or(u64::MAX), "weight");
        text.extend([format!("\n{} {number}: {why}\n", output.strong("left")).as_str()]);
        text.extend([
            "     ",
            &output.faint(&format!("{}{more}", names.join(", "))),
            "\n",
        ]);
    }
    for warning in &report.warnings {
        text.extend(["\nwarning: ", warning, "\n"]);
    }
    for name in &report.unmatched_overrides {
        text.extend([
            "\nwarning: the recipe's override for ",
            name,
            " matched nothing\n",
        ]);
    }
    text
}

/// `worst 38.1 dB, median 41.0 dB`; nothing where no weight lost anything.
pub(crate) fn snr(report: &Report) -> Option<(f64, f64)> {
    let values: Vec<f64> = report
        .rows
        .iter()
        .filter_map(|row| row.snr_db)
        .filter(|snr_db| snr_db.is_finite())
        .collect();
    let worst = values.iter().copied().min_by(f64::total_cmp)?;
    Some((worst, median(values)?))
}

/// Name and value of the lines at the top.
fn summary(report: &Report, took: &str, output: Output) -> Vec<(&'static str, String)> {
    let (before, after) = (report.size_bytes_before, report.size_bytes_after);
    let weights = report.weights;
    let target = &report.deployment_target;
    let mut lines = vec![
        (
            "size",
            format!(
                "{} → {}   {}",
                bytes(before),
                bytes(after),
                output.good(&change(before, after))
            ),
        ),
        (
            "weights",
            format!(
                "{} compressed, {} left, {} compressed before",
                count(weights.compressed),
                count(weights.left),
                count(weights.already_compressed)
            ),
        ),
    ];
    if let Some((worst, median)) = snr(report) {
        lines.push(("SNR", format!("worst {worst:.1} dB, median {median:.1} dB")));
    }
    lines.push((
        "runs on",
        if target.before == target.after {
            format!("{} and later, as before", target.after)
        } else {
            format!("{} and later; before: {}", target.after, target.before)
        },
    ));
    lines.push(("time", took.to_owned()));
    lines
}

/// The compressed weights, worst first, as many as the table has rows.
fn worst(report: &Report) -> Vec<&ReportRow> {
    let mut rows: Vec<&ReportRow> = report
        .rows
        .iter()
        .filter(|row| row.left_because.is_none() && row.old != row.new)
        .collect();
    rows.sort_by(|a, b| {
        let key = |row: &ReportRow| row.snr_db.unwrap_or(f64::INFINITY);
        key(a).total_cmp(&key(b))
    });
    rows.truncate(WORST_ROWS);
    rows
}

fn worst_title(report: &Report, shown: &[&ReportRow]) -> &'static str {
    let all = report.weights.compressed <= u64::try_from(shown.len()).unwrap_or(u64::MAX);
    if all {
        "weights, worst first"
    } else {
        "worst weights"
    }
}

fn worst_table(rows: &[&ReportRow], output: Output) -> String {
    let mut table = output.table(&[
        "weight",
        ">shape",
        "stored as",
        ">bytes",
        ">SNR",
        ">max |error|",
    ]);
    for row in rows {
        table.add_row([
            shortened(&row.name, NAME_WIDTH),
            shape(&row.shape),
            format!("{} → {}", row.old, row.new),
            format!("{} → {}", bytes(row.bytes_before), bytes(row.bytes_after)),
            decibels(row.snr_db),
            row.max_abs.map_or_else(|| "0".to_owned(), small),
        ]);
    }
    table.to_string()
}

/// What was left, by reason.
fn left(report: &Report) -> BTreeMap<&str, Vec<&ReportRow>> {
    let mut left: BTreeMap<&str, Vec<&ReportRow>> = BTreeMap::new();
    for row in &report.rows {
        if let Some(why) = &row.left_because {
            left.entry(why).or_default().push(row);
        }
    }
    left
}
