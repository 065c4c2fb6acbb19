//! Documents of the packages in `tests/models`: spans against the tree, constants against the files, changed bytes against crashes.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "models of the kinds that are in tests/models"
)]

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use prost::Message as _;

use super::*;
use crate::spec::{self, mil, model};
use crate::wire::{Edit, fields, splice};
use crate::{Error, Limits, Package};

/// The package of the repository with that name.
pub(super) fn model_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/models")
        .join(name)
}

fn open(path: &Path) -> Result<Document, Error> {
    let scratch = tempfile::tempdir().unwrap();
    let package = Package::open(path, scratch.path(), &Limits::default())?;
    Document::open(&package, &Limits::default())
}

/// A copy of a package whose model file is another one.
pub(super) fn open_with_model(name: &str, bytes: &[u8]) -> Result<Document, Error> {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.mlpackage");
    copy_folder(&model_path(name), &copy);
    std::fs::write(copy.join("Data/com.apple.CoreML/model.mlmodel"), bytes).unwrap();
    open(&copy)
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn all() -> Vec<(String, Document)> {
    let mut documents = Vec::new();
    for entry in std::fs::read_dir(model_path("")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".mlpackage") || name.ends_with(".mlmodel") {
            let document = open(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
            documents.push((name, document));
        }
    }
    assert!(documents.len() > 15);
    documents
}

#[test]
fn every_model_of_the_repository_is_accepted() {
    for (name, document) in all() {
        let expected = match name.as_str() {
            "pipeline.mlpackage" => "pipeline",
            "legacy_glm.mlmodel" => "glmClassifier",
            "legacy_nn_lut4.mlmodel" => "neuralNetwork",
            _ => "mlProgram",
        };
        assert_eq!(document.model_type().name(), expected, "{name}");
    }
}

#[test]
fn spans_are_parallel_to_the_tree() {
    for (name, document) in all() {
        let bytes = &document.package.model().bytes[..];
        check_model(&document.model, &document.spans, bytes, &name);
    }
}

fn check_model(model: &spec::Model, span: &ModelSpan, bytes: &[u8], name: &str) {
    let version = span.specification_version.clone().unwrap();
    let field = fields(bytes, version.clone()).next().unwrap().unwrap();
    assert_eq!((field.number, field.record), (1, version), "{name}");
    match model.r#type.as_ref().unwrap() {
        model::Type::MlProgram(program) => {
            assert_eq!(span.functions.len(), program.functions.len(), "{name}");
            for function in &span.functions {
                check_function(&program.functions[&function.name], function, bytes, name);
            }
        }
        model::Type::Pipeline(pipeline) => {
            assert_eq!(span.models.len(), pipeline.models.len(), "{name}");
            for (model, span) in pipeline.models.iter().zip(&span.models) {
                check_model(model, span, bytes, name);
            }
        }
        model::Type::NeuralNetwork(network) => {
            assert!(
                !network.layers.is_empty() && span.layers.len() == network.layers.len(),
                "{name}"
            );
        }
        _ => assert!(span.functions.is_empty() && span.models.is_empty() && span.layers.is_empty()),
    }
}

fn check_function(function: &mil::Function, span: &FunctionSpan, bytes: &[u8], name: &str) {
    let entry = fields(bytes, span.record.clone()).next().unwrap().unwrap();
    assert_eq!((entry.number, &entry.record), (2, &span.record), "{name}");
    let opset = fields(bytes, span.opset.clone()).next().unwrap().unwrap();
    assert_eq!(&bytes[opset.payload], function.opset.as_bytes(), "{name}");
    assert_eq!(
        span.blocks.len(),
        function.block_specializations.len(),
        "{name}"
    );
    for block in &span.blocks {
        let key = fields(bytes, block.key_record.clone())
            .next()
            .unwrap()
            .unwrap();
        assert_eq!(&bytes[key.payload], block.key.as_bytes(), "{name}");
        check_block(
            &function.block_specializations[&block.key],
            &block.block,
            bytes,
            name,
        );
    }
}

fn check_block(block: &mil::Block, span: &BlockSpan, bytes: &[u8], name: &str) {
    assert_eq!(span.operations.len(), block.operations.len(), "{name}");
    for (operation, span) in block.operations.iter().zip(&span.operations) {
        let field = fields(bytes, span.record.clone()).next().unwrap().unwrap();
        assert_eq!((field.number, &field.payload), (3, &span.payload), "{name}");
        assert_eq!(
            &mil::Operation::decode(&bytes[span.payload.clone()]).unwrap(),
            operation,
            "{name}"
        );
        assert_eq!(span.blocks.len(), operation.blocks.len(), "{name}");
        for (inner, span) in operation.blocks.iter().zip(&span.blocks) {
            check_block(inner, span, bytes, name);
        }
    }
}

