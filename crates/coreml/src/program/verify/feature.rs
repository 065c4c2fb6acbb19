//! The description against the program: every feature is an input, output or state of its function and the other way
//! round, of a fitting kind and shape.

use std::collections::{BTreeMap, BTreeSet};

use super::place::{Place, check_name};
use crate::program::DataType;
use crate::program::tensor::{extent, known_type};
use crate::spec::array_feature_type::{ArrayDataType, ShapeFlexibility};
use crate::spec::feature_type::Type as Kind;
use crate::spec::image_feature_type::ColorSpace;
use crate::spec::mil::{NamedValueType, TensorType, ValueType, value_type};
use crate::spec::{
    ArrayFeatureType, FeatureDescription, ImageFeatureType, SizeRange, state_feature_type,
};
use crate::{Error, Limits, Shown};

/// The features of one function, from either place where a description keeps them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Features<'a> {
    /// Inputs.
    pub(super) inputs: &'a [FeatureDescription],
    /// Outputs.
    pub(super) outputs: &'a [FeatureDescription],
    /// States.
    pub(super) states: &'a [FeatureDescription],
    /// The output that is a classifier's label, or empty.
    pub(super) label: &'a str,
    /// The output that holds a classifier's probabilities, or empty.
    pub(super) probabilities: &'a str,
}

