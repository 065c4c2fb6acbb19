//! One layer of the graph as it is answered, and the search.

use std::collections::BTreeMap;

use api::program::{
    Found, LayerRef, NodeKind, Program, ProgramEdge, ProgramFunction, ProgramInput, ProgramNode,
    ProgramWeight,
};

use super::graph::{Flow, Function, Maker, Op, ProgramGraph, Reader, What};

/// Sources, and sinks, of a layer at most; the rest is one node.
const OUTSIDE: usize = 12;
/// Weights of a layer that are told.
const WEIGHTS: usize = 64;
/// Hits of a search.
const FOUND: usize = 50;

impl ProgramGraph {
    /// A layer by function (the default one unless named) and path; `None` where there is no such function or layer.
    /// With `search`, also what has these words in its name.
    pub fn view(
        &self,
        function: Option<&str>,
        path: &str,
        search: Option<&str>,
    ) -> Option<Program> {
        let f = match function {
            Some(name) => self.functions.iter().find(|f| f.name == name),
            None => self
                .functions
                .iter()
                .find(|f| f.default)
                .or_else(|| self.functions.first()),
        }?;
        let at = f.node(path)?;
        let mut view = View {
            f,
            at,
            nodes: Vec::new(),
            edges: BTreeMap::new(),
            outside: [BTreeMap::new(), BTreeMap::new()],
        };
        view.nodes
            .extend(f.nodes[at].children.iter().map(|&c| node(f, c)));
        f.flows.iter().for_each(|flow| view.flow(flow));
        let functions = self.functions.iter().map(|f| ProgramFunction {
            name: f.name.clone(),
            default: f.default,
            operations: f.ops.len() as u64,
        });
        Some(Program {
            functions: functions.collect(),
            function: f.name.clone(),
            opset: f.opset.clone(),
            operations: f.ops.len() as u64,
            layer: path.to_owned(),
            trail: trail(f, at),
            edges: view.edges.into_values().collect(),
            nodes: view.nodes,
            found: search.map_or_else(Vec::new, |words| found(f, words)),
        })
    }
}

fn trail(f: &Function, at: usize) -> Vec<LayerRef> {
    let mut trail = Vec::new();
    let mut next = Some(at);
    while let Some(node) = next.filter(|node| f.nodes[*node].parent.is_some()) {
        trail.push(layer_ref(f, node));
        next = f.nodes[node].parent;
    }
    trail.reverse();
    trail
}

fn layer_ref(f: &Function, node: usize) -> LayerRef {
    LayerRef {
        path: f.path(node),
        name: f.nodes[node].name.clone(),
    }
}

fn node(f: &Function, index: usize) -> ProgramNode {
    let node = &f.nodes[index];
    let ops = &f.ops[node.first..node.end];
    let mut op_counts = BTreeMap::new();
    for op in ops {
        *op_counts.entry(op.kind.clone()).or_insert(0) += 1;
    }
    let (mut weights, weight_bytes) = weights(ops);
    weights.truncate(WEIGHTS);
    let own = match node.what {
        What::Op(op) => f.ops.get(op),
        What::Layer | What::Block => None,
    };
    ProgramNode {
        kind: match node.what {
            What::Layer => NodeKind::Layer,
            What::Block => NodeKind::Block,
            What::Op(_) => NodeKind::Operation,
        },
        path: Some(f.path(index)),
        name: node.name.clone(),
        op_type: own.map(|op| op.kind.clone()),
        operations: ops.len() as u64,
        op_counts,
        inputs: own.map_or_else(Vec::new, |op| inputs(f, op)),
        outputs: own.map_or_else(Vec::new, |op| op.outputs.clone()),
        weights,
        weight_bytes,
        opens: !node.children.is_empty(),
    }
}

fn inputs(f: &Function, op: &Op) -> Vec<ProgramInput> {
    let told = op.inputs.iter().map(|read| ProgramInput {
        from: read.from.map(|from| f.path(f.place(from).1)),
        ..read.input.clone()
    });
    told.collect()
}

/// Each weight once, in program order, and the bytes of all.
fn weights(ops: &[Op]) -> (Vec<ProgramWeight>, u64) {
    let mut seen = std::collections::BTreeSet::new();
    let all = ops.iter().flat_map(|op| &op.weights);
    let once: Vec<ProgramWeight> = all.filter(|w| seen.insert(&w.name)).cloned().collect();
    let bytes = once.iter().map(|w| w.bytes).sum();
    (once, bytes)
}