#[test]
fn constants_come_from_where_they_lie() {
    let document = open(&model_path("mnist_int8.mlpackage")).unwrap();
    let model::Type::MlProgram(program) = document.model.r#type.as_ref().unwrap() else {
        panic!("not a program");
    };
    let block = program.functions["main"]
        .block_specializations
        .values()
        .next()
        .unwrap();
    let mut blobs = 0;
    for operation in &block.operations {
        for (attribute, value) in &operation.attributes {
            let tensor = document.tensor(value).unwrap();
            match (operation.r#type.as_str(), attribute.as_str()) {
                ("constexpr_affine_dequantize", "quantized_data") => {
                    assert_eq!(tensor.dtype, DataType::Int8);
                    assert_eq!(u64::try_from(tensor.data.len()), Ok(tensor.elements()));
                    let Stored::Blob { file_index, offset } = tensor.storage else {
                        panic!("not in a file")
                    };
                    let file = &document.package.files()[file_index];
                    let start = usize::try_from(offset).unwrap().saturating_add(64);
                    assert_eq!(tensor.data, &file.bytes[start..][..tensor.data.len()]);
                    blobs += 1;
                }
                (_, "axis") => assert_eq!(
                    (&*tensor.data, tensor.storage),
                    (&[0; 4][..], Stored::Immediate)
                ),
                (_, "name") => assert_eq!((tensor.dtype, tensor.data.len()), (DataType::String, 0)),
                _ => {}
            }
        }
    }
    assert!(blobs > 2);
}

#[test]
fn an_operation_is_replaced_and_nothing_else_changes() {
    let document = open(&model_path("control_flow.mlpackage")).unwrap();
    let bytes = &document.package.model().bytes[..];
    let block = &document.spans.functions[0].blocks[0].block;
    let nested = block
        .operations
        .iter()
        .find_map(|span| span.blocks.first())
        .unwrap();
    let span = &nested.operations[0];
    let mut operation = mil::Operation::decode(&bytes[span.payload.clone()]).unwrap();
    operation.attributes.insert("note".into(), text("spliced"));
    let edit = Edit {
        record: span.record.clone(),
        replacement: crate::wire::field_record(3, &operation.encode_to_vec()),
    };
    let changed =
        open_with_model("control_flow.mlpackage", &splice(bytes, &[edit]).unwrap()).unwrap();
    let inner = |document: &Document| {
        let block = document.spans.functions[0].blocks[0].block.clone();
        let bytes = document.package.model().bytes.to_vec();
        block
            .operations
            .iter()
            .map(|span| bytes[span.payload.clone()].to_vec())
            .collect::<Vec<_>>()
    };
    let differing = inner(&document)
        .iter()
        .zip(inner(&changed))
        .filter(|(a, b)| *a != b)
        .count();
    assert_eq!(differing, 1, "only the operation around it");
}

/// A constant text.
pub(super) fn text(words: &str) -> mil::Value {
    use mil::value::{ImmediateValue, Value, immediate_value};
    let strings = mil::tensor_value::RepeatedStrings {
        values: vec![words.to_owned()],
    };
    let tensor = mil::TensorValue {
        value: Some(mil::tensor_value::Value::Strings(strings)),
    };
    mil::Value {
        r#type: Some(tensor_type(DataType::String, &[])),
        value: Some(Value::ImmediateValue(ImmediateValue {
            value: Some(immediate_value::Value::Tensor(tensor)),
        })),
        ..Default::default()
    }
}

/// A tensor's type.
pub(super) fn tensor_type(dtype: DataType, shape: &[u64]) -> mil::ValueType {
    let constant = |size: &u64| mil::Dimension {
        dimension: Some(mil::dimension::Dimension::Constant(
            mil::dimension::ConstantDimension { size: *size },
        )),
    };
    let tensor = mil::TensorType {
        data_type: dtype.number(),
        rank: i64::try_from(shape.len()).unwrap(),
        dimensions: shape.iter().map(constant).collect(),
        ..Default::default()
    };
    mil::ValueType {
        r#type: Some(mil::value_type::Type::TensorType(tensor)),
    }
}

