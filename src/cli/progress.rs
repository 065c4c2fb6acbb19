//! Progress bars on standard error, and only where that is a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::Output;

/// A bar that counts bytes of a transfer.
pub(crate) fn transfer(output: Output, what: &'static str, size_bytes: Option<u64>) -> ProgressBar {
    let bar = bar(output, size_bytes.unwrap_or(0));
    style(
        &bar,
        "{prefix:>12} [{bar:30}] {bytes:>11} of {total_bytes:<11} {bytes_per_sec:>13} {eta:>4}",
    );
    bar.set_prefix(what);
    bar
}

/// A bar from 0 to 1 for work.
pub(crate) fn work(output: Output) -> ProgressBar {
    let bar = bar(output, STEPS);
    style(&bar, "{prefix:>12} [{bar:30}] {percent:>3} % {elapsed:>5}");
    bar
}

/// Steps of a bar for work.
const STEPS: u64 = 1000;

/// Moves a bar for work to a fraction of 0 to 1.
pub(crate) fn advance(bar: &ProgressBar, phase: &'static str, fraction: f64) {
    bar.set_prefix(phase);
    bar.set_position(steps(fraction));
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=1000"
)]
fn steps(fraction: f64) -> u64 {
    (fraction.clamp(0.0, 1.0) * 1000.0) as u64
}

fn bar(output: Output, length: u64) -> ProgressBar {
    let target = if output.progress {
        ProgressDrawTarget::stderr_with_hz(10)
    } else {
        ProgressDrawTarget::hidden()
    };
    ProgressBar::with_draw_target(Some(length), target)
}

fn style(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("█▌░"));
    }
}
