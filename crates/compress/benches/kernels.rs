//! What the kernels cost: milliseconds and gigabytes of weights per second, one thread.
//!
//! `cargo bench -p compress`. The arrays are those of a small transformer: its embedding and one
//! of its matrices, halves with a bell-shaped distribution. Each row is the least of several runs.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a bench prints and measures time"
)]

use compress::kernel::half_bits::f32_to_f16;
use compress::kernel::linear::{CodeType, Mode, Scheme};
use compress::kernel::palettize::Widths;
use compress::kernel::{Compat, Floats, linear, palettize, prune};
use std::hint::black_box;
use std::time::Instant;

const RUNS: usize = 7;

fn never() -> bool {
    false
}

/// Bell-shaped halves from a counter.
fn weights(count: u64) -> Vec<u16> {
    let number = |i: u64| {
        let mut z = i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z ^ (z >> 31)
    };
    let bell = |i: u64| {
        let sum: u64 = (0..4).map(|part| (number(i) >> (16 * part)) & 0xffff).sum();
        (sum as f32 - 131_070.0) * 2f32.powi(-20)
    };
    (1..=count).map(|i| f32_to_f16(bell(i))).collect()
}

fn row(name: &str, bytes: usize, mut run: impl FnMut()) {
    let mut least = f64::INFINITY;
    for _ in 0..RUNS {
        let start = Instant::now();
        run();
        least = least.min(start.elapsed().as_secs_f64());
    }
    println!(
        "{name:<34} {:>9.3} ms {:>7.2} GB/s",
        least * 1e3,
        bytes as f64 / least / 1e9
    );
}

fn table(rows: usize, columns: usize) {
    let data = weights((rows * columns) as u64);
    let (w, shape, bytes) = (Floats::F16(&data), [rows, columns], data.len() * 2);
    println!("\n[{rows}, {columns}] halves, {:.1} MB", bytes as f64 / 1e6);
    let mut copy = vec![0u16; data.len()];
    row("copy", bytes, || copy.copy_from_slice(black_box(&data)));
    let schemes = [
        ("int8 symmetric", Mode::Symmetric, CodeType::Int8),
        ("uint8 asymmetric", Mode::Asymmetric, CodeType::Uint8),
    ];
    for (name, mode, codes) in schemes {
        let scheme = Scheme { mode, codes };
        for (axis_name, axis) in [
            ("per tensor", None),
            ("rows", Some(0)),
            ("columns", Some(1)),
        ] {
            row(&format!("{name}, {axis_name}"), bytes, || {
                black_box(
                    linear::quantize(w, &shape, axis, scheme, Compat::Mended, &never).is_ok(),
                );
            });
        }
    }
    for bits in [1, 2, 3, 4, 6, 8] {
        row(&format!("k-means, {bits} bits"), bytes, || {
            black_box(palettize::kmeans(w, bits, &never).is_ok());
        });
    }
    row("uniform, 4 bits", bytes, || {
        black_box(palettize::uniform(w, 4, &never).is_ok());
    });
    row("unique (too many values)", bytes, || {
        black_box(palettize::unique(w, Widths::All, &never).is_err());
    });
    row("prune to 50 %", bytes, || {
        black_box(prune::magnitude(w, 0.5, Compat::Mended, &never).is_ok());
    });
}

fn main() -> Result<(), rayon::ThreadPoolBuildError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    pool.install(|| {
        table(1536, 384);
        table(30_522, 384);
    });
    Ok(())
}
