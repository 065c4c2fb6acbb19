//! The command: looks at everything in turn and shows what was found.

use clap::Args;

use super::finding::{Finding, State};
use super::{clock, collector, database, machine, queue, storage};
use crate::cli::exit::{Exit, Failure};
use crate::cli::options::ServiceOptions;
use crate::cli::output::Output;
use crate::cli::units::plural;
use crate::config::Effective;

/// Show the effective configuration and check what it names
///
/// Ends with status 1 when something does not work, and with 0 when there are only warnings.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    #[command(flatten)]
    service: ServiceOptions,
}

impl Doctor {
    pub(crate) async fn run(self, output: Output) -> Result<(), Failure> {
        let effective = self.service.effective()?;
        let findings = look(&effective).await;
        let json = json(&effective, &findings);
        output.result(&json, |output| text(&effective, &findings, output))?;
        let of = |state: State| findings.iter().filter(|one| one.state == state).count();
        match of(State::Fail) {
            0 => Ok(()),
            failed => {
                let failed = plural(u64::try_from(failed).unwrap_or(u64::MAX), "check");
                let line = format!("not in order: {failed} failed: see above");
                Err(Failure::new(Exit::No, line))
            }
        }
    }
}

/// Everything; without a database there is nothing to ask it.
async fn look(effective: &Effective) -> Vec<Finding> {
    let config = &effective.config;
    let (mut findings, store) = database::look(config).await;
    if let Some(store) = store {
        findings.extend(clock::look(config, &store).await);
        findings.extend(queue::look(config, &store).await);
        store.close().await;
    }
    findings.extend(storage::look(config).await);
    findings.extend(collector::look(config).await);
    findings.extend(machine::look(config));
    findings
}

fn json(effective: &Effective, findings: &[Finding]) -> serde_json::Value {
    let rows: Vec<_> = effective
        .rows()
        .into_iter()
        .map(|(key, value, source)| {
            serde_json::json!({"key": key.name, "value": value, "source": source.to_string()})
        })
        .collect();
    let checks: Vec<_> = findings
        .iter()
        .map(|one| {
            serde_json::json!({"check": one.check, "state": one.state.as_str(), "detail": one.detail, "next": one.next})
        })
        .collect();
    serde_json::json!({
        "version": env!("CARGO_PKG_VERSION"), "configuration": rows, "warnings": effective.warnings, "checks": checks,
    })
}

fn text(effective: &Effective, findings: &[Finding], output: Output) -> String {
    let mut table = output.table(&["key", "value", "from"]);
    for (key, value, source) in effective.rows() {
        table.add_row([key.name.to_owned(), value, source.to_string()]);
    }
    let mut text = format!("coreanvil {}\n{table}\n", env!("CARGO_PKG_VERSION"));
    for warning in &effective.warnings {
        text.extend(["warning: ", warning, "\n"]);
    }
    for one in findings {
        let mark = match one.state {
            State::Ok => output.good("ok  "),
            State::Warn => output.strong("warn"),
            State::Fail => output.strong("FAIL"),
        };
        let check = output.faint(&format!("{:<11}", one.check));
        text.extend([&mark, "  ", &check, " ", &one.detail, "\n"]);
        if let Some(next) = &one.next {
            text.extend(["                  → ", next, "\n"]);
        }
    }
    text
}
