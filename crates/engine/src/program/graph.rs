//! The graph of a program: functions, each a list of operations, what flows between them, and the tree of layers.

use api::program::{ProgramInput, ProgramValue, ProgramWeight};
use coreml::Package;
use coreml::program::{Document, ModelType};
use coreml::spec::model::Type;

use crate::{Error, Phase, Run};

/// All functions of a program. Made once from a package; every layer is shown from it.
#[derive(Debug, Clone, Default)]
pub struct ProgramGraph {
    pub(super) functions: Vec<Function>,
}

/// One function.
#[derive(Debug, Clone)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) default: bool,
    pub(super) opset: String,
    /// In program order; the operations of nested blocks follow the operation that holds them.
    pub(super) ops: Vec<Op>,
    pub(super) flows: Vec<Flow>,
    /// The tree; the root is the first.
    pub(super) nodes: Vec<Node>,
}

/// One operation that is neither a constant nor a compressed weight.
#[derive(Debug, Clone)]
pub(super) struct Op {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) inputs: Vec<Input>,
    pub(super) outputs: Vec<ProgramValue>,
    pub(super) weights: Vec<ProgramWeight>,
}

/// What an operation reads; `from` of `input` is left out and found by index.
#[derive(Debug, Clone)]
pub(super) struct Input {
    pub(super) input: ProgramInput,
    pub(super) from: Option<usize>,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Maker {
    /// An operation.
    Op(usize),
    /// It is an input of this node: the function's root or a block.
    Input(usize),
}

/// Who reads a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// An operation.
    Op(usize),
    /// It is an output of this node: the function's root or a block.
    Output(usize),
}

/// A value on its way.
#[derive(Debug, Clone)]
pub(super) struct Flow {
    pub(super) value: ProgramValue,
    pub(super) maker: Maker,
    pub(super) reader: Reader,
}

/// What a node of the tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Layer,
    Block,
    Op(usize),
}

/// A node of the tree. It holds the operations from `first` to before `end`.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) what: What,
    pub(super) name: String,
    pub(super) parent: Option<usize>,
    pub(super) children: Vec<usize>,
    pub(super) first: usize,
    pub(super) end: usize,
}

impl ProgramGraph {
    /// Reads the program of a package. Of a model that is no ML Program it has no functions.
    ///
    /// # Errors
    /// A package that cannot be opened, cancellation.
    pub fn read(input: &Package, run: &Run<'_>) -> Result<Self, Error> {
        (run.progress)(Phase::Loading, 0.0);
        let document = Document::open(input, run.limits)?;
        let (ModelType::MlProgram, Some(Type::MlProgram(program))) =
            (document.model_type(), &document.model.r#type)
        else {
            return Ok(Self::default());
        };
        let weights = compress::dense(&document)?.list;
        let description = document.model.description.as_ref();
        let default = description.map_or("", |d| d.default_function_name.as_str());
        let mut functions = Vec::new();
        for span in &document.spans.functions {
            if (run.cancelled)() {
                return Err(compress::Error::Cancelled.into());
            }
            let Some(function) = program.functions.get(&span.name) else {
                continue;
            };
            let Some(block) = function.block_specializations.get(&function.opset) else {
                continue;
            };
            let mut made = super::walk::walk(&document, &span.name, function, block, &weights);
            made.default = document.spans.functions.len() == 1 || span.name == default;
            functions.push(made);
        }
        Ok(Self { functions })
    }

    /// Writes the signal-to-noise ratio of every weight, by function and name.
    pub fn tell_snr(&mut self, snr_db: impl Fn(&str, &str) -> Option<f64>) {
        for function in &mut self.functions {
            for weight in function.ops.iter_mut().flat_map(|op| &mut op.weights) {
                weight.snr_db = snr_db(&function.name, &weight.name);
            }
        }
    }

    /// Operations of all functions, for who keeps graphs and must bound what they take.
    pub fn operations(&self) -> usize {
        self.functions.iter().map(|f| f.ops.len()).sum()
    }
}

impl Function {
    /// The node's path: indexes from the root.
    pub(super) fn path(&self, node: usize) -> String {
        let mut indexes = Vec::new();
        let mut at = node;
        while let Some(parent) = self.nodes[at].parent {
            let children = &self.nodes[parent].children;
            let index = children.iter().position(|&c| c == at);
            indexes.push(index.unwrap_or_default().to_string());
            at = parent;
        }
        indexes.reverse();
        indexes.join(".")
    }

    /// The node of a path.
    pub(super) fn node(&self, path: &str) -> Option<usize> {
        let mut at = 0;
        for index in path.split('.').filter(|_| !path.is_empty()) {
            // One spelling for one layer: no sign, no leading zero.
            let index = index
                .parse::<usize>()
                .ok()
                .filter(|i| i.to_string() == index)?;
            at = *self.nodes[at].children.get(index)?;
        }
        Some(at)
    }

    /// Whether `node` is `around` or stands in it.
    pub(super) fn is_within(&self, node: usize, around: usize) -> bool {
        let up = |node: &usize| self.nodes[*node].parent;
        std::iter::successors(Some(node), up).any(|node| node == around)
    }

    /// The child of `node` that holds an operation.
    pub(super) fn child(&self, node: usize, op: usize) -> Option<usize> {
        let children = &self.nodes[node].children;
        children.iter().copied().find(|&c| self.nodes[c].holds(op))
    }

    /// The innermost layer or block in which the operation stands, and its own node.
    pub(super) fn place(&self, op: usize) -> (usize, usize) {
        let mut at = 0;
        while let Some(child) = self.child(at, op) {
            if self.nodes[child].what == What::Op(op) {
                return (at, child);
            }
            at = child;
        }
        (at, at)
    }
}

impl Node {
    /// Whether an operation is in it.
    pub(super) fn holds(&self, op: usize) -> bool {
        (self.first..self.end).contains(&op)
    }
}
