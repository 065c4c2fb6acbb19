//! Every compressed weight dense again: each chain of constexpr operations becomes one constant.
//!
//! The constant takes the output name of the last operation, as coremltools' `decompress_weights` does, so no user
//! changes; the inner operations of a chain go.

use std::collections::BTreeMap;

use coreml::program::{Document, Stored};
use coreml::spec::mil;

use super::dense::{already_compressed_row, feeds_only_constexpr};
use super::emit::{Data, Form, Param};
use super::encode::Encoded;
use super::evaluate::evaluate;
use super::functions::{Function, functions, opset};
use super::references::file_name;
use super::rewrite::{Job, rewrite};
use super::task::{Anchor, Done, Stop, Target, Task};
use super::{Fate, Outcome, Row};
use crate::kernel::decompress::ArrayVec;
use crate::{Control, Error, Sink};

/// Decompresses all weights of a document.
///
/// # Errors
/// A model type without weights, parameters that do not fit each other, a failing sink, cancellation.
pub fn decompress(
    document: &Document,
    sink: &mut dyn Sink,
    control: &Control<'_>,
) -> Result<Outcome, Error> {
    let functions = functions(document)?;
    let mut plan = Plan::default();
    for (f, function) in functions.iter().enumerate() {
        for site in 0..function.graph.sites.len() {
            plan.site(document, f, function, site)?;
        }
    }
    let places = &plan.places;
    let work = |task: usize| -> Result<Encoded, Stop> {
        let (f, site) = places[task];
        constant(document, &functions[f], site).map_err(Stop::Fail)
    };
    let job = Job {
        document,
        tasks: &plan.tasks,
        erased: &plan.erased,
        work: &work,
        more_edits: &|_| Vec::new(),
    };
    let rewritten = rewrite(&job, sink, control)?;
    let rows = plan.rows.into_iter().map(|(mut row, task)| {
        if let Some(Done::Replaced {
            representation,
            bytes,
            ..
        }) = rewritten.done.get(task)
        {
            row.new.clone_from(representation);
            row.bytes_after = *bytes;
            row.fate = Fate::Changed;
        }
        row
    });
    Ok(Outcome {
        rows: rows.collect(),
        model: rewritten.model,
        weight_files: rewritten.weight_files,
        opset: opset(&functions).map(|o| (o, o)),
        unmatched_overrides: Vec::new(),
        warnings: Vec::new(),
    })
}

#[derive(Default)]
struct Plan {
    tasks: Vec<Task>,
    /// Function and site of each task's first target.
    places: Vec<(usize, usize)>,
    /// What the first target of each task is made of, to find equal ones in other functions.
    prints: BTreeMap<Vec<u8>, usize>,
    erased: Vec<std::ops::Range<usize>>,
    rows: Vec<(Row, usize)>,
}

impl Plan {
    fn site(
        &mut self,
        document: &Document,
        f: usize,
        function: &Function<'_>,
        site: usize,
    ) -> Result<(), Error> {
        let at = &function.graph.sites[site];
        if !at.op.r#type.starts_with("constexpr_") {
            return Ok(());
        }
        if feeds_only_constexpr(function, site) {
            self.erased.push(at.span.record.clone());
            return Ok(());
        }
        let Some(row) = already_compressed_row(document, function, site)? else {
            return Ok(());
        };
        let target = Target {
            record: at.span.record.clone(),
            payload: at.span.payload.clone(),
            name: at
                .op
                .outputs
                .first()
                .map(|o| o.name.clone())
                .unwrap_or_default(),
        };
        let mut blobs = Vec::new();
        let mut print = Vec::new();
        walk(function, site, &mut |value| {
            fingerprint(document, value, &mut blobs, &mut print)
        })?;
        if let Some(shared) = self.prints.get(&print).copied() {
            self.tasks[shared].targets.push(target);
            self.rows.push((row, shared));
            return Ok(());
        }
        let first = blobs.into_iter().min();
        let (anchor, file_name) = match first {
            Some((anchor, name)) => (Some(anchor), name),
            None => default_file(document).map_or((None, String::new()), |(a, n)| (Some(a), n)),
        };
        let weight_bytes = row.shape.iter().product::<u64>().saturating_mul(2);
        self.prints.insert(print, self.tasks.len());
        self.rows.push((row, self.tasks.len()));
        self.tasks.push(Task {
            targets: vec![target],
            anchor,
            file_name,
            weight_bytes,
        });
        self.places.push((f, site));
        Ok(())
    }
}

/// Every stored parameter of a chain, the outermost operation first.
fn walk(
    function: &Function<'_>,
    site: usize,
    visit: &mut dyn FnMut(&mil::Value) -> Result<(), Error>,
) -> Result<(), Error> {
    let op = function.graph.sites[site].op;
    for (_, value) in op.attributes.iter().filter(|(name, _)| *name != "name") {
        visit(value)?;
    }
    for binding in op.inputs.values().flat_map(|a| &a.arguments) {
        if let Some(mil::argument::binding::Binding::Value(value)) = &binding.binding {
            visit(value)?;
        }
    }
    for &(_, value) in &function.graph.reads[site] {
        if let Some(producer) = function.graph.values[value].producer
            && function.graph.sites[producer]
                .op
                .r#type
                .starts_with("constexpr_")
        {
            walk(function, producer, visit)?;
        }
    }
    Ok(())
}

fn fingerprint(
    document: &Document,
    value: &mil::Value,
    blobs: &mut Vec<(Anchor, String)>,
    print: &mut Vec<u8>,
) -> Result<(), Error> {
    let tensor = document.tensor(value)?;
    print.extend_from_slice(tensor.dtype.name().as_bytes());
    print.extend(tensor.shape.iter().flat_map(|d| d.to_le_bytes()));
    match tensor.storage {
        Stored::Immediate => print.extend_from_slice(&tensor.data),
        Stored::Blob { file_index, offset } => {
            print.extend_from_slice(format!("@{file_index}:{offset};").as_bytes());
            blobs.push((
                Anchor {
                    file: file_index,
                    offset,
                },
                file_name(value),
            ));
        }
    }
    Ok(())
}

/// The end of the first weight file that the program names.
fn default_file(document: &Document) -> Option<(Anchor, String)> {
    let first = super::references::collect(document)
        .ok()?
        .into_iter()
        .next()?;
    let anchor = Anchor {
        file: first.file,
        offset: u64::MAX,
    };
    Some((anchor, first.file_name))
}

fn constant(document: &Document, function: &Function<'_>, site: usize) -> Result<Encoded, Error> {
    let Some(dense) = evaluate(document, function, site)?.into_iter().next() else {
        return Err(Error::Misfit {
            function: function.name.to_owned(),
            operation: super::graph::op_name(function.graph.sites[site].op).to_owned(),
            source: crate::kernel::decompress::Misfit::Count,
        });
    };
    let data = match dense.array {
        ArrayVec::Floats(floats) => Data::Floats(floats),
        ArrayVec::Codes { bits, values, .. } if bits < 8 => {
            Data::Bytes(coreml::blob::pack(&values, bits))
        }
        ArrayVec::Codes { values, .. } => Data::Bytes(values),
    };
    let shape = dense.shape.iter().map(|&d| d as u64).collect();
    Ok(Encoded {
        op_type: "const",
        suffix: "",
        form: Form::Attributes,
        params: vec![Param {
            name: "val",
            dtype: dense.dtype,
            shape,
            data,
        }],
        representation: dense.dtype.name().to_owned(),
        error: None,
    })
}
