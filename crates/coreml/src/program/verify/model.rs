//! Versions and kinds of models, at the root and in pipelines, and what a program must have as a whole.

use std::collections::BTreeMap;

use super::block;
use super::feature::{self, Features};
use super::parameter::Masks;
use super::place::{Place, check_name};
use super::records::Records;
use super::value::Values;
use crate::program::{ModelType, Opset};
use crate::spec::mil::Program;
use crate::spec::model::Type;
use crate::spec::{Model, ModelDescription, Pipeline};
use crate::{Error, Limits, Package, Shown};

/// The one version of programs that is known.
const PROGRAM_VERSION: i64 = 1;

/// The function of a program whose description has no functions.
const MAIN: &str = "main";

/// Verifies a decoded model; the result is its kind.
pub(in crate::program) fn verify(
    model: &Model,
    package: &Package,
    limits: &Limits,
) -> Result<ModelType, Error> {
    let mut values = Values {
        package,
        limits,
        records: Records::default(),
        masks: Masks::default(),
    };
    let kind = one(model, "", &mut values)?;
    values.records.apart(package)?;
    Ok(kind)
}

/// Verifies one model; pipelines inside pipelines were bounded before decoding.
fn one<'a>(model: &'a Model, name: &'a str, values: &mut Values<'_>) -> Result<ModelType, Error> {
    let place = || {
        Shown::from(if name.is_empty() {
            "model file"
        } else {
            name.trim_end_matches(": ")
        })
    };
    let newest = Opset::ALL
        .last()
        .map_or(0, |opset| opset.specification_version());
    let version = model.specification_version;
    if version < 1 {
        return Err(Error::Model {
            place: place(),
            why: format!("specification version {version} never was").into(),
        });
    }
    if version > newest {
        let why = format!("specification versions up to {newest} are known");
        return Err(Error::UnsupportedModel {
            place: format!("specification version {version}").into(),
            why: why.into(),
        });
    }
    let Some(inner) = &model.r#type else {
        return Err(Error::Model {
            place: place(),
            why: "it holds no model".into(),
        });
    };
    let kind = ModelType::of(inner);
    if let Type::MlProgram(inner) = inner {
        program(inner, model.description.as_ref(), name, values)?;
    } else if let Type::Pipeline(inner) = inner {
        pipeline(Some(inner), name, values)?;
    } else if let Type::PipelineClassifier(inner) | Type::PipelineRegressor(inner) = inner {
        pipeline(inner.pipeline.as_ref(), name, values)?;
    }
    match kind {
        ModelType::Closed(closed) => Err(Error::UnsupportedModel {
            place: closed.into(),
            why: "only the application or the system that made it can read it".into(),
        }),
        ModelType::MlProgram
        | ModelType::Pipeline(_)
        | ModelType::NeuralNetwork(_)
        | ModelType::Other(_) => Ok(kind),
    }
}

fn pipeline(
    pipeline: Option<&Pipeline>,
    outer: &str,
    values: &mut Values<'_>,
) -> Result<(), Error> {
    let place = || Shown::from(format!("{outer}pipeline"));
    let Some(pipeline) = pipeline.filter(|pipeline| !pipeline.models.is_empty()) else {
        return Err(Error::Model {
            place: place(),
            why: "it has no models".into(),
        });
    };
    if !pipeline.names.is_empty() && pipeline.names.len() != pipeline.models.len() {
        let why = format!(
            "it has {} models and {} names",
            pipeline.models.len(),
            pipeline.names.len()
        );
        return Err(Error::Model {
            place: place(),
            why: why.into(),
        });
    }
    for (index, model) in pipeline.models.iter().enumerate() {
        let name = format!("{outer}model {index}: ");
        one(model, &name, values)?;
    }
    Ok(())
}

fn program<'a>(
    program: &'a Program,
    description: Option<&'a ModelDescription>,
    model: &'a str,
    values: &mut Values<'_>,
) -> Result<(), Error> {
    let place = Place {
        model,
        function: "",
        operation: None,
    };
    let bad = |why: String| Error::Model {
        place: place.into(),
        why: why.into(),
    };
    if program.version != PROGRAM_VERSION {
        let found = format!("program version {}", program.version);
        return Err(Error::UnsupportedModel {
            place: found.into(),
            why: "only version 1 is known".into(),
        });
    }
    let description = description.ok_or_else(|| bad("there is no description".into()))?;
    for (name, value) in &program.attributes {
        values.check(value, name, place)?;
    }
    let described = described_functions(description, place)?;
    for name in described.keys() {
        if !program.functions.contains_key(*name) {
            return Err(bad(format!(
                "there is no function {name:?}, which the description names"
            )));
        }
    }
    for (name, function) in &program.functions {
        check_name(name, "the name of a function", place, values.limits)?;
        let place = Place {
            function: name,
            ..place
        };
        let outputs = block::function(function, place, values)?;
        if let Some(features) = described.get(name.as_str()) {
            feature::check(*features, &function.inputs, &outputs, place, values.limits)?;
        }
    }
    Ok(())
}

/// The described functions with their features: those that are listed, or else `main` with the model's own.
fn described_functions<'a>(
    description: &'a ModelDescription,
    place: Place<'_>,
) -> Result<BTreeMap<&'a str, Features<'a>>, Error> {
    let bad = |why: String| Error::Feature {
        place: place.into(),
        why: why.into(),
    };
    if description.functions.is_empty() {
        let features = Features {
            inputs: &description.input,
            outputs: &description.output,
            states: &description.state,
            label: &description.predicted_feature_name,
            probabilities: &description.predicted_probabilities_name,
        };
        return Ok(BTreeMap::from([(MAIN, features)]));
    }
    let mut described = BTreeMap::new();
    for function in &description.functions {
        let features = Features {
            inputs: &function.input,
            outputs: &function.output,
            states: &function.state,
            label: &function.predicted_feature_name,
            probabilities: &function.predicted_probabilities_name,
        };
        if described.insert(function.name.as_str(), features).is_some() {
            return Err(bad(format!(
                "function {:?} is described twice",
                function.name
            )));
        }
    }
    let default = description.default_function_name.as_str();
    if !default.is_empty() && !described.contains_key(default) {
        return Err(bad(format!(
            "the default function {default:?} is not described"
        )));
    }
    Ok(described)
}
