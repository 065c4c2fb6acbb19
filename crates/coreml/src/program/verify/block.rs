//! The walk over a program's functions, blocks and operations.
//!
//! Each name is defined once, before it is used, in the same block or one around it; each operation has a type,
//! arguments and outputs; each block gives what it defined. Beyond that only the operations with nested blocks and
//! those of compressed weights are looked into.

use super::constexpr;
use super::place::{Place, check_name};
use super::scope::{Definition, Scope};
use super::value::{Values, check_type};
use crate::program::Opset;
use crate::spec::mil::argument::binding::Binding;
use crate::spec::mil::{Block, Function, NamedValueType, Operation, ValueType, value_type};
use crate::{Error, Shown};

/// Operations that do something and make nothing.
const WITHOUT_OUTPUT: [&str; 1] = ["write_state"];

/// Checks a function; the result is the types of its outputs, in order.
pub(super) fn function<'a>(
    function: &'a Function,
    place: Place<'a>,
    values: &mut Values<'_>,
) -> Result<Vec<(&'a str, &'a ValueType)>, Error> {
    let opset: Opset =
        function
            .opset
            .parse()
            .map_err(
                |unknown: crate::program::UnknownOpset| Error::UnsupportedModel {
                    place: format!("{place} has the operation set {:?}", function.opset).into(),
                    why: unknown.to_string().into(),
                },
            )?;
    if let Some(key) = function
        .block_specializations
        .keys()
        .find(|key| key.parse::<Opset>().is_err())
    {
        return Err(Error::UnsupportedModel {
            place: format!("{place} has a block for the operation set {key:?}").into(),
            why: crate::program::UnknownOpset.to_string().into(),
        });
    }
    if !function.block_specializations.contains_key(&function.opset) {
        return Err(bad(
            place,
            format!("there is no block for its operation set {opset}"),
        ));
    }
    for (name, value) in &function.attributes {
        values.check(value, name, place)?;
    }
    let mut outputs = Vec::new();
    for (key, block) in &function.block_specializations {
        let mut walk = Walk {
            opset: key.parse().unwrap_or(opset),
            values,
            scope: Scope::default(),
        };
        for input in &function.inputs {
            walk.define(input, None, "input", place)?;
        }
        walk.block(block, place)?;
        if *key == function.opset {
            outputs = walk.outputs(block);
        }
        if block.outputs.is_empty() {
            return Err(bad(place, "the block has no outputs"));
        }
        let mut names: Vec<_> = block.outputs.iter().collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(bad(place, "the block gives the same output twice"));
        }
    }
    Ok(outputs)
}

struct Walk<'a, 'v, 'p> {
    opset: Opset,
    values: &'v mut Values<'p>,
    scope: Scope<'a>,
}

impl<'a> Walk<'a, '_, '_> {
    /// Checks a block and leaves its names in scope; nesting was bounded before decoding.
    fn block(&mut self, block: &'a Block, place: Place<'a>) -> Result<(), Error> {
        for (name, value) in &block.attributes {
            self.values.check(value, name, place)?;
        }
        for input in &block.inputs {
            self.define(input, None, "block input", place)?;
        }
        for operation in &block.operations {
            self.operation(operation, place.within(operation))?;
        }
        for output in &block.outputs {
            if self.scope.get(output).is_none() {
                return Err(undefined(place, "block output", output));
            }
        }
        Ok(())
    }

