//! The program as a graph: a layer at a time, with what flows, what weighs, and one operation looked at closely.

use std::sync::Arc;

use api::ids::RevisionId;
use api::program::{Found, LayerRef, NodeKind, Program, ProgramNode, ProgramValue};
use askama::Template;
use axum::extract::State;

use super::charts::{Graph, GraphEdge, GraphNode, Look, temper};
use super::frame::{Frame, Section};
use super::marks::{Bytes, Count, plural};
use super::revision::title;
use super::show;
use super::visitor::Visitor;
use super::weight_table::{Snr, weight_path};
use crate::app::program::{self, Asked};
use crate::app::{App, revisions};
use crate::http::answer::Answer;
use crate::http::extract::{At, Params};
use crate::http::router::BASE;
use api::revisions::Revision;

#[derive(Template)]
#[template(path = "program.html")]
struct ProgramPage {
    frame: Frame,
    links: Links,
    search: String,
    graph: Graph,
    program: Program,
    here: String,
    rows: Vec<Row>,
    picked: Option<Picked>,
    functions: Vec<(String, String, bool)>,
    trail: Vec<(String, String)>,
    json: String,
}

/// Addresses of other views.
struct Links {
    id: String,
    function: String,
}

impl Links {
    fn at(&self, layer: &str, op: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("function", &self.function);
        if !layer.is_empty() {
            query.append_pair("layer", layer);
        }
        if let Some(op) = op {
            query.append_pair("op", op);
        }
        let query = query.finish();
        let mark = if op.is_some() { "#operation" } else { "" };
        format!("/revisions/{}/program?{query}{mark}", self.id)
    }

    /// The layer in which a node stands, with the node picked.
    fn to_node(&self, path: &str) -> String {
        let layer = path.rsplit_once('.').map_or("", |(layer, _)| layer);
        self.at(layer, Some(path))
    }

    fn found(&self, found: &Found) -> String {
        self.at(&found.layer.path, Some(&found.path))
    }

    fn weight(&self, name: &str) -> String {
        weight_path(&self.id, &self.function, name)
    }
}

/// A node in the table.
struct Row {
    href: Option<String>,
    name: String,
    what: String,
    output: String,
    weights: String,
    bytes: Option<Bytes>,
    snr: Option<Snr>,
    temper: Option<&'static str>,
}

/// The operation that is looked at.
struct Picked {
    name: String,
    op_type: String,
    opens: Option<String>,
    inputs: Vec<Input>,
    outputs: Vec<(String, String)>,
    weights: Vec<Weight>,
}

struct Input {
    parameter: String,
    value: String,
    kind: String,
    constant: Option<String>,
    href: Option<String>,
}

struct Weight {
    href: String,
    name: String,
    temper: &'static str,
    representation: String,
    bytes: Bytes,
    snr: Option<Snr>,
}

/// `GET /revisions/{id}/program`.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visitor: Visitor,
    At(id): At<RevisionId>,
    mut params: Params,
) -> Answer {
    let asked = Asked {
        function: params.take("function")?,
        layer: params.take("layer")?,
        search: params.take("q")?,
    };
    let op = params.take::<String>("op")?;
    params.finish()?;
    let revision = revisions::get(&app, visitor.caller(), id).await?;
    let program = program::get(&app, visitor.caller(), id, &asked).await?;
    let search = asked.search.unwrap_or_default();
    show::page(&compose(
        &visitor,
        &revision,
        program,
        op.as_deref(),
        search,
    ))
}

