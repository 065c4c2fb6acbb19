//! Who makes a value and who reads it, in one function.
//!
//! coremltools decides by the operations that read a constant (`child_ops`): those of nested blocks count, block
//! outputs do not. Names are resolved by scope, as MIL does: a branch sees the outer block, the outer block does not
//! see the branch.

use std::collections::HashMap;

use coreml::program::{BlockSpan, OperationSpan};
use coreml::spec::mil;

/// An operation and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site<'d> {
    pub(crate) op: &'d mil::Operation,
    pub(crate) span: &'d OperationSpan,
    /// Index of its first output in [`Graph::values`].
    pub(crate) first_value: usize,
}

/// A value that an operation, a block or the function's inputs define.
#[derive(Debug, Default)]
pub(crate) struct Value {
    /// Index into [`Graph::sites`]; `None` for inputs.
    pub(crate) producer: Option<usize>,
    pub(crate) users: Vec<User>,
    pub(crate) is_block_output: bool,
}

/// One use of a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct User {
    /// Index into [`Graph::sites`].
    pub(crate) site: usize,
}

/// All operations of one block specialization, nested blocks included, in program order.
#[derive(Debug, Default)]
pub(crate) struct Graph<'d> {
    pub(crate) sites: Vec<Site<'d>>,
    pub(crate) values: Vec<Value>,
    /// Values that each site reads: (input name, value).
    pub(crate) reads: Vec<Vec<(&'d str, usize)>>,
}

impl<'d> Graph<'d> {
    /// Walks a verified block; names that resolve to nothing (verification refuses them) are left out.
    pub(crate) fn of(
        function: &'d mil::Function,
        block: &'d mil::Block,
        span: &'d BlockSpan,
    ) -> Self {
        let mut graph = Self::default();
        let mut scopes = Scopes::default();
        for input in &function.inputs {
            graph.define(&mut scopes, &input.name, None);
        }
        graph.block(block, span, &mut scopes);
        graph
    }

    fn define(&mut self, scopes: &mut Scopes<'d>, name: &'d str, producer: Option<usize>) {
        scopes.define(name, self.values.len());
        self.values.push(Value {
            producer,
            ..Value::default()
        });
    }

    fn block(&mut self, block: &'d mil::Block, span: &'d BlockSpan, scopes: &mut Scopes<'d>) {
        scopes.enter();
        for input in &block.inputs {
            self.define(scopes, &input.name, None);
        }
        for (op, span) in block.operations.iter().zip(&span.operations) {
            let site = self.sites.len();
            self.sites.push(Site {
                op,
                span,
                first_value: 0,
            });
            let mut reads = Vec::new();
            for (input, argument) in &op.inputs {
                for binding in &argument.arguments {
                    if let Some(mil::argument::binding::Binding::Name(name)) = &binding.binding
                        && let Some(value) = scopes.find(name)
                    {
                        reads.push((input.as_str(), value));
                        self.values[value].users.push(User { site });
                    }
                }
            }
            self.reads.push(reads);
            for (nested, nested_span) in op.blocks.iter().zip(&span.blocks) {
                self.block(nested, nested_span, scopes);
            }
            self.sites[site].first_value = self.values.len();
            for output in &op.outputs {
                self.define(scopes, &output.name, Some(site));
            }
        }
        for output in &block.outputs {
            if let Some(value) = scopes.find(output) {
                self.values[value].is_block_output = true;
            }
        }
        scopes.leave();
    }

    /// The value of output `index` of a site.
    pub(crate) fn output(&self, site: usize, index: usize) -> &Value {
        &self.values[self.sites[site].first_value + index]
    }
}

/// Names in scope: for each the values that hold it, innermost last.
#[derive(Debug, Default)]
struct Scopes<'d> {
    names: HashMap<&'d str, Vec<usize>>,
    entered: Vec<Vec<&'d str>>,
}

impl<'d> Scopes<'d> {
    fn enter(&mut self) {
        self.entered.push(Vec::new());
    }

    fn leave(&mut self) {
        for name in self.entered.pop().unwrap_or_default() {
            if let Some(values) = self.names.get_mut(name) {
                values.pop();
            }
        }
    }

    fn define(&mut self, name: &'d str, value: usize) {
        self.names.entry(name).or_default().push(value);
        if let Some(scope) = self.entered.last_mut() {
            scope.push(name);
        }
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.names.get(name)?.last().copied()
    }
}

/// The operation's `name` attribute, else its first output's name.
pub(crate) fn op_name(op: &mil::Operation) -> &str {
    let attribute = op
        .attributes
        .get("name")
        .and_then(|value| match &value.value {
            Some(mil::value::Value::ImmediateValue(immediate)) => match &immediate.value {
                Some(mil::value::immediate_value::Value::Tensor(tensor)) => match &tensor.value {
                    Some(mil::tensor_value::Value::Strings(strings)) => strings.values.first(),
                    Some(_) | None => None,
                },
                Some(_) | None => None,
            },
            Some(mil::value::Value::BlobFileValue(_)) | None => None,
        });
    attribute
        .or_else(|| op.outputs.first().map(|o| &o.name))
        .map_or("", String::as_str)
}
