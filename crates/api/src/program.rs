//! The program of a revision as a graph: folded by layer, one layer of it at a time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One layer of a program: what stands in it and what flows between.
///
/// A layer is addressed by its path: indexes from the top joined by dots; the whole function is the empty path. No
/// layer has more than 48 children, however large the program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Program {
    /// The functions of the program.
    pub functions: Vec<ProgramFunction>,
    /// The function that is shown.
    pub function: String,
    /// Its operation set.
    pub opset: String,
    /// Operations of the function, nested blocks included; constants and compressed weights are not counted.
    pub operations: u64,
    /// Path of the layer that is shown.
    pub layer: String,
    /// The layers around it, outermost first, and itself last; empty at the top.
    pub trail: Vec<LayerRef>,
    /// What stands in it, in program order; then what it reads from and gives to.
    pub nodes: Vec<ProgramNode>,
    /// What flows between nodes.
    pub edges: Vec<ProgramEdge>,
    /// Operations, weights and values whose name holds what was searched for; at most 50.
    pub found: Vec<Found>,
}

/// A function of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgramFunction {
    /// Its name.
    pub name: String,
    /// True for the one that runs when none is named.
    pub default: bool,
    /// Its operations, without constants.
    pub operations: u64,
}

/// A layer by path and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LayerRef {
    /// Its path.
    pub path: String,
    /// Its name.
    pub name: String,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// Several operations.
    Layer,
    /// One operation.
    Operation,
    /// A nested block of the operation around it.
    Block,
    /// An input of the function or of the block, or a layer outside that gives to this one.
    Source,
    /// An output of the function or of the block, or a layer outside that reads from this one.
    Sink,
}

/// A node of the graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProgramNode {
    /// What it is.
    pub kind: NodeKind,
    /// Path of the layer or operation; of a source or sink the path of the layer outside, null for inputs and outputs.
    pub path: Option<String>,
    /// Name of the layer, operation, input or output.
    pub name: String,
    /// Type of an operation.
    pub op_type: Option<String>,
    /// How many operations are in it.
    pub operations: u64,
    /// Operations of a layer by type.
    pub op_counts: BTreeMap<String, u64>,
    /// What an operation reads. Of layers empty.
    pub inputs: Vec<ProgramInput>,
    /// What an operation gives. Of layers empty.
    pub outputs: Vec<ProgramValue>,
    /// Weights that are read in it; of a layer at most 64.
    pub weights: Vec<ProgramWeight>,
    /// Bytes of all weights that are read in it.
    pub weight_bytes: u64,
    /// Whether it can be opened.
    pub opens: bool,
}

/// What an operation reads under one of its parameter names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgramInput {
    /// Name of the parameter.
    pub parameter: String,
    /// The value.
    pub value: ProgramValue,
    /// Path of the operation that makes it; null for inputs and constants.
    pub from: Option<String>,
    /// A small constant as text; null for what is computed.
    pub constant: Option<String>,
}

/// A value and its type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgramValue {
    /// Its name; empty for a constant without one.
    pub name: String,
    /// Element type, or `list`, `tuple`, `dictionary`, `state`.
    pub dtype: String,
    /// Extent of each axis; null where it is known only when the program runs. Null where it is no tensor.
    pub shape: Option<Vec<Option<u64>>>,
}

/// A weight of a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProgramWeight {
    /// Name of the value.
    pub name: String,
    /// How it is stored.
    pub representation: String,
    /// Stored bytes.
    pub bytes: u64,
    /// Signal-to-noise ratio against the parent, where a job made the revision.
    pub snr_db: Option<f64>,
}

/// What flows from one node to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgramEdge {
    /// Index of the node that gives.
    pub from: usize,
    /// Index of the node that reads.
    pub to: usize,
    /// The first value.
    pub value: ProgramValue,
    /// How many values flow.
    pub count: u64,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Found {
    /// The layer that it stands in.
    pub layer: LayerRef,
    /// Path of the operation.
    pub path: String,
    /// Name of the operation.
    pub name: String,
    /// Its type.
    pub op_type: String,
    /// What held the words: `operation`, `type`, `weight` or `value`.
    pub by: String,
}
