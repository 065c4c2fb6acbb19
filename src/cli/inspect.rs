//! `coreanvil inspect`: what a package is, without running it.

use std::path::PathBuf;

use api::inspection::{FeatureInspection, FunctionInspection, Inspection};
use clap::Args;
use coreml::Package;
use engine::Run;

use super::exit::Failure;
use super::interrupt;
use super::options::LocalOptions;
use super::output::Output;
use super::units::{bytes, count, plural, shape, shortened};

/// Rows of the table of weights, unless all are wanted.
const WEIGHT_ROWS: usize = 20;
/// Operation types in the line of operations.
const OP_TYPES: usize = 12;
/// Characters of a name.
const NAME_WIDTH: usize = 56;

/// Show what a package is: features, operations, weights, and what it needs to run
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// A .mlpackage folder, a zip of one, or a .mlmodel
    #[arg(value_name = "PKG")]
    package: PathBuf,
    /// List every weight
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    local: LocalOptions,
}

impl Inspect {
    pub(crate) async fn run(self, output: Output) -> Result<(), Failure> {
        interrupt::or_cancelled(move |cancelled| self.inspect(output, cancelled)).await
    }

    fn inspect(self, output: Output, cancelled: &(dyn Fn() -> bool + Sync)) -> Result<(), Failure> {
        let local = self.local.local()?;
        let package = Package::open(&self.package, local.scratch.path(), &local.limits)?;
        let run = Run {
            threads: local.threads,
            limits: &local.limits,
            scratch: local.scratch.path(),
            progress: &|_, _| (),
            cancelled,
        };
        let inspection = engine::inspect(&package, &run)?;
        let rows = if self.all { usize::MAX } else { WEIGHT_ROWS };
        let title = self.package.display().to_string();
        output.result(&inspection, |output| {
            text(&inspection, &title, rows, output)
        })
    }
}

fn text(inspection: &Inspection, title: &str, rows: usize, output: Output) -> String {
    let mut text = format!("{}\n\n", output.strong(title));
    let mut line = |name: &str, value: &str| {
        text.extend([
            "  ",
            &output.faint(&format!("{name:<10}")),
            " ",
            value,
            "\n",
        ]);
    };
    let needs = &inspection.requires;
    let opset = needs
        .opset
        .as_ref()
        .map_or_else(String::new, |opset| format!(", {opset}"));
    line(
        "model",
        &format!(
            "{}, specification {}{opset}",
            inspection.model_type, inspection.specification_version
        ),
    );
    line(
        "runs on",
        &format!("{} and later, {} and later", needs.ios, needs.macos),
    );
    line(
        "size",
        &format!(
            "{}, {} parameters",
            bytes(inspection.size_bytes),
            count(inspection.parameters)
        ),
    );
    line("digest", &inspection.digest);
    line("content", &inspection.content_digest);
    for (key, value) in inspection
        .metadata
        .iter()
        .filter(|(_, value)| !value.is_empty())
    {
        let value = shortened(&super::exit::one_line(value), 100);
        line(
            "metadata",
            &format!("{} = {value}", shortened(key, NAME_WIDTH)),
        );
    }
    if !inspection.pipeline.is_empty() {
        line("pipeline", &inspection.pipeline.join(" → "));
    }
    for function in &inspection.functions {
        text.push_str(&function_text(function, rows, output));
    }
    text
}

fn function_text(function: &FunctionInspection, rows: usize, output: Output) -> String {
    let default = if function.default { " (default)" } else { "" };
    let mut text = format!("\n{}{default}\n", output.strong(&function.name));
    for (kind, features) in [
        ("in", &function.inputs),
        ("out", &function.outputs),
        ("state", &function.states),
    ] {
        for feature in features {
            text.extend([
                "  ",
                &output.faint(&format!("{kind:<6}")),
                &feature_text(feature),
                "\n",
            ]);
        }
    }
    let mut ops: Vec<(&String, &u64)> = function.op_counts.iter().collect();
    ops.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let mut names: Vec<String> = ops
        .iter()
        .take(OP_TYPES)
        .map(|(name, number)| format!("{name} {number}"))
        .collect();
    if ops.len() > OP_TYPES {
        names.push(format!("{} more types", ops.len() - OP_TYPES));
    }
    text.extend(["  ", &output.faint("ops   "), &names.join(", "), "\n"]);
    if function.weights.is_empty() {
        return text;
    }
    let mut weights: Vec<_> = function.weights.iter().collect();
    weights.sort_by_key(|weight| std::cmp::Reverse(weight.bytes));
    let mut table = output.table(&[
        "weight",
        ">shape",
        "values",
        "stored as",
        ">bytes",
        "read by",
    ]);
    for weight in weights.iter().take(rows) {
        table.add_row([
            shortened(&weight.name, NAME_WIDTH),
            shape(&weight.shape),
            weight.dtype.clone(),
            weight.representation.clone(),
            bytes(weight.bytes),
            shortened(&weight.users.join(", "), 24),
        ]);
    }
    text.extend([table.to_string().as_str(), "\n"]);
    let hidden = weights.len().saturating_sub(rows);
    if hidden > 0 {
        let hidden = plural(u64::try_from(hidden).unwrap_or(u64::MAX), "smaller weight");
        text.extend([
            "  ",
            &output.faint(&format!("and {hidden}; --all lists them")),
            "\n",
        ]);
    }
    text
}

fn feature_text(feature: &FeatureInspection) -> String {
    let mut text = format!("{}  {}", shortened(&feature.name, NAME_WIDTH), feature.kind);
    if let Some(dtype) = &feature.dtype {
        text.extend([" ", dtype]);
    }
    if !feature.shape.is_empty() {
        text.extend([" ", &shape(&feature.shape)]);
    }
    if feature.flexibility != "fixed" && !feature.flexibility.is_empty() {
        text.extend([", shape by ", &feature.flexibility]);
    }
    if feature.optional {
        text.push_str(", optional");
    }
    text
}
