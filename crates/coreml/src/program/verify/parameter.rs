//! Parameters of an operation, found where its operation set keeps them: attribute, argument, or an earlier output.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::place::Place;
use super::scope::Scope;
use crate::program::tensor::{constant_type, known_type, read};
use crate::program::{DataType, Stored, Tensor};
use crate::spec::mil::argument::binding::Binding;
use crate::spec::mil::{Operation, TensorType, Value, ValueType, value_type};
use crate::{Error, Package, Shown};

/// The parameters of one operation.
#[derive(Debug)]
pub(super) struct Parameters<'a, 's> {
    /// The operation.
    pub(super) operation: &'a Operation,
    /// What its names stand for.
    pub(super) scope: &'s Scope<'s>,
    /// Where the weight files are.
    pub(super) package: &'a Package,
    /// Masks that were counted already.
    pub(super) masks: &'s Masks,
    /// Where it is, for errors.
    pub(super) place: Place<'a>,
}

/// Ones of masks, so that a mask that many operations share is counted once.
#[derive(Debug, Default)]
pub(super) struct Masks(RefCell<BTreeMap<(Stored, usize, u64), u64>>);

/// A parameter that is read as integers has no more of them: axes and shapes are short.
const MOST_INTEGERS: u64 = 64;

/// The type of a parameter whose extents are all known.
#[derive(Debug, Clone)]
pub(super) struct Known {
    /// Element type.
    pub(super) dtype: DataType,
    /// Extent of each axis.
    pub(super) shape: Vec<u64>,
    /// Their product.
    pub(super) elements: u64,
}

impl Known {
    /// Refuses other element types than these.
    pub(super) fn is(
        &self,
        name: &str,
        types: &[DataType],
        parameters: &Parameters<'_, '_>,
    ) -> Result<(), Error> {
        if types.contains(&self.dtype) {
            Ok(())
        } else {
            let types: Vec<_> = types.iter().map(|dtype| dtype.name()).collect();
            Err(parameters.bad(format!(
                "{name} is {}, not {}",
                self.dtype,
                types.join(" or ")
            )))
        }
    }

    /// Refuses anything but floats.
    pub(super) fn is_float(
        &self,
        name: &str,
        parameters: &Parameters<'_, '_>,
    ) -> Result<(), Error> {
        if self.dtype.is_float() {
            Ok(())
        } else {
            Err(parameters.bad(format!("{name} is {}, not a float", self.dtype)))
        }
    }
}

impl Parameters<'_, '_> {
    /// Whether the parameter is there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// A parameter that must be a tensor of known shape.
    pub(super) fn tensor(&self, name: &str) -> Result<Known, Error> {
        let (value_type, _) = self
            .find(name)
            .ok_or_else(|| self.bad(format!("it has no {name}")))?;
        let Some(tensor) = tensor_type(value_type) else {
            return Err(self.bad(format!("{name} is no tensor")));
        };
        let (dtype, shape, elements) =
            constant_type(tensor).map_err(|why| self.bad(format!("{name}: {}", why.as_str())))?;
        Ok(Known {
            dtype,
            shape,
            elements,
        })
    }

    /// A parameter that must be a constant axis of a tensor with that many; negative ones count from the end.
    pub(super) fn axis(&self, name: &str, rank: usize) -> Result<usize, Error> {
        let axes = self.integers(name)?;
        let &[axis] = axes.as_slice() else {
            return Err(self.bad(format!("{name} is not one number")));
        };
        let rank = i64::try_from(rank).unwrap_or(i64::MAX);
        let from_start = if axis < 0 {
            axis.saturating_add(rank)
        } else {
            axis
        };
        match usize::try_from(from_start) {
            Ok(index) if from_start < rank || (rank == 0 && index == 0) => Ok(index),
            _ => Err(self.bad(format!("{name} is {axis}, but there are {rank} axes"))),
        }
    }

    /// A parameter that must be a constant shape, and the product of its extents.
    pub(super) fn shape(&self, name: &str) -> Result<(Vec<u64>, u64), Error> {
        let extents = self.integers(name)?;
        let mut shape = Vec::with_capacity(extents.len());
        let mut elements = 1u64;
        for extent in extents {
            let extent = u64::try_from(extent)
                .map_err(|_negative| self.bad(format!("{name} has the extent {extent}")))?;
            elements = elements
                .checked_mul(extent)
                .ok_or_else(|| self.bad(format!("the product of {name} is beyond 64 bits")))?;
            shape.push(extent);
        }
        Ok((shape, elements))
    }