    fn operation(&mut self, operation: &'a Operation, place: Place<'a>) -> Result<(), Error> {
        check_name(
            &operation.r#type,
            "the type of the operation",
            place,
            self.values.limits,
        )?;
        for (parameter, argument) in &operation.inputs {
            if argument.arguments.is_empty() {
                return Err(bad(place, format!("parameter {parameter} has no argument")));
            }
            for binding in &argument.arguments {
                match &binding.binding {
                    None => {
                        return Err(bad(
                            place,
                            format!("parameter {parameter} has an empty argument"),
                        ));
                    }
                    Some(Binding::Name(name)) if self.scope.get(name).is_none() => {
                        return Err(undefined(place, parameter, name));
                    }
                    Some(Binding::Name(_)) => {}
                    Some(Binding::Value(value)) => self.values.check(value, parameter, place)?,
                }
            }
        }
        for (attribute, value) in &operation.attributes {
            self.values.check(value, attribute, place)?;
        }
        for block in &operation.blocks {
            let mark = self.scope.mark();
            self.block(block, place)?;
            self.scope.leave(mark);
        }
        nested_blocks(operation, place)?;
        constexpr::check(operation, self.opset, &self.scope, self.values, place)?;
        let value = match operation.r#type.as_str() {
            "const" => Some(constant(operation, place)?),
            _ => None,
        };
        if operation.outputs.is_empty() && !WITHOUT_OUTPUT.contains(&operation.r#type.as_str()) {
            return Err(bad(place, "it has no outputs"));
        }
        for output in &operation.outputs {
            self.define(output, value, "output", place)?;
        }
        Ok(())
    }

    fn define(
        &mut self,
        named: &'a NamedValueType,
        value: Option<&'a crate::spec::mil::Value>,
        what: &str,
        place: Place<'_>,
    ) -> Result<(), Error> {
        let name = named.name.as_str();
        check_name(name, what, place, self.values.limits)?;
        let Some(value_type) = &named.r#type else {
            return Err(bad(place, format!("{what} {name} has no type")));
        };
        check_type(value_type, name, place, self.values.limits)?;
        if self.scope.define(name, Definition { value_type, value }) {
            Ok(())
        } else {
            Err(Error::Name {
                place: place.into(),
                why: format!("{what} {name} is defined already").into(),
            })
        }
    }

    fn outputs(&self, block: &'a Block) -> Vec<(&'a str, &'a ValueType)> {
        let of = |name: &'a String| Some((name.as_str(), self.scope.get(name)?.value_type));
        block.outputs.iter().filter_map(of).collect()
    }
}

/// A constant has one output, and a value of its type.
fn constant<'a>(
    operation: &'a Operation,
    place: Place<'_>,
) -> Result<&'a crate::spec::mil::Value, Error> {
    let value = operation
        .attributes
        .get("val")
        .ok_or_else(|| bad(place, "it has no val"))?;
    let [output] = operation.outputs.as_slice() else {
        return Err(bad(
            place,
            format!("it has {} outputs, not one", operation.outputs.len()),
        ));
    };
    if same_type(output.r#type.as_ref(), value.r#type.as_ref()) {
        Ok(value)
    } else {
        Err(bad(place, "the type of its output is not that of its val"))
    }
}

/// Types that agree in what matters: attributes of a tensor's type do not.
fn same_type(a: Option<&ValueType>, b: Option<&ValueType>) -> bool {
    let inner = |outer: Option<&ValueType>| outer.and_then(|outer| outer.r#type.clone());
    match (inner(a), inner(b)) {
        (Some(value_type::Type::TensorType(a)), Some(value_type::Type::TensorType(b))) => {
            a.data_type == b.data_type && a.dimensions == b.dimensions
        }
        (a, b) => a == b,
    }
}

/// The operations with nested blocks have as many as they need, with outputs that match theirs.
fn nested_blocks(operation: &Operation, place: Place<'_>) -> Result<(), Error> {
    let made = operation.outputs.len();
    let expected = match operation.r#type.as_str() {
        "cond" => [made, made],
        "while_loop" => [1, made],
        _ => return Ok(()),
    };
    if operation.blocks.len() != expected.len() {
        return Err(bad(
            place,
            format!("it has {} nested blocks, not two", operation.blocks.len()),
        ));
    }
    let carried = match operation.r#type.as_str() {
        "while_loop" => operation
            .inputs
            .get("loop_vars")
            .map_or(made, |vars| vars.arguments.len()),
        _ => 0,
    };
    for (block, expected) in operation.blocks.iter().zip(expected) {
        let taken = block.inputs.len();
        if taken != carried {
            return Err(bad(
                place,
                format!("a nested block takes {taken} values where {carried} are given"),
            ));
        }
        let given = block.outputs.len();
        if given != expected {
            return Err(bad(
                place,
                format!("a nested block gives {given} values where {expected} are needed"),
            ));
        }
    }
    Ok(())
}

fn undefined(place: Place<'_>, what: &str, name: &str) -> Error {
    Error::Undefined {
        place: place.into(),
        why: format!("{what} names {name:?}, which nothing before it defines").into(),
    }
}

fn bad(place: Place<'_>, why: impl Into<Shown>) -> Error {
    Error::Operation {
        place: place.into(),
        why: why.into(),
    }
}
