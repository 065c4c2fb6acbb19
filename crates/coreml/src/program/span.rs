//! Where the parts of a model lie in its file, parallel to the decoded tree.
//!
//! Ranges of the model at the root and of models in its pipelines are offsets in the whole file. Functions and blocks
//! of a function are in the order of the file, whereas the decoded maps are sorted: look them up by name.

use std::ops::Range;

use crate::Error;
use crate::wire::{Field, fields};

/// Places in one model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelSpan {
    /// The specification version: its whole field record. None where it is absent (and so 0).
    pub specification_version: Option<Range<usize>>,
    /// The functions of its program, in the order of the file; none where it is no program.
    pub functions: Vec<FunctionSpan>,
    /// The models of its pipeline, in order; none where it is no pipeline.
    pub models: Vec<ModelSpan>,
    /// The layers of its neural network from before ML Programs: their payloads, in order.
    pub layers: Vec<Range<usize>>,
}

/// Places in one function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionSpan {
    /// The function's name, the key in the decoded map.
    pub name: String,
    /// The map entry in the program: tag, length and payload.
    pub record: Range<usize>,
    /// The operation set: its whole field record; empty where it is absent.
    pub opset: Range<usize>,
    /// The blocks by operation set, in the order of the file.
    pub blocks: Vec<BlockEntrySpan>,
}

/// Places in one entry of a function's blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockEntrySpan {
    /// The operation set, the key in the decoded map.
    pub key: String,
    /// The key's whole field record; empty where it is absent.
    pub key_record: Range<usize>,
    /// The block.
    pub block: BlockSpan,
}

/// Places in one block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BlockSpan {
    /// The operations, in order.
    pub operations: Vec<OperationSpan>,
}

/// Places in one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationSpan {
    /// Tag, length and payload in the block.
    pub record: Range<usize>,
    /// The payload: the operation's message.
    pub payload: Range<usize>,
    /// Its nested blocks, in order.
    pub blocks: Vec<BlockSpan>,
}

/// Field numbers on the way to the operations.
mod number {
    pub(super) const MODEL_SPECIFICATION_VERSION: u32 = 1;
    pub(super) const MODEL_PIPELINE_CLASSIFIER: u32 = 200;
    pub(super) const MODEL_PIPELINE_REGRESSOR: u32 = 201;
    pub(super) const MODEL_PIPELINE: u32 = 202;
    pub(super) const MODEL_ML_PROGRAM: u32 = 502;
    pub(super) const MODEL_NEURAL_NETWORKS: [u32; 3] = [303, 403, 500];
    pub(super) const NEURAL_NETWORK_LAYERS: u32 = 1;
    pub(super) const WRAPPER_PIPELINE: u32 = 1;
    pub(super) const PIPELINE_MODELS: u32 = 1;
    pub(super) const PROGRAM_FUNCTIONS: u32 = 2;
    pub(super) const ENTRY_KEY: u32 = 1;
    pub(super) const ENTRY_VALUE: u32 = 2;
    pub(super) const FUNCTION_OPSET: u32 = 2;
    pub(super) const FUNCTION_BLOCKS: u32 = 3;
    pub(super) const BLOCK_OPERATIONS: u32 = 3;
    pub(super) const OPERATION_BLOCKS: u32 = 4;
}

/// Finds the places in a model that [`crate::wire::check`] has accepted, so depth and repetitions are bounded.
pub(super) fn locate(bytes: &[u8]) -> Result<ModelSpan, Error> {
    model(bytes, 0..bytes.len())
}

