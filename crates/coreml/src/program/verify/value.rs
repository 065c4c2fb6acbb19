//! Types and constants: known element types, honest ranks, products within 64 bits, data as large as the type says.

use super::parameter::Masks;
use super::place::Place;
use super::records::Records;
use crate::number::wide;
use crate::program::tensor::{self, extent, known_type};
use crate::spec::mil::value::{Value as Stored, immediate_value};
use crate::spec::mil::{TensorType, Value, ValueType, dimension, value_type};
use crate::{Error, Limit, Limits, Package, Shown};

/// What checking a constant needs.
#[derive(Debug)]
pub(super) struct Values<'a> {
    /// Where the weight files are.
    pub(super) package: &'a Package,
    /// How large things may be.
    pub(super) limits: &'a Limits,
    /// The records that were named so far.
    pub(super) records: Records,
    /// The masks that were counted so far.
    pub(super) masks: Masks,
}

impl Values<'_> {
    /// Checks a constant; `what` says whose it is. Nesting was bounded before decoding.
    pub(super) fn check(
        &mut self,
        value: &Value,
        what: &str,
        place: Place<'_>,
    ) -> Result<(), Error> {
        let bad = |why: &str| bad(place, what, why);
        let value_type = value.r#type.as_ref().ok_or_else(|| bad("it has no type"))?;
        check_type(value_type, what, place, self.limits)?;
        if let Some(Stored::BlobFileValue(reference)) = &value.value {
            let (file_index, record) = tensor::record_of(self.package, reference)
                .map_err(|error| used_by(error, what, place))?;
            self.records.note(file_index, record);
        }
        let immediate = match &value.value {
            Some(Stored::ImmediateValue(immediate)) => immediate.value.as_ref(),
            Some(Stored::BlobFileValue(_)) | None => None,
        };
        match (&value_type.r#type, immediate) {
            (Some(value_type::Type::TensorType(_)), _) => {
                match tensor::read(self.package, value)? {
                    Ok(_) => Ok(()),
                    Err(why) => Err(bad(why.as_str())),
                }
            }
            (Some(value_type::Type::ListType(_)), Some(immediate_value::Value::List(list))) => list
                .values
                .iter()
                .try_for_each(|inner| self.check(inner, what, place)),
            (Some(value_type::Type::TupleType(_)), Some(immediate_value::Value::Tuple(tuple))) => {
                tuple
                    .values
                    .iter()
                    .try_for_each(|inner| self.check(inner, what, place))
            }
            (
                Some(value_type::Type::DictionaryType(_)),
                Some(immediate_value::Value::Dictionary(dictionary)),
            ) => {
                for pair in &dictionary.values {
                    for inner in [&pair.key, &pair.value] {
                        let inner = inner
                            .as_ref()
                            .ok_or_else(|| bad("a pair of it lacks its key or value"))?;
                        self.check(inner, what, place)?;
                    }
                }
                Ok(())
            }
            (_, None) => Err(bad("it has a type and no value")),
            (_, Some(_)) => Err(bad("its value is of another kind than its type")),
        }
    }
}

/// Checks a type, and those inside it.
pub(super) fn check_type(
    value_type: &ValueType,
    what: &str,
    place: Place<'_>,
    limits: &Limits,
) -> Result<(), Error> {
    let inner = |inner: &Option<Box<ValueType>>| match inner {
        Some(inner) => check_type(inner, what, place, limits),
        None => Ok(()),
    };
    match &value_type.r#type {
        None => Err(bad(place, what, "its type is not said")),
        Some(value_type::Type::TensorType(tensor)) => {
            check_tensor_type(tensor, what, place, limits)
        }
        Some(value_type::Type::ListType(list)) => inner(&list.r#type),
        Some(value_type::Type::TupleType(tuple)) => tuple
            .types
            .iter()
            .try_for_each(|member| check_type(member, what, place, limits)),
        Some(value_type::Type::DictionaryType(dictionary)) => {
            inner(&dictionary.key_type)?;
            inner(&dictionary.value_type)
        }
        Some(value_type::Type::StateType(state)) => inner(&state.wrapped_type),
    }
}

fn check_tensor_type(
    tensor: &TensorType,
    what: &str,
    place: Place<'_>,
    limits: &Limits,
) -> Result<(), Error> {
    known_type(tensor).map_err(|why| bad(place, what, why.as_str()))?;
    let axes = wide(tensor.dimensions.len());
    if axes > limits.tensor_rank {
        return Err(Error::TooMuch {
            limit: Limit::TensorRank,
            place: place.into(),
            found: axes,
            most: limits.tensor_rank,
        });
    }
    let variadic = tensor
        .dimensions
        .iter()
        .any(|dimension| match dimension.dimension {
            Some(dimension::Dimension::Unknown(unknown)) => unknown.variadic,
            Some(dimension::Dimension::Constant(_)) | None => false,
        });
    if !variadic && u64::try_from(tensor.rank) != Ok(axes) {
        return Err(bad(
            place,
            what,
            &format!("its rank is {}, but it has {axes} dimensions", tensor.rank),
        ));
    }
    let elements = tensor
        .dimensions
        .iter()
        .filter_map(extent)
        .filter(|extent| *extent != 0)
        .try_fold(1u64, u64::checked_mul);
    if elements.is_none() {
        return Err(bad(
            place,
            what,
            "the product of its extents is beyond 64 bits",
        ));
    }
    Ok(())
}

fn bad(place: Place<'_>, what: &str, why: &str) -> Error {
    Error::Value {
        place: place.into(),
        why: format!("{what}: {why}").into(),
    }
}

/// Adds whose constant it is to an error of a weight file.
fn used_by(error: Error, what: &str, place: Place<'_>) -> Error {
    let user = |file: Shown| Shown::from(format!("{place}, {what}: {file}"));
    if let Error::Blob {
        place: file,
        offset,
        why,
    } = error
    {
        Error::Blob {
            place: user(file),
            offset,
            why,
        }
    } else if let Error::BlobReference { place: file, why } = error {
        Error::BlobReference {
            place: user(file),
            why,
        }
    } else {
        error
    }
}
