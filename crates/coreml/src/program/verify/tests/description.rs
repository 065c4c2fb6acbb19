//! The description is that of the program; what is new is told from what is broken.

use super::damage::*;
use crate::Class;
use crate::spec::{self, mil, model};

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
