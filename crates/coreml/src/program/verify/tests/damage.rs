//! A good model, opened with one thing in it changed.

use prost::Message as _;

use crate::program::Document;
use crate::program::tests::{model_path, open_with_model};
use crate::spec::{self, mil, model};
use crate::{Class, Error};

pub(super) type Change = fn(&mut spec::Model);

/// Opens a model with one thing changed.
pub(super) fn changed(name: &str, change: Change) -> Result<Document, Error> {
    let name = format!("{name}.mlpackage");
    let path = model_path(&name).join("Data/com.apple.CoreML/model.mlmodel");
    let mut model = spec::Model::decode(&std::fs::read(path).unwrap()[..]).unwrap();
    change(&mut model);
    open_with_model(&name, &model.encode_to_vec())
}

pub(super) fn check(rows: &[(&str, &str, Change, &str)]) {
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

pub(super) fn program(model: &mut spec::Model) -> &mut mil::Program {
    match model.r#type.as_mut() {
        Some(model::Type::MlProgram(program)) => program,
        other => panic!("no program: {other:?}"),
    }
}

pub(super) fn main(model: &mut spec::Model) -> &mut mil::Function {
    program(model).functions.get_mut("main").unwrap()
}

pub(super) fn block(model: &mut spec::Model) -> &mut mil::Block {
    main(model)
        .block_specializations
        .values_mut()
        .next()
        .unwrap()
}

/// The first operation of that type, nested ones included.
pub(super) fn operation<'a>(model: &'a mut spec::Model, kind: &str) -> &'a mut mil::Operation {
    nested(block(model), kind).unwrap_or_else(|| panic!("no {kind}"))
}

pub(super) fn nested<'a>(block: &'a mut mil::Block, kind: &str) -> Option<&'a mut mil::Operation> {
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
pub(super) fn value<'a>(operation: &'a mut mil::Operation, parameter: &str) -> &'a mut mil::Value {
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

pub(super) fn tensor(value_type: &mut Option<mil::ValueType>) -> &mut mil::TensorType {
    match value_type.as_mut().unwrap().r#type.as_mut().unwrap() {
        mil::value_type::Type::TensorType(tensor) => tensor,
        other => panic!("no tensor: {other:?}"),
    }
}

/// Sets an extent of a type.
pub(super) fn resize(value_type: &mut Option<mil::ValueType>, axis: usize, size: u64) {
    let constant = mil::dimension::ConstantDimension { size };
    tensor(value_type).dimensions[axis].dimension =
        Some(mil::dimension::Dimension::Constant(constant));
}

pub(super) fn immediate(value: &mut mil::Value) -> &mut mil::tensor_value::Value {
    match value.value.as_mut().unwrap() {
        mil::value::Value::ImmediateValue(immediate) => match immediate.value.as_mut().unwrap() {
            mil::value::immediate_value::Value::Tensor(tensor) => tensor.value.as_mut().unwrap(),
            other => panic!("no tensor: {other:?}"),
        },
        mil::value::Value::BlobFileValue(blob) => panic!("in a file: {blob:?}"),
    }
}

pub(super) fn set_ints(value: &mut mil::Value, ints: &[i32]) {
    *immediate(value) = mil::tensor_value::Value::Ints(mil::tensor_value::RepeatedInts {
        values: ints.to_vec(),
    });
}

pub(super) fn description(model: &mut spec::Model) -> &mut spec::ModelDescription {
    model.description.as_mut().unwrap()
}

pub(super) fn array(feature: &mut spec::FeatureDescription) -> &mut spec::ArrayFeatureType {
    match feature.r#type.as_mut().unwrap().r#type.as_mut().unwrap() {
        spec::feature_type::Type::MultiArrayType(array) => array,
        other => panic!("no array: {other:?}"),
    }
}
