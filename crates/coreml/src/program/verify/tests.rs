//! What verification refuses: good models with one thing wrong, each with the words of its error.
#![expect(
    clippy::wildcard_enum_match_arm,
    clippy::too_many_lines,
    clippy::semicolon_if_nothing_returned,
    reason = "tables of changes to a decoded tree"
)]

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

#[test]
fn names_are_defined_once_and_before_use() {
    check(&[
        (
            "mnist_cnn",
            "control character",
            |model| operation(model, "relu").outputs[0].name = "a\nb".into(),
            "control character",
        ),
        (
            "mnist_cnn",
            "empty",
            |model| operation(model, "relu").outputs[0].name.clear(),
            "is empty",
        ),
        (
            "mnist_cnn",
            "endless",
            |model| operation(model, "relu").outputs[0].name = "x".repeat(5000),
            "limits.name_bytes",
        ),
        (
            "mnist_cnn",
            "type",
            |model| operation(model, "relu").r#type.clear(),
            "the type of the operation is empty",
        ),
        (
            "mnist_cnn",
            "later",
            |model| block(model).operations.reverse(),
            "which nothing before it defines",
        ),
        (
            "mnist_cnn",
            "twice",
            |model| {
                let first = block(model).operations[0].clone();
                block(model).operations.insert(1, first);
            },
            "is defined already",
        ),
        (
            "mnist_cnn",
            "output",
            |model| block(model).outputs.push("gone".into()),
            "block output names \"gone\"",
        ),
        (
            "mnist_cnn",
            "no argument",
            |model| {
                operation(model, "relu")
                    .inputs
                    .get_mut("x")
                    .unwrap()
                    .arguments
                    .clear()
            },
            "parameter x has no argument",
        ),
        (
            "mnist_cnn",
            "empty argument",
            |model| {
                operation(model, "relu")
                    .inputs
                    .get_mut("x")
                    .unwrap()
                    .arguments[0]
                    .binding = None
            },
            "empty argument",
        ),
        (
            "mnist_cnn",
            "no type",
            |model| operation(model, "relu").outputs[0].r#type = None,
            "has no type",
        ),
        (
            "mnist_cnn",
            "input twice",
            |model| {
                let input = main(model).inputs[0].clone();
                main(model).inputs.push(input);
            },
            "is defined already",
        ),
    ]);
}

#[test]
fn nested_blocks_see_out_and_are_not_seen() {
    check(&[
        (
            "control_flow",
            "leak",
            |model| {
                let inner = operation(model, "cond").blocks[0].operations[0].outputs[0]
                    .name
                    .clone();
                block(model).outputs[0] = inner;
            },
            "which nothing before it defines",
        ),
        (
            "control_flow",
            "sibling",
            |model| {
                let cond = operation(model, "cond");
                cond.blocks[1].outputs[0] = cond.blocks[0].operations[0].outputs[0].name.clone();
            },
            "which nothing before it defines",
        ),
        (
            "control_flow",
            "shadow",
            |model| {
                let outer = main(model).inputs[0].name.clone();
                operation(model, "cond").blocks[0].operations[0].outputs[0].name = outer;
            },
            "is defined already",
        ),
        (
            "control_flow",
            "one block",
            |model| operation(model, "cond").blocks.truncate(1),
            "1 nested blocks",
        ),
        (
            "control_flow",
            "three blocks",
            |model| {
                let first = operation(model, "cond").blocks[0].clone();
                operation(model, "cond").blocks.push(first);
            },
            "3 nested blocks",
        ),
        (
            "control_flow",
            "outputs",
            |model| operation(model, "cond").blocks[0].outputs.clear(),
            "gives 0 values",
        ),
        (
            "control_flow",
            "loop outputs",
            |model| {
                let body = &mut operation(model, "while_loop").blocks[1];
                body.outputs.pop();
            },
            "a nested block gives",
        ),
        (
            "control_flow",
            "loop inputs",
            |model| {
                operation(model, "while_loop")
                    .inputs
                    .get_mut("loop_vars")
                    .unwrap()
                    .arguments
                    .pop();
            },
            "a nested block takes",
        ),
    ]);
}