fn compose(
    visitor: &Visitor,
    revision: &Revision,
    program: Program,
    op: Option<&str>,
    search: String,
) -> ProgramPage {
    let id = revision.id.to_string();
    let links = Links {
        id: id.clone(),
        function: program.function.clone(),
    };
    let functions = program.functions.iter().map(|f| {
        let other = Links {
            id: id.clone(),
            function: f.name.clone(),
        };
        (
            other.at("", None),
            f.name.clone(),
            f.name == program.function,
        )
    });
    let step = |layer: &LayerRef| (links.at(&layer.path, None), layer.name.clone());
    let mut trail: Vec<(String, String)> = program.trail.iter().map(step).collect();
    if !trail.is_empty() {
        trail.insert(0, (links.at("", None), "all layers".to_owned()));
    }
    let here = program
        .trail
        .last()
        .map_or_else(|| program.function.clone(), |l| l.name.clone());
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("function", &program.function)
        .append_pair("layer", &program.layer)
        .finish();
    ProgramPage {
        frame: Frame::new(
            visitor,
            Section::Models,
            format!("Program of {}", title(revision)),
        )
        .crumb("Models", Some("/models".to_owned()))
        .crumb(
            revision.model.to_string(),
            Some(format!("/models/{}", revision.model)),
        )
        .crumb(title(revision), Some(format!("/revisions/{id}")))
        .crumb("Program", None),
        graph: graph(&program, &links, op),
        rows: program
            .nodes
            .iter()
            .filter(|n| !is_port(n))
            .map(|n| row(n, &links, &program.layer))
            .collect(),
        picked: op.and_then(|op| pick(&program, &links, op)),
        functions: functions.collect(),
        json: format!("{BASE}/revisions/{id}/program?{query}"),
        trail,
        here,
        search,
        program,
        links,
    }
}

fn is_port(node: &ProgramNode) -> bool {
    match node.kind {
        NodeKind::Source | NodeKind::Sink => true,
        NodeKind::Layer | NodeKind::Operation | NodeKind::Block => false,
    }
}

fn href(node: &ProgramNode, links: &Links, layer: &str) -> Option<String> {
    let path = node.path.as_deref()?;
    Some(match node.kind {
        NodeKind::Layer | NodeKind::Block => links.at(path, None),
        NodeKind::Operation => links.at(layer, Some(path)),
        NodeKind::Source | NodeKind::Sink => links.to_node(path),
    })
}

/// `float16 1×128×384`.
fn kind(value: &ProgramValue) -> String {
    match &value.shape {
        Some(shape) if shape.is_empty() => value.dtype.clone(),
        Some(_) => format!("{} {}", value.dtype, extents(value)),
        None => value.dtype.clone(),
    }
}

fn extents(value: &ProgramValue) -> String {
    let Some(shape) = &value.shape else {
        return value.dtype.clone();
    };
    let text = |extent: &Option<u64>| extent.map_or_else(|| "?".to_owned(), |e| e.to_string());
    if shape.is_empty() {
        "scalar".to_owned()
    } else {
        shape.iter().map(text).collect::<Vec<_>>().join("×")
    }
}

/// The lowest of its weights.
fn lowest(node: &ProgramNode) -> Option<f64> {
    let all = node.weights.iter().filter_map(|w| w.snr_db);
    all.min_by(f64::total_cmp)
}

fn largest_temper(node: &ProgramNode) -> Option<&'static str> {
    let largest = node.weights.iter().max_by_key(|w| w.bytes)?;
    Some(temper(&largest.representation))
}

fn note(node: &ProgramNode) -> String {
    let db = lowest(node).map(|db| format!(", {db:.0}\u{202f}dB"));
    match node.kind {
        NodeKind::Layer | NodeKind::Block => {
            let bytes = match node.weight_bytes {
                _ if db.is_some() => String::new(),
                0 => String::new(),
                bytes => format!(", {}", Bytes(bytes).words()),
            };
            format!(
                "{}{bytes}{}",
                plural(node.operations, "operation"),
                db.unwrap_or_default()
            )
        }
        NodeKind::Operation => match node.weights.iter().max_by_key(|w| w.bytes) {
            Some(weight) => format!("{}{}", weight.representation, db.unwrap_or_default()),
            None => node.outputs.first().map(extents).unwrap_or_default(),
        },
        NodeKind::Source => match node.path {
            Some(_) => "from outside".to_owned(),
            None => "input".to_owned(),
        },
        NodeKind::Sink => match node.path {
            Some(_) => "read outside".to_owned(),
            None => "output".to_owned(),
        },
    }
}

