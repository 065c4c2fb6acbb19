//! The command tree, and the one way through it: parse, run, end.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use super::exit::{Exit, Failure, one_line};
use super::output::Output;
use super::{
    backup, compress, decompress, doctor, inspect, migrate, pull, push, recipes, restore, serve,
    submit, sweep, token, wait, worker,
};

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
    Serve(serve::Serve),
    Worker(worker::Worker),
    Migrate(migrate::Migrate),
    Doctor(doctor::Doctor),
    Sweep(sweep::Sweep),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Token(token::Token),
    Inspect(inspect::Inspect),
    Compress(compress::Compress),
    Decompress(decompress::Decompress),
    Recipes(recipes::Recipes),
    Push(push::Push),
    Submit(submit::Submit),
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
            Self::Serve(command) => command.run(output).await,
            Self::Worker(command) => command.run(output).await,
            Self::Migrate(command) => command.run(output).await,
            Self::Doctor(command) => command.run(output).await,
            Self::Sweep(command) => command.run(output).await,
            Self::Backup(command) => command.run(output).await,
            Self::Restore(command) => command.run(output).await,
            Self::Token(command) => command.run(output).await,
            Self::Inspect(command) => command.run(output).await,
            Self::Compress(command) => command.run(output).await,
            Self::Decompress(command) => command.run(output).await,
            Self::Recipes(command) => command.run(output),
            Self::Push(command) => command.run(output).await,
            Self::Submit(command) => command.run(output).await,
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
    let kind = error.kind();
    if matches!(kind, ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        drop(error.print());
        return ExitCode::SUCCESS;
    }
    if kind == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        drop(error.print());
        return Exit::Usage.into();
    }
    let text = error.to_string();
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .peekable();
    let mut line = format!(
        "wrong usage: {}",
        lines
            .next()
            .unwrap_or_default()
            .trim_start_matches("error: ")
    );
    let explains = |line: &str| {
        ["Usage:", "tip:", "For more", "["]
            .iter()
            .any(|head| line.starts_with(head))
    };
    while let Some(more) = lines.next_if(|more| !explains(more)) {
        line.extend([" ", more]);
    }
    let tip = lines.find_map(|more| more.strip_prefix("tip: ").map(str::to_owned));
    let hint = tip.unwrap_or_else(|| "add --help to see what the command takes".to_owned());
    Output::failure(&Failure::new(Exit::Usage, one_line(&line)).hint(hint));
    Exit::Usage.into()
}