fn model(bytes: &[u8], range: Range<usize>) -> Result<ModelSpan, Error> {
    let mut span = ModelSpan::default();
    for field in fields(bytes, range) {
        let field = field?;
        match field.number {
            number::MODEL_SPECIFICATION_VERSION => span.specification_version = Some(field.record),
            number::MODEL_ML_PROGRAM => span.functions = program(bytes, field.payload)?,
            number::MODEL_PIPELINE => span.models = pipeline(bytes, field.payload)?,
            number::MODEL_PIPELINE_CLASSIFIER | number::MODEL_PIPELINE_REGRESSOR => {
                if let Some(inner) = find(bytes, field.payload, number::WRAPPER_PIPELINE)? {
                    span.models = pipeline(bytes, inner.payload)?;
                }
            }
            network if number::MODEL_NEURAL_NETWORKS.contains(&network) => {
                span.layers = collect(
                    bytes,
                    field.payload,
                    number::NEURAL_NETWORK_LAYERS,
                    |layer| Ok(layer.payload),
                )?;
            }
            _ => {}
        }
    }
    Ok(span)
}

fn pipeline(bytes: &[u8], range: Range<usize>) -> Result<Vec<ModelSpan>, Error> {
    collect(bytes, range, number::PIPELINE_MODELS, |field| {
        model(bytes, field.payload)
    })
}

fn program(bytes: &[u8], range: Range<usize>) -> Result<Vec<FunctionSpan>, Error> {
    collect(bytes, range, number::PROGRAM_FUNCTIONS, |entry| {
        let name = find(bytes, entry.payload.clone(), number::ENTRY_KEY)?;
        let value = find(bytes, entry.payload.clone(), number::ENTRY_VALUE)?
            .map_or(0..0, |field| field.payload);
        let opset = find(bytes, value.clone(), number::FUNCTION_OPSET)?;
        Ok(FunctionSpan {
            name: text(bytes, name.as_ref()),
            record: entry.record,
            opset: opset.map_or(value.end..value.end, |field| field.record),
            blocks: collect(bytes, value, number::FUNCTION_BLOCKS, |entry| {
                block_entry(bytes, &entry)
            })?,
        })
    })
}

fn block_entry(bytes: &[u8], entry: &Field) -> Result<BlockEntrySpan, Error> {
    let key = find(bytes, entry.payload.clone(), number::ENTRY_KEY)?;
    let value = find(bytes, entry.payload.clone(), number::ENTRY_VALUE)?;
    Ok(BlockEntrySpan {
        key: text(bytes, key.as_ref()),
        key_record: key.map_or(entry.payload.start..entry.payload.start, |field| {
            field.record
        }),
        block: value.map_or_else(
            || Ok(BlockSpan::default()),
            |field| block(bytes, field.payload),
        )?,
    })
}

fn block(bytes: &[u8], range: Range<usize>) -> Result<BlockSpan, Error> {
    let operations = collect(bytes, range, number::BLOCK_OPERATIONS, |field| {
        Ok(OperationSpan {
            record: field.record,
            payload: field.payload.clone(),
            blocks: collect(bytes, field.payload, number::OPERATION_BLOCKS, |inner| {
                block(bytes, inner.payload)
            })?,
        })
    })?;
    Ok(BlockSpan { operations })
}

/// What `each` makes of every field of that number.
fn collect<T>(
    bytes: &[u8],
    range: Range<usize>,
    number: u32,
    mut each: impl FnMut(Field) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut out = Vec::new();
    for field in fields(bytes, range) {
        let field = field?;
        if field.number == number {
            out.push(each(field)?);
        }
    }
    Ok(out)
}

fn find(bytes: &[u8], range: Range<usize>, number: u32) -> Result<Option<Field>, Error> {
    for field in fields(bytes, range) {
        let field = field?;
        if field.number == number {
            return Ok(Some(field));
        }
    }
    Ok(None)
}

/// The text of a string field that was proven to be UTF-8; an absent one is empty.
fn text(bytes: &[u8], field: Option<&Field>) -> String {
    let bytes = field
        .and_then(|field| bytes.get(field.payload.clone()))
        .unwrap_or_default();
    String::from_utf8_lossy(bytes).into_owned()
}