fn graph(program: &Program, links: &Links, op: Option<&str>) -> Graph {
    let node = |node: &ProgramNode| {
        let note = note(node);
        GraphNode {
            href: href(node, links, &program.layer),
            title: node.op_type.clone().unwrap_or_else(|| node.name.clone()),
            label: match &node.op_type {
                Some(kind) => format!("{kind} {}, {note}", node.name),
                None => format!("{}, {note}", node.name),
            },
            note,
            look: match (node.kind, node.opens) {
                (NodeKind::Source | NodeKind::Sink, _) => Look::Port,
                (NodeKind::Layer | NodeKind::Block, _) | (NodeKind::Operation, true) => Look::Layer,
                (NodeKind::Operation, false) => Look::Plain,
            },
            temper: largest_temper(node),
            this: op.is_some() && node.path.as_deref() == op && !is_port(node),
        }
    };
    let edges = program.edges.iter().map(|edge| GraphEdge {
        from: edge.from,
        to: edge.to,
        label: match edge.count {
            1 => format!("{}, {}", edge.value.name, kind(&edge.value)),
            count => format!(
                "{} values, the first {}, {}",
                count,
                edge.value.name,
                kind(&edge.value)
            ),
        },
    });
    Graph {
        label: format!(
            "{} with {} between inputs and outputs",
            program
                .trail
                .last()
                .map_or(program.function.as_str(), |l| l.name.as_str()),
            plural(
                program.nodes.iter().filter(|n| !is_port(n)).count() as u64,
                "node"
            )
        ),
        nodes: program.nodes.iter().map(node).collect(),
        edges: edges.collect(),
    }
}

fn row(node: &ProgramNode, links: &Links, layer: &str) -> Row {
    Row {
        href: href(node, links, layer),
        name: node.name.clone(),
        what: node
            .op_type
            .clone()
            .unwrap_or_else(|| plural(node.operations, "operation")),
        output: node
            .outputs
            .iter()
            .map(extents)
            .collect::<Vec<_>>()
            .join(", "),
        weights: match node.weights.as_slice() {
            [] => String::new(),
            [one] => one.representation.clone(),
            more => plural(more.len() as u64, "weight"),
        },
        bytes: (node.weight_bytes > 0).then_some(Bytes(node.weight_bytes)),
        snr: lowest(node).map(Snr::new),
        temper: largest_temper(node),
    }
}

fn pick(program: &Program, links: &Links, op: &str) -> Option<Picked> {
    let node = program
        .nodes
        .iter()
        .find(|n| !is_port(n) && n.path.as_deref() == Some(op))?;
    let input = |input: &api::program::ProgramInput| Input {
        parameter: input.parameter.clone(),
        value: input.value.name.clone(),
        kind: kind(&input.value),
        constant: input.constant.clone(),
        href: input.from.as_deref().map(|from| links.to_node(from)),
    };
    let weight = |weight: &api::program::ProgramWeight| Weight {
        href: links.weight(&weight.name),
        name: weight.name.clone(),
        temper: temper(&weight.representation),
        representation: weight.representation.clone(),
        bytes: Bytes(weight.bytes),
        snr: weight.snr_db.map(Snr::new),
    };
    Some(Picked {
        name: node.name.clone(),
        op_type: node.op_type.clone().unwrap_or_else(|| "layer".to_owned()),
        opens: node.opens.then(|| links.at(op, None)),
        inputs: node.inputs.iter().map(input).collect(),
        outputs: node
            .outputs
            .iter()
            .map(|v| (v.name.clone(), kind(v)))
            .collect(),
        weights: node.weights.iter().map(weight).collect(),
    })
}