    /// How many of the first `elements` bits of a constant mask are 1; none where the mask is not a constant.
    pub(super) fn ones(&self, name: &str, elements: u64) -> Result<Option<u64>, Error> {
        let Some(value) = self.find(name).and_then(|found| found.1) else {
            return Ok(None);
        };
        let immediate = (
            Stored::Immediate,
            std::ptr::from_ref(value).addr(),
            elements,
        );
        if let Some(counted) = self.masks.0.borrow().get(&immediate) {
            return Ok(Some(*counted));
        }
        let tensor = self.read(name, value)?;
        let key = match tensor.storage {
            Stored::Immediate => immediate,
            Stored::Blob { .. } => (tensor.storage, 0, elements),
        };
        if let Some(counted) = self.masks.0.borrow().get(&key) {
            return Ok(Some(*counted));
        }
        let rest = u32::try_from(elements % 8).unwrap_or(0);
        let (whole, last) = match tensor.data.split_last() {
            Some((last, whole)) if rest > 0 => {
                (whole, *last & !(u8::MAX.checked_shl(rest).unwrap_or(0)))
            }
            _ => (&*tensor.data, 0),
        };
        let (words, bytes) = whole.as_chunks::<8>();
        let in_words = words
            .iter()
            .map(|word| u64::from(u64::from_le_bytes(*word).count_ones()));
        let in_bytes = bytes
            .iter()
            .chain([&last])
            .map(|byte| u64::from(byte.count_ones()));
        let ones = in_words.chain(in_bytes).fold(0, u64::saturating_add);
        self.masks.0.borrow_mut().insert(key, ones);
        Ok(Some(ones))
    }

    /// The element type of an output, none where it is no tensor.
    pub(super) fn output_type(&self, index: usize) -> Option<DataType> {
        tensor_type(self.operation.outputs.get(index)?.r#type.as_ref())
            .and_then(|tensor| known_type(tensor).ok())
    }

    /// Refuses outputs of other types.
    pub(super) fn outputs(&self, expected: &[(DataType, &Vec<u64>)]) -> Result<(), Error> {
        let outputs = &self.operation.outputs;
        if outputs.len() != expected.len() {
            return Err(self.bad(format!(
                "it has {} outputs, not {}",
                outputs.len(),
                expected.len()
            )));
        }
        for (output, (dtype, shape)) in outputs.iter().zip(expected) {
            let name = &output.name;
            let Some(tensor) = tensor_type(output.r#type.as_ref()) else {
                return Err(self.bad(format!("output {name} is no tensor")));
            };
            let (found, extents, _) = constant_type(tensor)
                .map_err(|why| self.bad(format!("output {name}: {}", why.as_str())))?;
            if found != *dtype || extents != **shape {
                return Err(self.bad(format!("output {name} is {found} {extents:?}, but its parameters give {dtype} {shape:?}")));
            }
        }
        Ok(())
    }

    /// The error of this operation.
    pub(super) fn bad(&self, why: impl Into<Shown>) -> Error {
        Error::Constexpr {
            place: self.place.into(),
            why: why.into(),
        }
    }

    fn integers(&self, name: &str) -> Result<Vec<i64>, Error> {
        let known = self.tensor(name)?;
        if known.shape.len() > 1 || known.elements > MOST_INTEGERS {
            return Err(self.bad(format!(
                "{name} has shape {:?}, not a few numbers",
                known.shape
            )));
        }
        let value = self
            .find(name)
            .and_then(|found| found.1)
            .ok_or_else(|| self.bad(format!("{name} is no constant")))?;
        let tensor = self.read(name, value)?;
        let signed = matches!(
            tensor.dtype,
            DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64
        );
        let unsigned = matches!(
            tensor.dtype,
            DataType::Uint8 | DataType::Uint16 | DataType::Uint32
        );
        if !signed && !unsigned {
            return Err(self.bad(format!("{name} is {}, not an integer", tensor.dtype)));
        }
        let size = usize::try_from(tensor.dtype.bits() / 8).unwrap_or(8);
        let widen = |bytes: &[u8]| {
            let negative = signed && bytes.last().is_some_and(|byte| *byte >= 0x80);
            let mut eight = if negative { [0xff; 8] } else { [0; 8] };
            for (slot, byte) in eight.iter_mut().zip(bytes) {
                *slot = *byte;
            }
            i64::from_le_bytes(eight)
        };
        Ok(tensor.data.chunks_exact(size).map(widen).collect())
    }

    fn read<'v>(&'v self, name: &str, value: &'v Value) -> Result<Tensor<'v>, Error> {
        read(self.package, value)?.map_err(|why| self.bad(format!("{name}: {}", why.as_str())))
    }

    /// Type of a parameter, and its value where that is known.
    fn find(&self, name: &str) -> Option<(Option<&ValueType>, Option<&Value>)> {
        if let Some(value) = self.operation.attributes.get(name) {
            return Some((value.r#type.as_ref(), Some(value)));
        }
        let binding = match self.operation.inputs.get(name)?.arguments.as_slice() {
            [one] => one.binding.as_ref()?,
            _ => return None,
        };
        match binding {
            Binding::Value(value) => Some((value.r#type.as_ref(), Some(value))),
            Binding::Name(earlier) => {
                let definition = self.scope.get(earlier)?;
                Some((Some(definition.value_type), definition.value))
            }
        }
    }
}

fn tensor_type(value_type: Option<&ValueType>) -> Option<&TensorType> {
    match value_type?.r#type.as_ref()? {
        value_type::Type::TensorType(tensor) => Some(tensor),
        value_type::Type::ListType(_)
        | value_type::Type::TupleType(_)
        | value_type::Type::DictionaryType(_)
        | value_type::Type::StateType(_) => None,
    }
}
