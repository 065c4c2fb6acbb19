//! An iOS 15 program (`CoreML5`) becomes one for iOS 16 (`CoreML6`), the first with compressed weights.
//!
//! Seven operations were redefined in iOS 16: `crop_resize`, gather, `gather_along_axis`, `gather_nd`, resample, topk and
//! `upsample_bilinear`. The new inputs that have a default are written out as coremltools 9.0 writes them: a `const` of
//! its own, named `<operation>_<input>_0`. `gather_along_axis` and resample only accept more types, and
//! `upsample_bilinear`'s `half_pixel_centers` has no default (checked against a coremltools run of all seven).

use std::collections::BTreeSet;

use coreml::program::{DataType, Document, Opset};
use coreml::spec::mil;
use coreml::wire::{self, Edit};

use super::emit;
use super::functions::Function;
use super::graph::op_name;

/// Changes to the model file that raise every `CoreML5` function; none where there is none.
pub(crate) fn edits(document: &Document, functions: &[Function<'_>]) -> Vec<Edit> {
    let mut edits = Vec::new();
    for function in functions.iter().filter(|f| f.opset == Opset::CoreML5) {
        let span = function.span;
        let name = Opset::CoreML6.name().as_bytes();
        edits.push(Edit {
            record: span.opset.clone(),
            replacement: wire::field_record(2, name),
        });
        if let Some(block) = span.blocks.iter().find(|b| b.key == Opset::CoreML5.name()) {
            edits.push(Edit {
                record: block.key_record.clone(),
                replacement: wire::field_record(1, name),
            });
        }
        operations(function, &mut edits);
    }
    let version = Opset::CoreML6.specification_version();
    if let (false, Some(record)) = (edits.is_empty(), &document.spans.specification_version)
        && document.model.specification_version < version
    {
        let replacement = wire::varint_record(1, u64::from(version.unsigned_abs()));
        edits.push(Edit {
            record: record.clone(),
            replacement,
        });
    }
    edits
}

fn operations(function: &Function<'_>, edits: &mut Vec<Edit>) {
    let sites = &function.graph.sites;
    let mut taken: BTreeSet<&str> = sites
        .iter()
        .flat_map(|s| s.op.outputs.iter().map(|o| o.name.as_str()))
        .collect();
    let names: Vec<String> = sites
        .iter()
        .flat_map(|site| {
            let op = site.op;
            added(op)
                .into_iter()
                .map(move |(input, ..)| format!("{}_{input}_0", op_name(op)))
        })
        .collect();
    let mut names = names.iter();
    for site in sites {
        for (input, dtype, data) in added(site.op) {
            let Some(wanted) = names.next() else { return };
            let mut name = wanted.clone();
            while taken.contains(name.as_str()) {
                name.push_str("_0");
            }
            let constant = emit::scalar_const(&name, dtype, &data);
            edits.push(Edit {
                record: site.span.record.start..site.span.record.start,
                replacement: constant,
            });
            let replacement = emit::named_input(input, &name);
            edits.push(Edit {
                record: site.span.payload.start..site.span.payload.start,
                replacement,
            });
            taken.insert(wanted);
        }
    }
}

/// Inputs that iOS 16 added, with their defaults; those that the operation has already are left out.
fn added(op: &mil::Operation) -> Vec<(&'static str, DataType, Vec<u8>)> {
    let zero = || 0_i32.to_le_bytes().to_vec();
    let all = match op.r#type.as_str() {
        "gather" | "gather_nd" => vec![("batch_dims", DataType::Int32, zero())],
        "topk" => vec![
            ("sort", DataType::Bool, vec![1]),
            ("return_indices", DataType::Bool, vec![1]),
        ],
        "crop_resize" => match output_type(op) {
            Some(DataType::Float16) => vec![("pad_value", DataType::Float16, vec![0; 2])],
            _ => vec![("pad_value", DataType::Float32, vec![0; 4])],
        },
        _ => Vec::new(),
    };
    all.into_iter()
        .filter(|(input, ..)| !op.inputs.contains_key(*input))
        .collect()
}

fn output_type(op: &mil::Operation) -> Option<DataType> {
    let kind = op.outputs.first()?.r#type.as_ref()?.r#type.as_ref()?;
    if let mil::value_type::Type::TensorType(tensor) = kind {
        DataType::from_number(tensor.data_type)
    } else {
        None
    }
}
