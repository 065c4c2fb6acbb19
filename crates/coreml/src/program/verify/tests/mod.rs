//! What verification refuses: good models with one thing wrong, each with the words of its error.
#![expect(
    clippy::wildcard_enum_match_arm,
    clippy::too_many_lines,
    clippy::semicolon_if_nothing_returned,
    reason = "tables of changes to a decoded tree"
)]

mod constants;
mod description;
mod layers;
mod names;
mod weights;

use prost::Message as _;

use crate::program::tests::{model_path, open_with_model, tensor_type, text};
use crate::program::{DataType, Document};
use crate::spec::{self, mil, model};
use crate::wire::{field_record, varint_record};
use crate::{Class, Error};

type Change = fn(&mut spec::Model);

/// Opens a model with one thing changed.
fn changed(name: &str, change: Change) -> Result<Document, Error> {
    let name = format!("{name}.mlpackage");
    let path = model_path(&name).join("Data/com.apple.CoreML/model.mlmodel");
    let mut model = spec::Model::decode(&std::fs::read(path).unwrap()[..]).unwrap();
    change(&mut model);
    open_with_model(&name, &model.encode_to_vec())
}

fn check(rows: &[(&str, &str, Change, &str)]) {
    for (model, name, change, expected) in rows {
        let Err(error) = changed(model, *change) else {
            panic!("{model}, {name}: accepted")
        };
        assert!(
            error.to_string().contains(expected),
            "{model}, {name}: {error}"
        );
        assert_eq!(error.class(), Class::Malformed, "{model}, {name}: {error}");
    }
}

fn program(model: &mut spec::Model) -> &mut mil::Program {
    match model.r#type.as_mut() {
        Some(model::Type::MlProgram(program)) => program,
        other => panic!("no program: {other:?}"),
    }
}

fn main(model: &mut spec::Model) -> &mut mil::Function {
    program(model).functions.get_mut("main").unwrap()
}

fn block(model: &mut spec::Model) -> &mut mil::Block {
    main(model)
        .block_specializations
        .values_mut()
        .next()
        .unwrap()
}

/// The first operation of that type, nested ones included.
fn operation<'a>(model: &'a mut spec::Model, kind: &str) -> &'a mut mil::Operation {
    nested(block(model), kind).unwrap_or_else(|| panic!("no {kind}"))
}

fn nested<'a>(block: &'a mut mil::Block, kind: &str) -> Option<&'a mut mil::Operation> {
    block.operations.iter_mut().find_map(|operation| {
        if operation.r#type == kind {
            return Some(operation);
        }
        operation
            .blocks
            .iter_mut()
            .find_map(|block| nested(block, kind))
    })
}

/// The value of a parameter, wherever it is.
fn value<'a>(operation: &'a mut mil::Operation, parameter: &str) -> &'a mut mil::Value {
    if operation.attributes.contains_key(parameter) {
        return operation.attributes.get_mut(parameter).unwrap();
    }
    match operation.inputs.get_mut(parameter).unwrap().arguments[0]
        .binding
        .as_mut()
        .unwrap()
    {
        mil::argument::binding::Binding::Value(value) => value,
        mil::argument::binding::Binding::Name(name) => panic!("{parameter} is the name {name}"),
    }
}

fn tensor(value_type: &mut Option<mil::ValueType>) -> &mut mil::TensorType {
    match value_type.as_mut().unwrap().r#type.as_mut().unwrap() {
        mil::value_type::Type::TensorType(tensor) => tensor,
        other => panic!("no tensor: {other:?}"),
    }
}

/// Sets an extent of a type.
fn resize(value_type: &mut Option<mil::ValueType>, axis: usize, size: u64) {
    let constant = mil::dimension::ConstantDimension { size };
    tensor(value_type).dimensions[axis].dimension =
        Some(mil::dimension::Dimension::Constant(constant));
}

fn immediate(value: &mut mil::Value) -> &mut mil::tensor_value::Value {
    match value.value.as_mut().unwrap() {
        mil::value::Value::ImmediateValue(immediate) => match immediate.value.as_mut().unwrap() {
            mil::value::immediate_value::Value::Tensor(tensor) => tensor.value.as_mut().unwrap(),
            other => panic!("no tensor: {other:?}"),
        },
        mil::value::Value::BlobFileValue(blob) => panic!("in a file: {blob:?}"),
    }
}

fn set_ints(value: &mut mil::Value, ints: &[i32]) {
    *immediate(value) = mil::tensor_value::Value::Ints(mil::tensor_value::RepeatedInts {
        values: ints.to_vec(),
    });
}

fn description(model: &mut spec::Model) -> &mut spec::ModelDescription {
    model.description.as_mut().unwrap()
}

fn array(feature: &mut spec::FeatureDescription) -> &mut spec::ArrayFeatureType {
    match feature.r#type.as_mut().unwrap().r#type.as_mut().unwrap() {
        spec::feature_type::Type::MultiArrayType(array) => array,
        other => panic!("no array: {other:?}"),
    }
}