/// Checks the features of one function against its inputs and outputs.
pub(super) fn check(
    features: Features<'_>,
    inputs: &[NamedValueType],
    outputs: &[(&str, &ValueType)],
    place: Place<'_>,
    limits: &Limits,
) -> Result<(), Error> {
    let given: Vec<(&str, &ValueType)> = inputs
        .iter()
        .filter_map(|input| Some((input.name.as_str(), input.r#type.as_ref()?)))
        .collect();
    let described = features.inputs.iter().chain(features.states);
    side("input", described, &given, place, limits)?;
    side("output", features.outputs.iter(), outputs, place, limits)?;
    for name in [features.label, features.probabilities] {
        if !name.is_empty() && !features.outputs.iter().any(|output| output.name == name) {
            return Err(bad(
                place,
                format!("the predicted feature {name:?} is no output"),
            ));
        }
    }
    Ok(())
}

fn side<'f>(
    what: &str,
    features: impl Iterator<Item = &'f FeatureDescription>,
    given: &[(&str, &ValueType)],
    place: Place<'_>,
    limits: &Limits,
) -> Result<(), Error> {
    let by_name: BTreeMap<&str, &ValueType> = given.iter().copied().collect();
    let mut names = BTreeSet::new();
    for feature in features {
        let name = feature.name.as_str();
        check_name(
            name,
            &format!("the name of an {what} in the description"),
            place,
            limits,
        )?;
        if !names.insert(name) {
            return Err(bad(place, format!("{what} {name:?} is described twice")));
        }
        let Some(value_type) = by_name.get(name) else {
            return Err(bad(
                place,
                format!("the described {what} {name:?} is no {what} of the function"),
            ));
        };
        let kind = feature
            .r#type
            .as_ref()
            .and_then(|outer| outer.r#type.as_ref());
        let Some(kind) = kind else {
            return Err(bad(place, format!("{what} {name:?} has no type")));
        };
        fits(kind, value_type)
            .map_err(|why| bad(place, format!("{what} {name:?}: {}", why.as_str())))?;
    }
    match given.iter().find(|(name, _)| !names.contains(name)) {
        Some((name, _)) => Err(bad(
            place,
            format!("the function's {what} {name:?} is not described"),
        )),
        None => Ok(()),
    }
}

/// Whether a described kind is that of a value of the program.
fn fits(kind: &Kind, value_type: &ValueType) -> Result<(), Shown> {
    use value_type::Type;
    match (kind, &value_type.r#type) {
        (Kind::MultiArrayType(array), Some(Type::TensorType(tensor))) => array_fits(array, tensor),
        (Kind::ImageType(image), Some(Type::TensorType(tensor))) => image_fits(image, tensor),
        (Kind::Int64Type(_), Some(Type::TensorType(tensor))) => {
            let dtype = known_type(tensor)?;
            scalar(
                tensor,
                "an integer",
                !dtype.is_float() && dtype != DataType::String,
            )
        }
        (Kind::DoubleType(_), Some(Type::TensorType(tensor))) => {
            scalar(tensor, "a float", known_type(tensor)?.is_float())
        }
        (Kind::StringType(_), Some(Type::TensorType(tensor))) => {
            scalar(tensor, "a text", known_type(tensor)? == DataType::String)
        }
        (Kind::DictionaryType(_), Some(Type::DictionaryType(_)))
        | (Kind::SequenceType(_), Some(Type::ListType(_))) => Ok(()),
        (Kind::StateType(state), Some(Type::StateType(held))) => {
            let wrapped = held
                .wrapped_type
                .as_ref()
                .and_then(|inner| inner.r#type.as_ref());
            match (&state.r#type, wrapped) {
                (
                    Some(state_feature_type::Type::ArrayType(array)),
                    Some(Type::TensorType(tensor)),
                ) => array_fits(array, tensor),
                _ => Err("the state holds no array".into()),
            }
        }
        (_, found) => Err(format!(
            "the description says {}, the program {}",
            kind_name(kind),
            type_name(found.as_ref())
        )
        .into()),
    }
}

fn scalar(tensor: &TensorType, what: &str, right: bool) -> Result<(), Shown> {
    let one = tensor
        .dimensions
        .iter()
        .all(|dimension| extent(dimension).is_none_or(|extent| extent == 1));
    if right && one {
        Ok(())
    } else {
        Err(format!("the description says {what}, the program does not").into())
    }
}

fn array_fits(array: &ArrayFeatureType, tensor: &TensorType) -> Result<(), Shown> {
    let dtype = known_type(tensor)?;
    let described = ArrayDataType::try_from(array.data_type);
    let same = match described {
        Ok(ArrayDataType::Float16) => dtype == DataType::Float16,
        Ok(ArrayDataType::Float32) => dtype == DataType::Float32,
        Ok(ArrayDataType::Double) => matches!(dtype, DataType::Float64 | DataType::Float32),
        Ok(ArrayDataType::Int8) => dtype == DataType::Int8,
        Ok(ArrayDataType::Int32) => matches!(dtype, DataType::Int32 | DataType::Bool),
        Ok(ArrayDataType::InvalidArrayDataType) | Err(_) => {
            return Err(format!("array type {} is not known", array.data_type).into());
        }
    };
    if !same {
        return Err(
            format!("the description says {described:?} elements, the program {dtype}")
                .replace("Ok(", "")
                .replace(')', "")
                .into(),
        );
    }
    let extents: Vec<_> = tensor.dimensions.iter().map(extent).collect();
    if tensor.rank < 0 || extents.is_empty() {
        return Ok(());
    }
    let shapes: Vec<&[i64]> = match &array.shape_flexibility {
        Some(ShapeFlexibility::EnumeratedShapes(shapes)) => shapes
            .shapes
            .iter()
            .map(|shape| shape.shape.as_slice())
            .collect(),
        Some(ShapeFlexibility::ShapeRange(range)) => {
            return ranges_fit(&range.size_ranges, &extents);
        }
        None if array.shape.is_empty() => return Ok(()),
        None => vec![array.shape.as_slice()],
    };
    for shape in shapes {
        if shape.len() != extents.len() {
            return Err(format!(
                "the description says shape {shape:?}, the program has {} axes",
                extents.len()
            )
            .into());
        }
        for (axis, (described, extent)) in shape.iter().zip(&extents).enumerate() {
            if let Some(extent) = extent
                && *described >= 0
                && u64::try_from(*described) != Ok(*extent)
            {
                return Err(format!(
                    "the description says {described} on axis {axis}, the program {extent}"
                )
                .into());
            }
        }
    }
    Ok(())
}

fn ranges_fit(ranges: &[SizeRange], extents: &[Option<u64>]) -> Result<(), Shown> {
    if ranges.len() != extents.len() {
        return Err(format!(
            "the description has {} ranges, the program {} axes",
            ranges.len(),
            extents.len()
        )
        .into());
    }
    for (axis, (range, extent)) in ranges.iter().zip(extents).enumerate() {
        let largest = u64::try_from(range.upper_bound).unwrap_or(u64::MAX);
        if range.lower_bound > largest {
            return Err(format!("the range of axis {axis} is empty").into());
        }
        if let Some(extent) = extent
            && !(range.lower_bound..=largest).contains(extent)
        {
            return Err(format!(
                "the program has {extent} on axis {axis}, outside the described range"
            )
            .into());
        }
    }
    Ok(())
}

/// An image is a tensor of batch, channels, height and width.
fn image_fits(image: &ImageFeatureType, tensor: &TensorType) -> Result<(), Shown> {
    let dtype = known_type(tensor)?;
    if !matches!(dtype, DataType::Float16 | DataType::Float32) {
        return Err(format!("the description says an image, the program {dtype}").into());
    }
    let channels = match ColorSpace::try_from(image.color_space) {
        Ok(ColorSpace::Grayscale | ColorSpace::GrayscaleFloat16) => 1,
        Ok(ColorSpace::Rgb | ColorSpace::Bgr) => 3,
        Ok(ColorSpace::InvalidColorSpace) | Err(_) => {
            return Err(format!("colour space {} is not known", image.color_space).into());
        }
    };
    let extents: Vec<_> = tensor.dimensions.iter().map(extent).collect();
    let [_batch, depth, height, width] = extents.as_slice() else {
        return Err(format!(
            "the description says an image, the program has {} axes",
            extents.len()
        )
        .into());
    };
    if depth.is_some_and(|depth| depth != channels) {
        return Err(format!(
            "the description says {channels} channels, the program has another number"
        )
        .into());
    }
    if image.size_flexibility.is_none() {
        for (what, described, found) in [
            ("height", image.height, height),
            ("width", image.width, width),
        ] {
            if let Some(found) = found
                && u64::try_from(described) != Ok(*found)
            {
                return Err(format!(
                    "the description says {what} {described}, the program {found}"
                )
                .into());
            }
        }
    }
    Ok(())
}

fn kind_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Int64Type(_) => "an integer",
        Kind::DoubleType(_) => "a float",
        Kind::StringType(_) => "a text",
        Kind::ImageType(_) => "an image",
        Kind::MultiArrayType(_) => "an array",
        Kind::DictionaryType(_) => "a dictionary",
        Kind::SequenceType(_) => "a sequence",
        Kind::StateType(_) => "a state",
    }
}

fn type_name(found: Option<&value_type::Type>) -> &'static str {
    match found {
        Some(value_type::Type::TensorType(_)) => "a tensor",
        Some(value_type::Type::ListType(_)) => "a list",
        Some(value_type::Type::TupleType(_)) => "a tuple",
        Some(value_type::Type::DictionaryType(_)) => "a dictionary",
        Some(value_type::Type::StateType(_)) => "a state",
        None => "nothing",
    }
}

fn bad(place: Place<'_>, why: impl Into<Shown>) -> Error {
    Error::Feature {
        place: place.into(),
        why: why.into(),
    }
}
