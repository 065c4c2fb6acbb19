//! From the decoded program to operations and flows. Constants and compressed weights are no operations here: they
//! stand with who reads them.

use std::collections::BTreeMap;

use api::program::{ProgramInput, ProgramValue, ProgramWeight};
use coreml::program::Document;
use coreml::spec::mil::{self, argument::binding::Binding};

use super::constant::{typed, words};
use super::fold::{Run, fold};
use super::graph::{Flow, Function, Input, Maker, Node, Op, Reader, What};

/// Reads one function. Names were verified to resolve; depth is bounded by the limits of the file.
pub(super) fn walk(
    document: &Document,
    name: &str,
    function: &mil::Function,
    block: &mil::Block,
    weights: &[compress::Weight],
) -> Function {
    let own = weights.iter().filter(|w| w.function == name);
    let mut walk = Walk {
        document,
        weights: own.map(|w| (w.value.as_str(), w)).collect(),
        ops: Vec::new(),
        flows: Vec::new(),
        scopes: vec![BTreeMap::new()],
        nodes: vec![node(What::Block, name, None)],
    };
    for input in &function.inputs {
        let value = typed(&input.name, input.r#type.as_ref());
        walk.define(&input.name, Known::Made(Maker::Input(0), value));
    }
    walk.block(block, 0);
    Function {
        name: name.to_owned(),
        default: false,
        opset: function.opset.clone(),
        ops: walk.ops,
        flows: walk.flows,
        nodes: walk.nodes,
    }
}

fn node(what: What, name: &str, parent: Option<usize>) -> Node {
    Node {
        what,
        name: name.to_owned(),
        parent,
        children: Vec::new(),
        first: 0,
        end: 0,
    }
}

/// What a name in scope stands for.
#[derive(Clone)]
enum Known<'d> {
    /// Something computed or given.
    Made(Maker, ProgramValue),
    /// A constant or a compressed weight: its type, and its value where it is a plain constant.
    Constant(ProgramValue, Option<&'d mil::Value>),
}

struct Walk<'d> {
    document: &'d Document,
    weights: BTreeMap<&'d str, &'d compress::Weight>,
    ops: Vec<Op>,
    flows: Vec<Flow>,
    scopes: Vec<BTreeMap<&'d str, Known<'d>>>,
    nodes: Vec<Node>,
}

impl<'d> Walk<'d> {
    fn define(&mut self, name: &'d str, known: Known<'d>) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name, known);
        }
    }

    fn find(&self, name: &str) -> Option<&Known<'d>> {
        self.scopes.iter().rev().find_map(|scope| scope.get(name))
    }

    /// The operations of a block become the children of `node`.
    fn block(&mut self, block: &'d mil::Block, node: usize) {
        let first = self.ops.len();
        self.scopes.push(BTreeMap::new());
        for input in &block.inputs {
            let value = typed(&input.name, input.r#type.as_ref());
            self.define(&input.name, Known::Made(Maker::Input(node), value));
        }
        let mut list = Vec::new();
        for op in &block.operations {
            if op.r#type == "const" || op.r#type.starts_with("constexpr_") {
                let constant = op.attributes.get("val").filter(|_| op.r#type == "const");
                for output in &op.outputs {
                    let value = typed(&output.name, output.r#type.as_ref());
                    self.define(&output.name, Known::Constant(value, constant));
                }
            } else {
                list.push(self.operation(op));
            }
        }
        let end = self.ops.len();
        for name in &block.outputs {
            if let Some(Known::Made(maker, value)) = self.find(name).cloned() {
                let reader = Reader::Output(node);
                self.flows.push(Flow {
                    value,
                    maker,
                    reader,
                });
            }
        }
        self.scopes.pop();
        self.nodes[node].first = first;
        self.nodes[node].end = end;
        fold(&mut self.nodes, node, &list, &self.ops, &self.flows);
    }

    /// Reads an operation with its nested blocks; answers it as a run of one node.
    fn operation(&mut self, op: &'d mil::Operation) -> Run {
        let index = self.ops.len();
        self.ops.push(Op {
            name: name_of(op).to_owned(),
            kind: op.r#type.clone(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            weights: Vec::new(),
        });
        for (parameter, argument) in &op.inputs {
            for binding in &argument.arguments {
                if let Some(binding) = &binding.binding {
                    self.input(index, parameter, binding);
                }
            }
        }
        let own = self.nodes.len();
        self.nodes.push(node(What::Op(index), name_of(op), None));
        for (i, block) in op.blocks.iter().enumerate() {
            let name = block_name(&op.r#type, i);
            let nested = self.nodes.len();
            self.nodes.push(node(What::Block, &name, Some(own)));
            self.nodes[own].children.push(nested);
            self.block(block, nested);
        }
        for output in &op.outputs {
            let value = typed(&output.name, output.r#type.as_ref());
            self.ops[index].outputs.push(value.clone());
            self.define(&output.name, Known::Made(Maker::Op(index), value));
        }
        self.nodes[own].first = index;
        self.nodes[own].end = self.ops.len();
        Run {
            node: own,
            op: index,
        }
    }

    fn input(&mut self, index: usize, parameter: &str, binding: &'d Binding) {
        let (value, from, constant) = match binding {
            Binding::Value(value) => {
                let typed = typed("", value.r#type.as_ref());
                (typed, None, Some(words(self.document, value)))
            }
            Binding::Name(name) => match self.find(name).cloned() {
                Some(Known::Made(maker, value)) => {
                    self.flows.push(Flow {
                        value: value.clone(),
                        maker,
                        reader: Reader::Op(index),
                    });
                    let from = match maker {
                        Maker::Op(op) => Some(op),
                        Maker::Input(_) => None,
                    };
                    (value, from, None)
                }
                Some(Known::Constant(value, constant)) => {
                    let weight = self.weights.get(name.as_str());
                    if let Some(weight) = weight {
                        self.ops[index].weights.push(ProgramWeight {
                            name: weight.value.clone(),
                            representation: weight.representation.clone(),
                            bytes: weight.bytes,
                            snr_db: None,
                        });
                    }
                    let told = match (weight, constant) {
                        (Some(weight), _) => weight.representation.clone(),
                        (None, Some(constant)) => words(self.document, constant),
                        (None, None) => "compressed".to_owned(),
                    };
                    (value, None, Some(told))
                }
                None => return,
            },
        };
        let input = ProgramInput {
            parameter: parameter.to_owned(),
            value,
            from: None,
            constant,
        };
        self.ops[index].inputs.push(Input { input, from });
    }
}

/// The operation's `name` attribute, else its first output's name.
fn name_of(op: &mil::Operation) -> &str {
    use mil::value::Value::ImmediateValue;
    use mil::value::immediate_value::Value::Tensor;
    let attribute = op.attributes.get("name").and_then(|v| v.value.as_ref());
    let text = match attribute {
        Some(ImmediateValue(immediate)) => match &immediate.value {
            Some(Tensor(tensor)) => match &tensor.value {
                Some(mil::tensor_value::Value::Strings(strings)) => strings.values.first(),
                Some(_) | None => None,
            },
            Some(_) | None => None,
        },
        Some(_) | None => None,
    };
    text.or_else(|| op.outputs.first().map(|o| &o.name))
        .map_or("", String::as_str)
}

fn block_name(op_type: &str, index: usize) -> String {
    match (op_type, index) {
        ("cond", 0) => "true branch".to_owned(),
        ("cond", 1) => "false branch".to_owned(),
        ("while_loop", 0) => "condition".to_owned(),
        ("while_loop", 1) => "body".to_owned(),
        _ => format!("block {index}"),
    }
}
