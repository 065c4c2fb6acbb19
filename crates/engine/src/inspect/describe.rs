//! The description of a package: type, requirements, metadata, functions, weights.

use std::collections::BTreeMap;

use api::inspection::{FunctionInspection, Inspection, Requirements, WeightInspection};
use coreml::Package;
use coreml::program::{Document, Opset};
use coreml::spec::{self, mil, model::Type};

use super::features;
use crate::{Error, Phase, Run};

/// Looks at a package.
///
/// # Errors
/// A malformed package, or one of a version or kind that is not known.
pub fn inspect(input: &Package, run: &Run<'_>) -> Result<Inspection, Error> {
    (run.progress)(Phase::Loading, 0.0);
    let document = Document::open(input, run.limits)?;
    let functions = match &document.model.r#type {
        Some(Type::MlProgram(program)) => program_functions(&document, program)?,
        Some(_) | None => Vec::new(),
    };
    let parameters = functions
        .iter()
        .flat_map(|f| &f.weights)
        .map(|w| w.shape.iter().product::<u64>())
        .sum();
    Ok(Inspection {
        kind: input.kind().as_str().to_owned(),
        model_type: document.model_type().name().to_owned(),
        specification_version: document.model.specification_version,
        digest: input.digest().to_string(),
        content_digest: crate::content_digest(input, run.limits)?.to_string(),
        size_bytes: input.size_bytes(),
        requires: requirements(&document),
        metadata: metadata(&document.model),
        functions,
        pipeline: pipeline(&document.model),
        parameters,
    })
}

fn requirements(document: &Document) -> Requirements {
    let opset = match &document.model.r#type {
        Some(Type::MlProgram(program)) => program
            .functions
            .values()
            .filter_map(|f| f.opset.parse::<Opset>().ok())
            .max(),
        Some(_) | None => None,
    };
    let version = document.model.specification_version;
    Requirements {
        ios: opset
            .map_or_else(|| ios_of_version(version), Opset::ios)
            .to_owned(),
        macos: opset
            .map_or_else(|| macos_of_version(version), Opset::macos)
            .to_owned(),
        opset: opset.map(|o| o.name().to_owned()),
    }
}

/// The first iOS that reads a specification version (coremltools' `_SPECIFICATION_VERSION_IOS_*`).
pub(crate) fn ios_of_version(version: i32) -> &'static str {
    match version {
        ..=1 => "iOS11",
        2 => "iOS11.2",
        3 => "iOS12",
        4 => "iOS13",
        5 => "iOS14",
        6 => "iOS15",
        7 => "iOS16",
        8 => "iOS17",
        9 => "iOS18",
        _ => "iOS26",
    }
}

fn macos_of_version(version: i32) -> &'static str {
    match version {
        ..=1 => "macOS10.13",
        2 => "macOS10.13.2",
        3 => "macOS10.14",
        4 => "macOS10.15",
        5 => "macOS11",
        6 => "macOS12",
        7 => "macOS13",
        8 => "macOS14",
        9 => "macOS15",
        _ => "macOS26",
    }
}

fn metadata(model: &spec::Model) -> BTreeMap<String, String> {
    let Some(metadata) = model.description.as_ref().and_then(|d| d.metadata.as_ref()) else {
        return BTreeMap::new();
    };
    let named = [
        ("author", &metadata.author),
        ("license", &metadata.license),
        ("short_description", &metadata.short_description),
        ("version", &metadata.version_string),
    ];
    let mut all = metadata.user_defined.clone();
    all.extend(
        named
            .into_iter()
            .filter(|(_, v)| !v.is_empty())
            .map(|(k, v)| (k.to_owned(), v.clone())),
    );
    all
}

fn pipeline(model: &spec::Model) -> Vec<String> {
    let pipeline = match &model.r#type {
        Some(Type::Pipeline(pipeline)) => Some(pipeline),
        Some(Type::PipelineClassifier(wrapper) | Type::PipelineRegressor(wrapper)) => {
            wrapper.pipeline.as_ref()
        }
        Some(_) | None => None,
    };
    let Some(pipeline) = pipeline else {
        return Vec::new();
    };
    let name = |i: usize| {
        pipeline
            .names
            .get(i)
            .cloned()
            .unwrap_or_else(|| format!("model {i}"))
    };
    (0..pipeline.models.len()).map(name).collect()
}

fn program_functions(
    document: &Document,
    program: &mil::Program,
) -> Result<Vec<FunctionInspection>, Error> {
    let mut weights: BTreeMap<String, Vec<WeightInspection>> = BTreeMap::new();
    for weight in compress::dense(document)?.list {
        weights
            .entry(weight.function)
            .or_default()
            .push(WeightInspection {
                name: weight.value,
                shape: weight.shape,
                dtype: weight.dtype.name().to_owned(),
                representation: weight.representation,
                bytes: weight.bytes,
                users: weight.users,
            });
    }
    let description = document.model.description.clone().unwrap_or_default();
    let functions = document.spans.functions.iter().map(|span| {
        let function = program.functions.get(&span.name);
        let own = description.functions.iter().find(|f| f.name == span.name);
        let (inputs, outputs, states) = match own {
            Some(own) => (&own.input, &own.output, &own.state),
            None => (&description.input, &description.output, &description.state),
        };
        let only = document.spans.functions.len() == 1;
        FunctionInspection {
            name: span.name.clone(),
            default: only || span.name == description.default_function_name,
            inputs: features::all(inputs),
            outputs: features::all(outputs),
            states: features::all(states),
            op_counts: function.map(op_counts).unwrap_or_default(),
            weights: weights.remove(&span.name).unwrap_or_default(),
        }
    });
    Ok(functions.collect())
}

/// Operations of the active block by type, nested blocks included.
pub(crate) fn op_counts(function: &mil::Function) -> BTreeMap<String, u64> {
    fn count(block: &mil::Block, counts: &mut BTreeMap<String, u64>) {
        for op in &block.operations {
            *counts.entry(op.r#type.clone()).or_default() += 1;
            op.blocks.iter().for_each(|nested| count(nested, counts));
        }
    }
    let mut counts = BTreeMap::new();
    if let Some(block) = function.block_specializations.get(&function.opset) {
        count(block, &mut counts);
    }
    counts
}
