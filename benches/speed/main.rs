//! `cargo bench --bench speed -- queue|load …` — what the service does in a second, and how soon.
//!
//! One program, since each program is linked for minutes. `benches/run.py` runs it on both databases and makes the README's
//! table.
#![expect(
    clippy::print_stdout,
    reason = "a program that prints what it measured"
)]

mod figures;
mod load;
mod queue;

use std::error::Error;

use clap::{Parser, Subcommand};

/// What anything here returns.
type Done<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Measures the service
#[derive(Debug, Parser)]
struct Options {
    #[command(subcommand)]
    part: Part,
    /// Given by cargo
    #[arg(long, hide = true, global = true)]
    bench: bool,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Jobs a second, and how soon one begins
    Queue(queue::Options),
    /// Two hundred clients at once, on a server that runs
    Load(load::Options),
}

fn main() -> Done<()> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = tokio::runtime::Runtime::new()?;
    match Options::parse().part {
        Part::Queue(options) => runtime.block_on(queue::run(options)),
        Part::Load(options) => runtime.block_on(load::run(options)),
    }
}
