//! The forms of compressed weights fit together.

use super::damage::*;
use crate::program::tests::{model_path, open_with_model, tensor_type, text};
use crate::program::{DataType, Document};
use crate::spec::mil;

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
