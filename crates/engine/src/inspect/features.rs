//! Inputs, outputs and states as people read them.

use api::inspection::FeatureInspection;
use coreml::spec::{
    self, array_feature_type, feature_type::Type, image_feature_type, state_feature_type,
};

/// All features of a list.
pub(super) fn all(list: &[spec::FeatureDescription]) -> Vec<FeatureInspection> {
    list.iter().map(one).collect()
}

fn one(feature: &spec::FeatureDescription) -> FeatureInspection {
    let kind = feature.r#type.as_ref().and_then(|t| t.r#type.as_ref());
    let (name, dtype, shape, flexibility) = match kind {
        Some(Type::MultiArrayType(array)) => array_parts("multi_array", array),
        Some(Type::StateType(state)) => match &state.r#type {
            Some(state_feature_type::Type::ArrayType(array)) => array_parts("state", array),
            None => ("state", None, Vec::new(), "fixed"),
        },
        Some(Type::ImageType(image)) => (
            "image",
            Some(color_space(image.color_space).to_owned()),
            vec![image.height, image.width],
            match &image.size_flexibility {
                None => "fixed",
                Some(image_feature_type::SizeFlexibility::EnumeratedSizes(_)) => "enumerated",
                Some(image_feature_type::SizeFlexibility::ImageSizeRange(_)) => "range",
            },
        ),
        Some(Type::Int64Type(_)) => ("int64", None, Vec::new(), "fixed"),
        Some(Type::DoubleType(_)) => ("double", None, Vec::new(), "fixed"),
        Some(Type::StringType(_)) => ("string", None, Vec::new(), "fixed"),
        Some(Type::DictionaryType(_)) => ("dictionary", None, Vec::new(), "fixed"),
        Some(Type::SequenceType(_)) => ("sequence", None, Vec::new(), "range"),
        None => ("unknown", None, Vec::new(), "fixed"),
    };
    FeatureInspection {
        name: feature.name.clone(),
        kind: name.to_owned(),
        dtype,
        shape,
        flexibility: flexibility.to_owned(),
        optional: feature.r#type.as_ref().is_some_and(|t| t.is_optional),
    }
}

type Parts = (&'static str, Option<String>, Vec<i64>, &'static str);

fn array_parts(kind: &'static str, array: &spec::ArrayFeatureType) -> Parts {
    let flexibility = match &array.shape_flexibility {
        None => "fixed",
        Some(array_feature_type::ShapeFlexibility::EnumeratedShapes(_)) => "enumerated",
        Some(array_feature_type::ShapeFlexibility::ShapeRange(_)) => "range",
    };
    (
        kind,
        Some(array_dtype(array.data_type).to_owned()),
        array.shape.clone(),
        flexibility,
    )
}

/// `ArrayFeatureType.ArrayDataType`: 0x10000 marks floats, 0x20000 integers; the low bits are the width.
fn array_dtype(number: i32) -> &'static str {
    match number {
        65552 => "float16",
        65568 => "float32",
        65600 => "float64",
        131_080 => "int8",
        131_104 => "int32",
        _ => "unknown",
    }
}

fn color_space(number: i32) -> &'static str {
    match number {
        10 => "grayscale",
        20 => "rgb",
        30 => "bgr",
        40 => "grayscale_float16",
        _ => "unknown",
    }
}