#[test]
fn constants_fit_their_types() {
    check(&[
        (
            "mnist_cnn",
            "no val",
            |model| drop(operation(model, "const").attributes.remove("val")),
            "it has no val",
        ),
        (
            "mnist_cnn",
            "no value",
            |model| value(operation(model, "const"), "val").value = None,
            "a type and no value",
        ),
        (
            "mnist_cnn",
            "no type",
            |model| value(operation(model, "const"), "val").r#type = None,
            "it has no type",
        ),
        (
            "mnist_cnn",
            "other type",
            |model| tensor(&mut operation(model, "const").outputs[0].r#type).data_type = 11,
            "not that of its val",
        ),
        (
            "mnist_cnn",
            "unknown type",
            |model| tensor(&mut operation(model, "relu").outputs[0].r#type).data_type = 77,
            "77 is not known",
        ),
        (
            "mnist_cnn",
            "rank",
            |model| tensor(&mut operation(model, "relu").outputs[0].r#type).rank = 9,
            "its rank is 9",
        ),
        (
            "mnist_cnn",
            "axes",
            |model| {
                operation(model, "relu").outputs[0].r#type =
                    Some(tensor_type(DataType::Float16, &[1; 40]))
            },
            "limits.tensor_rank",
        ),
        (
            "mnist_cnn",
            "product",
            |model| {
                operation(model, "relu").outputs[0].r#type =
                    Some(tensor_type(DataType::Float16, &[1 << 33, 0, 1 << 33]))
            },
            "beyond 64 bits",
        ),
        (
            "mnist_cnn",
            "kind",
            |model| {
                *value(operation(model, "const"), "name") = mil::Value {
                    r#type: Some(tensor_type(DataType::Float32, &[])),
                    ..text("x")
                };
            },
            "its value is of another kind",
        ),
        (
            "mnist_cnn",
            "count",
            |model| {
                *value(operation(model, "const"), "name") = mil::Value {
                    r#type: Some(tensor_type(DataType::String, &[3])),
                    ..text("x")
                };
            },
            "3 elements, but its value 1",
        ),
    ]);
}

#[test]
fn affine_weights_fit() {
    const OP: &str = "constexpr_affine_dequantize";
    check(&[
        (
            "mnist_int8",
            "axis",
            |model| set_ints(value(operation(model, OP), "axis"), &[7]),
            "axis is 7",
        ),
        (
            "mnist_int8",
            "negative axis",
            |model| set_ints(value(operation(model, OP), "axis"), &[-9]),
            "axis is -9",
        ),
        (
            "mnist_int8",
            "other axis",
            |model| set_ints(value(operation(model, OP), "axis"), &[-1]),
            "has shape",
        ),
        (
            "mnist_int8",
            "no scale",
            |model| drop(operation(model, OP).attributes.remove("scale")),
            "it has no scale",
        ),
        (
            "mnist_int8",
            "scale type",
            |model| {
                let zero_point = value(operation(model, OP), "zero_point").clone();
                *value(operation(model, OP), "scale") = zero_point;
            },
            "scale is int8, not a float",
        ),
        (
            "mnist_int8",
            "zero point type",
            |model| {
                let scale = value(operation(model, OP), "scale").clone();
                *value(operation(model, OP), "zero_point") = scale;
            },
            "zero_point is float16",
        ),
        (
            "mnist_int8",
            "output shape",
            |model| resize(&mut operation(model, OP).outputs[0].r#type, 0, 3),
            "but its parameters give",
        ),
        (
            "mnist_int8",
            "output type",
            |model| tensor(&mut operation(model, OP).outputs[0].r#type).data_type = 11,
            "but its parameters give float16",
        ),
    ]);
}

#[test]
fn packed_tables_fit() {
    const OP: &str = "constexpr_lut_to_dense";
    check(&[
        (
            "mnist_lut4",
            "shape",
            |model| {
                let shape = value(operation(model, OP), "shape");
                let mut longer = words(shape);
                longer[0] += 1;
                set_words(shape, &longer);
            },
            "bytes",
        ),
        (
            "mnist_lut4",
            "no table",
            |model| drop(operation(model, OP).attributes.remove("lut")),
            "it has no lut",
        ),
        (
            "mnist_lut4",
            "indices for a table",
            |model| {
                let indices = value(operation(model, OP), "indices").clone();
                *value(operation(model, OP), "lut") = indices;
            },
            "lut has shape",
        ),
        (
            "mnist_lut4",
            "overflow",
            |model| set_words(value(operation(model, OP), "shape"), &[u32::MAX; 4]),
            "beyond 64 bits",
        ),
    ]);
}

fn words(value: &mut mil::Value) -> Vec<u32> {
    match immediate(value) {
        mil::tensor_value::Value::Bytes(bytes) => bytes
            .values
            .as_chunks::<4>()
            .0
            .iter()
            .map(|word| u32::from_le_bytes(*word))
            .collect(),
        other => panic!("no bytes: {other:?}"),
    }
}

fn set_words(value: &mut mil::Value, words: &[u32]) {
    let values = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    *immediate(value) =
        mil::tensor_value::Value::Bytes(mil::tensor_value::RepeatedBytes { values });
    value.r#type = Some(tensor_type(
        DataType::Uint32,
        &[u64::try_from(words.len()).unwrap()],
    ));
}

#[test]
fn weights_of_the_later_form_fit() {
    const BLOCKWISE: &str = "constexpr_blockwise_shift_scale";
    const LUT: &str = "constexpr_lut_to_dense";
    const LUT_TO_SPARSE: &str = "constexpr_lut_to_sparse";
    check(&[
        (
            "mnist_int4_block_ios18",
            "no scale",
            |model| drop(operation(model, BLOCKWISE).inputs.remove("scale")),
            "it has no scale",
        ),
        (
            "mnist_int4_block_ios18",
            "scale is data",
            |model| {
                let data = value(operation(model, BLOCKWISE), "data").clone();
                *value(operation(model, BLOCKWISE), "scale") = data;
            },
            "scale is int4, not a float",
        ),
        (
            "mnist_int4_block_ios18",
            "offset",
            |model| {
                let data = operation(model, BLOCKWISE).inputs["data"].clone();
                operation(model, BLOCKWISE)
                    .inputs
                    .insert("offset".into(), data);
            },
            "offset has shape",
        ),
        (
            "mnist_int4_block_ios18",
            "output",
            |model| resize(&mut operation(model, BLOCKWISE).outputs[0].r#type, 1, 9),
            "but its parameters give",
        ),
        (
            "mnist_int4_block_ios18",
            "outputs",
            |model| {
                let output = operation(model, BLOCKWISE).outputs[0].clone();
                operation(model, BLOCKWISE)
                    .outputs
                    .push(mil::NamedValueType {
                        name: "other".into(),
                        ..output
                    });
            },
            "2 outputs, not 1",
        ),
        (
            "mnist_lut4_grouped_ios18",
            "older form",
            |model| {
                let function = main(model);
                function.opset = "CoreML7".into();
                let block = function.block_specializations.pop_first().unwrap().1;
                function
                    .block_specializations
                    .insert("CoreML7".into(), block);
            },
            "it has no shape",
        ),
        (
            "mnist_lut4_grouped_ios18",
            "vector axis",
            |model| {
                let axis = mil::Value {
                    r#type: Some(tensor_type(DataType::Int32, &[])),
                    ..text("x")
                };
                let mut axis = axis;
                set_ints(&mut axis, &[12]);
                let binding = mil::argument::Binding {
                    binding: Some(mil::argument::binding::Binding::Value(axis)),
                };
                operation(model, LUT).inputs.insert(
                    "vector_axis".into(),
                    mil::Argument {
                        arguments: vec![binding],
                    },
                );
            },
            "vector_axis is 12",
        ),
        (
            "mnist_sparse_lut4_ios18",
            "mask",
            |model| {
                let indices =
                    operation(model, LUT_TO_SPARSE).inputs["indices_nonzero_data"].clone();
                operation(model, LUT_TO_SPARSE)
                    .inputs
                    .insert("indices_mask".into(), indices);
            },
            "indices_mask is uint4, not uint1",
        ),
        (
            "mnist_sparse_lut4_ios18",
            "variadic",
            |model| {
                let argument = operation(model, LUT_TO_SPARSE)
                    .inputs
                    .get_mut("lut")
                    .unwrap();
                let twice = argument.arguments[0].clone();
                argument.arguments.push(twice);
            },
            "it has no lut",
        ),
    ]);
}

#[test]
fn a_mask_keeps_as_many_as_there_are_values() {
    // One constant of ten: the mask of a sparse weight is a blob, so a bit of the file is flipped.
    let name = "mnist_sparse_lut4_ios18.mlpackage";
    let folder = model_path(name).join("Data/com.apple.CoreML");
    let model = std::fs::read(folder.join("model.mlmodel")).unwrap();
    let document = open_with_model(name, &model).unwrap();
    let file = document
        .package
        .files()
        .iter()
        .find(|file| file.path.ends_with("weight.bin"))
        .unwrap();
    let storage = crate::blob::Storage::open(&file.path, &file.bytes).unwrap();
    let mask = storage
        .records()
        .flatten()
        .find(|record| record.dtype == crate::blob::BlobType::Uint1)
        .unwrap();
    let at = usize::try_from(mask.data_offset).unwrap();
    let mut weights = file.bytes.to_vec();
    weights[at] ^= 1;
    let copy = tempfile::tempdir().unwrap();
    let scratch = tempfile::tempdir().unwrap();
    for file in document.package.files() {
        let path = copy.path().join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let bytes = if file.path.ends_with("weight.bin") {
            &weights[..]
        } else {
            &file.bytes[..]
        };
        std::fs::write(path, bytes).unwrap();
    }
    let limits = crate::Limits::default();
    let package = crate::Package::open(copy.path(), scratch.path(), &limits).unwrap();
    let error = Document::open(&package, &limits).unwrap_err();
    assert!(error.to_string().contains("indices_mask keeps"), "{error}");
}

#[test]
fn the_description_is_that_of_the_program() {
    check(&[
        (
            "mnist_cnn",
            "input",
            |model| description(model).input[0].name = "other".into(),
            "is no input of the function",
        ),
        (
            "mnist_cnn",
            "missing",
            |model| description(model).input.clear(),
            "is not described",
        ),
        (
            "mnist_cnn",
            "output",
            |model| description(model).output[0].name = "other".into(),
            "is no output of the function",
        ),
        (
            "mnist_cnn",
            "twice",
            |model| {
                let output = description(model).output[0].clone();
                description(model).output.push(output);
            },
            "is described twice",
        ),
        (
            "mnist_cnn",
            "element type",
            |model| array(&mut description(model).input[0]).data_type = 131_104,
            "the program float",
        ),
        (
            "mnist_cnn",
            "unknown element type",
            |model| array(&mut description(model).input[0]).data_type = 5,
            "array type 5 is not known",
        ),
        (
            "mnist_cnn",
            "shape",
            |model| array(&mut description(model).input[0]).shape[1] = 77,
            "the description says 77 on axis 1",
        ),
        (
            "mnist_cnn",
            "rank",
            |model| array(&mut description(model).input[0]).shape.push(1),
            "axes",
        ),
        (
            "mnist_cnn",
            "no type",
            |model| description(model).input[0].r#type = None,
            "has no type",
        ),
        (
            "mnist_cnn",
            "kind",
            |model| {
                let text = spec::feature_type::Type::DictionaryType(
                    spec::DictionaryFeatureType::default(),
                );
                description(model).input[0].r#type.as_mut().unwrap().r#type = Some(text);
            },
            "the description says a dictionary, the program a tensor",
        ),
        (
            "mnist_cnn",
            "label",
            |model| description(model).predicted_feature_name = "gone".into(),
            "is no output",
        ),
        (
            "mnist_cnn",
            "none",
            |model| model.description = None,
            "there is no description",
        ),
        (
            "image_bgr",
            "channels",
            |model| {
                let Some(spec::feature_type::Type::ImageType(image)) = description(model).input[0]
                    .r#type
                    .as_mut()
                    .unwrap()
                    .r#type
                    .as_mut()
                else {
                    panic!("no image");
                };
                image.color_space = 10;
            },
            "1 channels",
        ),
        (
            "image_bgr",
            "width",
            |model| {
                let Some(spec::feature_type::Type::ImageType(image)) = description(model).input[0]
                    .r#type
                    .as_mut()
                    .unwrap()
                    .r#type
                    .as_mut()
                else {
                    panic!("no image");
                };
                image.width += 1;
            },
            "width",
        ),
        (
            "stateful",
            "state",
            |model| description(model).state.clear(),
            "is not described",
        ),
        (
            "multifunction",
            "default",
            |model| description(model).default_function_name = "gone".into(),
            "is not described",
        ),
        (
            "multifunction",
            "missing function",
            |model| drop(program(model).functions.pop_first()),
            "there is no function",
        ),
        (
            "multifunction",
            "function twice",
            |model| {
                let first = description(model).functions[0].clone();
                description(model).functions.push(first);
            },
            "is described twice",
        ),
        (
            "flex_enum",
            "enumerated",
            |model| {
                let Some(spec::array_feature_type::ShapeFlexibility::EnumeratedShapes(shapes)) =
                    &mut array(&mut description(model).input[0]).shape_flexibility
                else {
                    panic!("no list");
                };
                shapes.shapes[0].shape.push(3);
            },
            "axes",
        ),
    ]);
}

#[test]
fn what_is_new_is_unsupported_and_not_malformed() {
    let rows: [(&str, &str, Change); 5] = [
        ("mnist_cnn", "specification version", |model| {
            model.specification_version = 11
        }),
        ("mnist_cnn", "program version", |model| {
            program(model).version = 2
        }),
        ("mnist_cnn", "opset", |model| {
            main(model).opset = "CoreML10".into()
        }),
        ("mnist_cnn", "block", |model| {
            main(model)
                .block_specializations
                .insert("CoreML10".into(), mil::Block::default());
        }),
        ("mnist_cnn", "kind", |model| {
            model.r#type = Some(model::Type::CustomModel(spec::Opaque {}))
        }),
    ];
    for (model, name, change) in rows {
        let error = changed(model, change).unwrap_err();
        assert_eq!(error.class(), Class::Unsupported, "{name}: {error}");
    }
}

#[test]
fn models_without_a_whole_are_malformed() {
    check(&[
        (
            "mnist_cnn",
            "version 0",
            |model| model.specification_version = 0,
            "never was",
        ),
        (
            "mnist_cnn",
            "nothing",
            |model| model.r#type = None,
            "it holds no model",
        ),
        (
            "mnist_cnn",
            "no block",
            |model| main(model).block_specializations.clear(),
            "there is no block for its operation set",
        ),
        (
            "mnist_cnn",
            "no outputs",
            |model| block(model).outputs.clear(),
            "the block has no outputs",
        ),
        (
            "mnist_cnn",
            "empty pipeline",
            |model| model.r#type = Some(model::Type::Pipeline(spec::Pipeline::default())),
            "it has no models",
        ),
        (
            "pipeline",
            "names",
            |model| {
                let Some(model::Type::Pipeline(pipeline)) = &mut model.r#type else {
                    panic!("no pipeline")
                };
                pipeline.names.push("one more".into());
            },
            "names",
        ),
        (
            "pipeline",
            "inner model",
            |model| {
                let Some(model::Type::Pipeline(pipeline)) = &mut model.r#type else {
                    panic!("no pipeline")
                };
                pipeline.models[1].r#type = None;
            },
            "model 1",
        ),
    ]);
}

/// A neural network with one layer, whose parameters are these records.
fn layer(kind: u32, records: &[Vec<u8>]) -> Result<(), Error> {
    let layer = [
        field_record(1, b"layer"),
        field_record(kind, &records.concat()),
    ]
    .concat();
    let network = field_record(1, &layer);
    let bytes = [varint_record(1, 4), field_record(500, &network)].concat();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network.mlmodel");
    std::fs::write(&path, bytes).unwrap();
    let limits = crate::Limits::default();
    let package = crate::Package::open(&path, folder.path(), &limits).unwrap();
    Document::open(&package, &limits).map(drop)
}

#[test]
fn layers_have_as_many_weights_as_their_sizes_say() {
    let floats = |count: usize| field_record(1, &vec![0; count.saturating_mul(4)]);
    let halves = |count: usize| field_record(2, &vec![0; count.saturating_mul(2)]);
    let table = |entries: usize| field_record(102, &floats(entries));
    let codes = |bytes: usize, bits: u64, rest: Vec<u8>| {
        [
            field_record(30, &vec![0; bytes]),
            field_record(40, &[varint_record(1, bits), rest].concat()),
        ]
        .concat()
    };
    let dense = |weights: Vec<u8>| {
        vec![
            varint_record(1, 4),
            varint_record(2, 2),
            field_record(20, &weights),
        ]
    };
    let kernel = |sizes: &[u8]| field_record(20, sizes);
    let convolution = |more: Vec<u8>, count: usize| {
        vec![
            varint_record(1, 6),
            varint_record(2, 2),
            more,
            field_record(90, &floats(count)),
        ]
    };
    let deconvolution = [varint_record(60, 1), varint_record(10, 3)].concat();
    for (name, kind, records, expected) in [
        ("dense", 140, dense(floats(8)), ""),
        ("dense, half", 140, dense(halves(8)), ""),
        (
            "dense, short",
            140,
            dense(floats(5)),
            "has 5 elements, but its sizes give 8",
        ),
        ("dense, empty", 140, dense(Vec::new()), "has 0 elements"),
        (
            "dense, huge",
            140,
            vec![
                varint_record(1, 1 << 40),
                varint_record(2, 1 << 40),
                field_record(20, &floats(8)),
            ],
            "beyond 64 bits",
        ),
        (
            "dense, no bias",
            140,
            [dense(floats(8)), vec![field_record(21, &[])]].concat(),
            "",
        ),
        (
            "dense, bias",
            140,
            [dense(floats(8)), vec![field_record(21, &floats(3))]].concat(),
            "weight 21 has 3 elements",
        ),
        ("codes", 140, dense(codes(4, 4, table(16))), ""),
        ("codes, 3 bits", 140, dense(codes(3, 3, Vec::new())), ""),
        (
            "codes, short",
            140,
            dense(codes(3, 4, Vec::new())),
            "has 6 elements",
        ),
        (
            "no bits",
            140,
            dense(codes(8, 0, Vec::new())),
            "quantized to 0 bits",
        ),
        (
            "nine bits",
            140,
            dense(codes(9, 9, Vec::new())),
            "quantized to 9 bits",
        ),
        (
            "short table",
            140,
            dense(codes(4, 4, table(3))),
            "3 entries, not 16",
        ),
        (
            "codes of nothing",
            140,
            dense(field_record(30, &[0; 8])),
            "no quantization",
        ),
        ("convolution, 3 by 3", 100, convolution(Vec::new(), 108), ""),
        (
            "convolution, 1 by 5",
            100,
            convolution(kernel(&[1, 5]), 60),
            "",
        ),
        (
            "convolution, wrong",
            100,
            convolution(kernel(&[1, 5]), 61),
            "has 61 elements",
        ),
        ("deconvolution", 100, convolution(deconvolution, 36), ""),
        (
            "constant",
            290,
            vec![field_record(1, &[2, 3, 4]), field_record(2, &floats(24))],
            "",
        ),
        (
            "constant, wrong",
            290,
            vec![field_record(1, &[2, 3, 4]), field_record(2, &floats(23))],
            "has 23 elements",
        ),
        ("unknown layer", 9999, vec![floats(3)], ""),
    ] {
        match layer(kind, &records) {
            Ok(()) => assert!(expected.is_empty(), "{name}: accepted"),
            Err(error) => {
                assert!(
                    !expected.is_empty() && error.to_string().contains(expected),
                    "{name}: {error}"
                );
                assert_eq!(error.class(), Class::Malformed);
            }
        }
    }
}