struct View<'g> {
    f: &'g Function,
    at: usize,
    nodes: Vec<ProgramNode>,
    edges: BTreeMap<(usize, usize), ProgramEdge>,
    /// Sources and sinks that have a node already, by path or name.
    outside: [BTreeMap<String, usize>; 2],
}

impl View<'_> {
    fn flow(&mut self, flow: &Flow) {
        let inside = |op: usize| {
            let children = &self.f.nodes[self.at].children;
            children.iter().position(|&c| self.f.nodes[c].holds(op))
        };
        let from = match flow.maker {
            Maker::Op(op) => inside(op),
            Maker::Input(node) if self.f.is_within(self.at, node) => None,
            // What a block is given is nobody's affair outside.
            Maker::Input(_) => return,
        };
        let to = match flow.reader {
            Reader::Op(op) => inside(op),
            Reader::Output(node) if self.f.is_within(self.at, node) => None,
            Reader::Output(_) => return,
        };
        let (from, to) = match (from, to) {
            (None, None) => return,
            (Some(from), Some(to)) if from == to => return,
            (Some(from), Some(to)) => (from, to),
            (None, Some(to)) => (self.source(flow), to),
            (Some(from), None) => (from, self.sink(flow)),
        };
        let edge = self.edges.entry((from, to)).or_insert(ProgramEdge {
            from,
            to,
            value: flow.value.clone(),
            count: 0,
        });
        edge.count += 1;
    }

    fn source(&mut self, flow: &Flow) -> usize {
        match flow.maker {
            Maker::Op(op) => self.elsewhere(NodeKind::Source, op),
            Maker::Input(_) => self.port(NodeKind::Source, None, &flow.value.name),
        }
    }

    fn sink(&mut self, flow: &Flow) -> usize {
        match flow.reader {
            Reader::Op(op) => self.elsewhere(NodeKind::Sink, op),
            Reader::Output(_) => self.port(NodeKind::Sink, None, &flow.value.name),
        }
    }

    /// The layer outside that holds the operation: the one beside this layer, or beside one around it.
    fn elsewhere(&mut self, kind: NodeKind, op: usize) -> usize {
        let mut around = self.at;
        while let Some(parent) = self.f.nodes[around].parent {
            around = parent;
            if self.f.nodes[around].holds(op) {
                break;
            }
        }
        let node = self.f.child(around, op).unwrap_or(around);
        let name = self.f.nodes[node].name.clone();
        self.port(kind, Some(self.f.path(node)), &name)
    }

    fn port(&mut self, kind: NodeKind, path: Option<String>, name: &str) -> usize {
        let side = usize::from(kind == NodeKind::Sink);
        let full = self.outside[side].len() >= OUTSIDE;
        let key = path.clone().unwrap_or_else(|| format!("={name}"));
        if let Some(&known) = self.outside[side].get(&key) {
            return known;
        }
        let (key, path, name) = if full {
            ("*".to_owned(), None, "others")
        } else {
            (key, path, name)
        };
        let next = self.nodes.len();
        let at = *self.outside[side].entry(key).or_insert(next);
        if at == next {
            self.nodes.push(ProgramNode {
                kind,
                path,
                name: name.to_owned(),
                op_type: None,
                operations: 0,
                op_counts: BTreeMap::new(),
                inputs: Vec::new(),
                outputs: Vec::new(),
                weights: Vec::new(),
                weight_bytes: 0,
                opens: false,
            });
        }
        at
    }
}

fn found(f: &Function, words: &str) -> Vec<Found> {
    let words = words.to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&words);
    let mut found = Vec::new();
    for (i, op) in f.ops.iter().enumerate() {
        let by = if has(&op.name) {
            "operation"
        } else if has(&op.kind) {
            "type"
        } else if op.weights.iter().any(|w| has(&w.name)) {
            "weight"
        } else if op.outputs.iter().any(|v| has(&v.name)) {
            "value"
        } else {
            continue;
        };
        let (layer, node) = f.place(i);
        found.push(Found {
            layer: layer_ref(f, layer),
            path: f.path(node),
            name: op.name.clone(),
            op_type: op.kind.clone(),
            by: by.to_owned(),
        });
        if found.len() == FOUND {
            break;
        }
    }
    found
}
