//! The functions of a program with the block that runs, its opset and its graph.

use coreml::program::{BlockSpan, Document, FunctionSpan, ModelType, Opset};
use coreml::spec::{mil, model::Type};

use super::graph::Graph;
use crate::Error;

/// One function, ready to be looked at.
#[derive(Debug)]
pub(crate) struct Function<'d> {
    pub(crate) name: &'d str,
    pub(crate) opset: Opset,
    pub(crate) span: &'d FunctionSpan,
    pub(crate) graph: Graph<'d>,
}

/// The functions of an ML Program in the order of the file.
///
/// # Errors
/// [`Error::ModelType`] where the model is no ML Program.
pub(crate) fn functions(document: &Document) -> Result<Vec<Function<'_>>, Error> {
    let Some(Type::MlProgram(program)) = &document.model.r#type else {
        let kind: ModelType = document.model_type();
        return Err(Error::ModelType {
            model_type: kind.name().to_owned(),
        });
    };
    Ok(document
        .spans
        .functions
        .iter()
        .filter_map(|span| one(program, span))
        .collect())
}

/// Verification has seen to it that the active block and its opset exist.
fn one<'d>(program: &'d mil::Program, span: &'d FunctionSpan) -> Option<Function<'d>> {
    let function = program.functions.get(&span.name)?;
    let opset: Opset = function.opset.parse().ok()?;
    let block = function.block_specializations.get(&function.opset)?;
    let block_span: &BlockSpan = &span.blocks.iter().find(|b| b.key == function.opset)?.block;
    Some(Function {
        name: &span.name,
        opset,
        span,
        graph: Graph::of(function, block, block_span),
    })
}

/// The program's opset: the highest of its functions.
pub(crate) fn opset(functions: &[Function<'_>]) -> Option<Opset> {
    functions.iter().map(|f| f.opset).max()
}
