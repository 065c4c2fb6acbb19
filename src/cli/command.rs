//! The command tree, and the one way through it: parse, run, end.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use super::exit::{Exit, Failure, one_line};
use super::output::Output;
use super::{pull, push, wait};

/// Makes Core ML models small, fast and still right: on this machine, or as a service
#[derive(Debug, Parser)]
#[command(
    name = "coreanvil",
    version,
    propagate_version = true,
    max_term_width = 100
)]
pub(super) struct Cli {
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
#[command(disable_help_subcommand = true)]
enum Command {
    Push(push::Push),
    Wait(wait::Wait),
    Pull(pull::Pull),
}

/// Runs the command line of this process to its end.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let output = Output::new(cli.json);
    let done = runtime().and_then(|runtime| {
        let done = runtime.block_on(cli.command.run(output));
        runtime.shutdown_background();
        done
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            Output::failure(&failure);
            failure.exit.into()
        }
    }
}

impl Command {
    async fn run(self, output: Output) -> Result<(), Failure> {
        match self {
            Self::Push(command) => command.run(output).await,
            Self::Wait(command) => command.run(output).await,
            Self::Pull(command) => command.run(output).await,
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Unavailable, format!("cannot start: threads: {error}")))
}

/// Help and version as clap prints them; what is wrong as one line of ours.
fn usage(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            drop(error.print());
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            drop(error.print());
            Exit::Usage.into()
        }
        _ => {
            let text = error.to_string();
            let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
            let first = lines
                .next()
                .unwrap_or_default()
                .trim_start_matches("error: ");
            let mut line = format!("wrong usage: {first}");
            let mut rest = lines.peekable();
            while let Some(more) = rest.next_if(|more| {
                !more.starts_with("Usage:")
                    && !more.starts_with("tip:")
                    && !more.starts_with("For more")
            }) {
                line = format!("{line} {more}");
            }
            let tip = rest.find_map(|more| more.strip_prefix("tip: ").map(str::to_owned));
            let hint = tip.unwrap_or_else(|| "add --help to see what the command takes".to_owned());
            Output::failure(&Failure::new(Exit::Usage, one_line(&line)).hint(hint));
            Exit::Usage.into()
        }
    }
}
