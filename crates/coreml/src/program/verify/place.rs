//! Where in a program something is, for errors.

use std::fmt;

use crate::spec::mil::value::{Value as Stored, immediate_value};
use crate::spec::mil::{Operation, tensor_value};
use crate::{Error, Limit, Limits, Shown};

/// A place in a program: model of a pipeline, function, operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// Which model of a pipeline, with a colon; empty at the root.
    pub(super) model: &'a str,
    /// The function; empty outside functions.
    pub(super) function: &'a str,
    /// The operation, inside one.
    pub(super) operation: Option<&'a Operation>,
}

impl<'a> Place<'a> {
    /// The same place, inside an operation.
    pub(super) fn within(self, operation: &'a Operation) -> Self {
        Self {
            operation: Some(operation),
            ..self
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.model)?;
        if self.function.is_empty() {
            f.write_str("program")?;
        } else {
            write!(f, "function {}", self.function)?;
        }
        match self.operation {
            Some(operation) => write!(f, ", {} {}", operation.r#type, operation_name(operation)),
            None => Ok(()),
        }
    }
}

impl From<Place<'_>> for Shown {
    fn from(place: Place<'_>) -> Self {
        place.to_string().into()
    }
}

/// What an operation is called: its `name` attribute, or else its first output.
fn operation_name(operation: &Operation) -> &str {
    named(operation)
        .or_else(|| operation.outputs.first().map(|output| output.name.as_str()))
        .unwrap_or_default()
}

fn named(operation: &Operation) -> Option<&str> {
    let Some(Stored::ImmediateValue(immediate)) = &operation.attributes.get("name")?.value else {
        return None;
    };
    match &immediate.value {
        Some(immediate_value::Value::Tensor(tensor)) => match &tensor.value {
            Some(tensor_value::Value::Strings(strings)) => {
                strings.values.first().map(String::as_str)
            }
            _ => None,
        },
        _ => None,
    }
}

/// Names are not empty, not endless, and hold no control characters.
pub(super) fn check_name(
    name: &str,
    what: &str,
    place: Place<'_>,
    limits: &Limits,
) -> Result<(), Error> {
    let length = crate::number::wide(name.len());
    if length > limits.name_bytes {
        return Err(Error::TooMuch {
            limit: Limit::NameBytes,
            place: place.into(),
            found: length,
            most: limits.name_bytes,
        });
    }
    let why = if name.is_empty() {
        format!("{what} is empty")
    } else if name.chars().any(char::is_control) {
        format!("{what} {name:?} holds a control character")
    } else {
        return Ok(());
    };
    Err(Error::Name {
        place: place.into(),
        why: why.into(),
    })
}
