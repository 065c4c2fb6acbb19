//! Constants fit the types they claim.

use super::damage::*;
use crate::program::DataType;
use crate::program::tests::{tensor_type, text};
use crate::spec::mil;

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
