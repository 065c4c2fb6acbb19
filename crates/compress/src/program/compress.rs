//! One step of a recipe over all functions of a program.

use std::collections::BTreeMap;

use coreml::program::{Document, Opset, Stored, Tensor};

use super::encode::{self, Family};
use super::functions::{Function, functions, opset};
use super::graph::{Site, op_name};
use super::rewrite::{Job, rewrite};
use super::select::{Matched, Verdict, verdict};
use super::task::{Anchor, Done, Stop, Target, Task};
use super::{Fate, Outcome, Row, dense, raise};
use crate::recipe::{Action, Compat, OpConfig, Recipe, Step};
use crate::{Control, Error, Sink, kernel};

/// Compresses the weights of a document as `recipe` says.
///
/// Weight files that change are written through `sink`; the new model file is in the outcome. A recipe without steps
/// changes nothing.
///
/// # Errors
/// A model type without weights to compress, an opset that cannot express the recipe, a failing sink, cancellation.
/// A constant that cannot be compressed is no error: it is left and its row says why.
pub fn compress(
    document: &Document,
    recipe: &Recipe,
    sink: &mut dyn Sink,
    control: &Control<'_>,
) -> Result<Outcome, Error> {
    recipe.supported()?;
    let steps = match &recipe.action {
        Action::Decompress => return super::decompress(document, sink, control),
        Action::Compress(steps) => steps,
    };
    match steps.first() {
        None => Ok(untouched(document)),
        Some(step) => one_step(
            document,
            &functions(document)?,
            step,
            recipe.options.compat,
            sink,
            control,
        ),
    }
}

/// Any model type passes where nothing is to be done.
fn untouched(document: &Document) -> Outcome {
    let opset = functions(document).ok().and_then(|f| opset(&f));
    Outcome {
        model: document.package.model().bytes.to_vec(),
        weight_files: BTreeMap::new(),
        rows: Vec::new(),
        opset: opset.map(|o| (o, o)),
        unmatched_overrides: Vec::new(),
        warnings: Vec::new(),
    }
}

/// Constants that share a record, a configuration and an axis are one piece of work.
struct Piece<'d> {
    tensor: Tensor<'d>,
    config: &'d OpConfig,
    output_axis: usize,
    family: Family,
}

impl Piece<'_> {
    /// Whether two pieces on one record give one result.
    fn same(&self, other: &Self) -> bool {
        self.tensor.dtype == other.tensor.dtype
            && self.tensor.shape == other.tensor.shape
            && self.config == other.config
            && self.output_axis == other.output_axis
            && self.family == other.family
    }
}

/// A row, and the task whose result completes it.
struct Planned {
    row: Row,
    task: Option<usize>,
}

struct Plan<'d> {
    pieces: Vec<Piece<'d>>,
    tasks: Vec<Task>,
    by_anchor: BTreeMap<Anchor, Vec<usize>>,
    rows: Vec<Planned>,
    matched: Matched,
}