/// A constant of integers, in either field.
fn integers(dtype: DataType, values: &[i64], long: bool) -> mil::Value {
    use mil::value::{ImmediateValue, Value, immediate_value};
    let value = if long {
        mil::tensor_value::Value::LongInts(mil::tensor_value::RepeatedLongInts {
            values: values.to_vec(),
        })
    } else {
        let values = values
            .iter()
            .map(|value| i32::try_from(*value).unwrap())
            .collect();
        mil::tensor_value::Value::Ints(mil::tensor_value::RepeatedInts { values })
    };
    let tensor = mil::TensorValue { value: Some(value) };
    mil::Value {
        r#type: Some(tensor_type(dtype, &[u64::try_from(values.len()).unwrap()])),
        value: Some(Value::ImmediateValue(ImmediateValue {
            value: Some(immediate_value::Value::Tensor(tensor)),
        })),
        ..Default::default()
    }
}

#[test]
fn integers_become_little_endian_bytes_or_an_error() {
    let document = open(&model_path("tied.mlpackage")).unwrap();
    for (dtype, values, long, expected) in [
        (
            DataType::Int32,
            &[1, -2][..],
            false,
            Some(vec![1, 0, 0, 0, 254, 255, 255, 255]),
        ),
        (DataType::Uint32, &[-1], false, Some(vec![255; 4])),
        (DataType::Uint32, &[1 << 31], true, Some(vec![0, 0, 0, 128])),
        (DataType::Uint16, &[65535], false, Some(vec![255, 255])),
        (DataType::Uint16, &[65536], false, None),
        (DataType::Uint16, &[-1], false, None),
        (DataType::Int16, &[-32768], false, Some(vec![0, 128])),
        (DataType::Int16, &[32768], false, None),
        (DataType::Int8, &[-128, 127], false, Some(vec![128, 127])),
        (DataType::Int8, &[128], false, None),
        (DataType::Uint8, &[255], false, Some(vec![255])),
        (DataType::Uint8, &[-1], false, None),
        (
            DataType::Int64,
            &[i64::MIN],
            true,
            Some(i64::MIN.to_le_bytes().to_vec()),
        ),
        (DataType::Uint64, &[-1], true, Some(vec![255; 8])),
        (DataType::Float32, &[1], false, None),
    ] {
        let value = integers(dtype, values, long);
        let found = document
            .tensor(&value)
            .ok()
            .map(|tensor| tensor.data.into_owned());
        assert_eq!(found, expected, "{dtype} {values:?}");
    }
}

#[test]
fn opsets_and_types_have_the_words_of_the_contract() {
    for opset in Opset::ALL {
        assert_eq!(opset.name().parse(), Ok(opset));
    }
    assert_eq!("CoreML10".parse::<Opset>(), Err(UnknownOpset));
    assert_eq!(
        (Opset::CoreML6.ios(), Opset::CoreML6.specification_version()),
        ("iOS16", 7)
    );
    assert_eq!(
        (Opset::CoreML9.ios(), Opset::CoreML9.macos()),
        ("iOS26", "macOS26")
    );
    assert!(Opset::CoreML7 < Opset::CoreML8);
    for (dtype, name, bytes) in [
        (DataType::Float16, "float16", Some(20)),
        (DataType::Uint3, "uint3", Some(4)),
        (DataType::Uint1, "uint1", Some(2)),
        (DataType::Int4, "int4", Some(5)),
        (DataType::Bool, "bool", Some(10)),
    ] {
        assert_eq!((dtype.name(), dtype.size_bytes(10)), (name, bytes));
    }
    assert_eq!(DataType::Float64.size_bytes(u64::MAX / 2), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn changed_bytes_give_a_document_or_one_line(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4), which in 0usize..4) {
        let name = ["mnist_sparse_lut4_ios18", "control_flow", "stateful", "multifunction"][which];
        let name = format!("{name}.mlpackage");
        let mut bytes = std::fs::read(model_path(&name).join("Data/com.apple.CoreML/model.mlmodel")).unwrap();
        for (at, byte) in changes {
            *at.get_mut(&mut bytes) = byte;
        }
        if let Err(error) = open_with_model(&name, &bytes) {
            let line = error.to_string();
            prop_assert!(!line.contains(char::is_control) && line.chars().count() < 1000, "{}", line);
        }
    }
}