fn one_step(
    document: &Document,
    functions: &[Function<'_>],
    step: &Step,
    compat: Compat,
    sink: &mut dyn Sink,
    control: &Control<'_>,
) -> Result<Outcome, Error> {
    let mut plan = Plan {
        pieces: Vec::new(),
        tasks: Vec::new(),
        by_anchor: BTreeMap::new(),
        rows: Vec::new(),
        matched: Matched::default(),
    };
    for function in functions {
        for site in 0..function.graph.sites.len() {
            plan.site(document, function, site, step)?;
        }
    }
    let compat = match compat {
        Compat::Mended => kernel::Compat::Mended,
        Compat::Exact => kernel::Compat::Exact,
    };
    let pieces = &plan.pieces;
    let work = |task: usize| {
        let piece = &pieces[task];
        encode::encode(
            piece.config,
            &piece.tensor,
            piece.output_axis,
            piece.family,
            compat,
            control.cancelled,
        )
        .map_err(Stop::from)
    };
    let raised = |done: &[Done]| {
        if changed(done) {
            raise::edits(document, functions)
        } else {
            Vec::new()
        }
    };
    let job = Job {
        document,
        tasks: &plan.tasks,
        erased: &[],
        work: &work,
        more_edits: &raised,
    };
    let rewritten = rewrite(&job, sink, control)?;
    let before = opset(functions);
    let changed = changed(&rewritten.done);
    let after = before.map(|o| if changed { o.max(Opset::CoreML6) } else { o });
    let warnings = match (before, after) {
        (Some(before), Some(after)) if before != after => vec![format!(
            "the program was raised from {} to {}: {} is no longer supported",
            before.name(),
            after.name(),
            before.ios()
        )],
        _ => Vec::new(),
    };
    Ok(Outcome {
        model: rewritten.model,
        weight_files: rewritten.weight_files,
        rows: plan
            .rows
            .into_iter()
            .map(|p| finish(p, &rewritten.done))
            .collect(),
        opset: before.zip(after),
        unmatched_overrides: unmatched(step, &plan.matched),
        warnings,
    })
}

fn changed(done: &[Done]) -> bool {
    done.iter().any(|d| matches!(d, Done::Replaced { .. }))
}

impl<'d> Plan<'d> {
    fn site(
        &mut self,
        document: &'d Document,
        function: &Function<'d>,
        site: usize,
        step: &'d Step,
    ) -> Result<(), Error> {
        let op = function.graph.sites[site].op;
        if op.r#type.starts_with("constexpr_") {
            if let Some(row) = dense::already_compressed_row(document, function, site)? {
                self.rows.push(Planned { row, task: None });
            }
            return Ok(());
        }
        let Some(value) = (op.r#type == "const")
            .then(|| op.attributes.get("val"))
            .flatten()
        else {
            return Ok(());
        };
        let Ok(tensor) = document.tensor(value) else {
            return Ok(());
        };
        let mut row = dense_row(function, site, &tensor);
        match verdict(
            &function.graph,
            site,
            tensor.dtype,
            &tensor.shape,
            step,
            &mut self.matched,
        ) {
            Verdict::NotWeight => Ok(()),
            Verdict::Left(why) => {
                row.fate = Fate::Left(why);
                self.rows.push(Planned { row, task: None });
                Ok(())
            }
            Verdict::Compress {
                config,
                output_axis,
            } => {
                if let Some((needs, what)) = encode::needs(config, function.opset) {
                    return Err(Error::NeedsOpset {
                        function: function.name.to_owned(),
                        what,
                        needs: needs.name(),
                        ios: needs.ios(),
                        has: function.opset.name(),
                    });
                }
                let piece = Piece {
                    tensor,
                    config,
                    output_axis,
                    family: Family::of(function.opset),
                };
                let file_name = super::references::file_name(value);
                let task = self.task(&function.graph.sites[site], file_name, piece);
                self.rows.push(Planned {
                    row,
                    task: Some(task),
                });
                Ok(())
            }
        }
    }

    /// The task that does this piece, with the site added to its targets.
    fn task(&mut self, site: &Site<'d>, file_name: String, piece: Piece<'d>) -> usize {
        let target = Target {
            record: site.span.record.clone(),
            payload: site.span.payload.clone(),
            name: op_name(site.op).to_owned(),
        };
        let anchor = match piece.tensor.storage {
            Stored::Immediate => None,
            Stored::Blob { file_index, offset } => Some(Anchor {
                file: file_index,
                offset,
            }),
        };
        let beside = anchor.map(|a| self.by_anchor.entry(a).or_default());
        let shared = beside
            .as_ref()
            .and_then(|tasks| tasks.iter().copied().find(|&t| self.pieces[t].same(&piece)));
        if let Some(index) = shared {
            self.tasks[index].targets.push(target);
            return index;
        }
        let index = self.tasks.len();
        if let Some(tasks) = beside {
            tasks.push(index);
        }
        self.tasks.push(Task {
            targets: vec![target],
            anchor,
            file_name,
            weight_bytes: piece.tensor.data.len() as u64,
        });
        self.pieces.push(piece);
        index
    }
}

fn dense_row(function: &Function<'_>, site: usize, tensor: &Tensor<'_>) -> Row {
    let graph = &function.graph;
    let bytes = tensor.data.len() as u64;
    Row {
        function: function.name.to_owned(),
        name: op_name(graph.sites[site].op).to_owned(),
        users: graph
            .output(site, 0)
            .users
            .iter()
            .map(|u| op_name(graph.sites[u.site].op).to_owned())
            .collect(),
        shape: tensor.shape.clone(),
        old: tensor.dtype.name().to_owned(),
        new: tensor.dtype.name().to_owned(),
        bytes_before: bytes,
        bytes_after: bytes,
        error: None,
        fate: Fate::Changed,
    }
}

fn finish(planned: Planned, done: &[Done]) -> Row {
    let mut row = planned.row;
    match planned.task.and_then(|t| done.get(t)) {
        Some(Done::Replaced {
            representation,
            error,
            bytes,
        }) => {
            row.new.clone_from(representation);
            row.bytes_after = *bytes;
            row.error = *error;
        }
        Some(Done::Left(why)) => row.fate = Fate::Left(why.to_string()),
        None => {}
    }
    row
}

fn unmatched(step: &Step, matched: &Matched) -> Vec<String> {
    let names = step
        .op_names
        .keys()
        .filter(|n| !matched.op_names.contains(*n));
    let types = step
        .op_types
        .keys()
        .filter(|n| !matched.op_types.contains(*n));
    names.chain(types).cloned().collect()
}
