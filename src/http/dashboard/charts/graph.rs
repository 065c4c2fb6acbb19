//! The program as a picture: nodes with two lines of text, edges as curves, links that lead into layers.
//!
//! Its size is its own, in px: it scrolls in its box, and script lets one pan and zoom.

use std::fmt::{self, Display, Formatter};

use askama::filters::HtmlSafe;

use super::layout::{Placed, Spot, place as placed};
use super::svg::{escaped, place};

/// Width of a node and of its column, height of a node and of its layer.
const NODE: (f64, f64) = (196.0, 38.0);
const STEP: (f64, f64) = (216.0, 70.0);
const EDGE: f64 = 14.0;
/// Letters that fit on the two lines.
const LETTERS: (usize, usize) = (25, 28);

/// What a node looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// One operation.
    Plain,
    /// It opens.
    Layer,
    /// Outside of what is shown.
    Port,
}

/// A node.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GraphNode {
    /// What is clicked; none leads nowhere.
    pub(crate) href: Option<String>,
    /// Its first line.
    pub(crate) title: String,
    /// Its second line.
    pub(crate) note: String,
    /// The whole, for who cannot see it and for who points at it.
    pub(crate) label: String,
    /// What it looks like.
    pub(crate) look: Look,
    /// The class of its representation, drawn as a stripe.
    pub(crate) temper: Option<&'static str>,
    /// Whether it is the one that is looked at.
    pub(crate) this: bool,
}

/// An edge.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GraphEdge {
    /// Index of the node that gives.
    pub(crate) from: usize,
    /// Index of the node that reads.
    pub(crate) to: usize,
    /// What flows.
    pub(crate) label: String,
}

/// The picture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Graph {
    /// What it says.
    pub(crate) label: String,
    /// The nodes.
    pub(crate) nodes: Vec<GraphNode>,
    /// The edges; both ends are nodes.
    pub(crate) edges: Vec<GraphEdge>,
}

impl HtmlSafe for Graph {}

impl Display for Graph {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let ends: Vec<(usize, usize)> = self.edges.iter().map(|e| (e.from, e.to)).collect();
        let spots = placed(self.nodes.len(), &ends);
        let (width, height) = size(&spots);
        write!(
            f,
            "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"group\" aria-label=\"{}\">",
            escaped(&self.label)
        )?;
        for (edge, bends) in self.edges.iter().zip(&spots.bends) {
            let (from, to) = (edge.from, edge.to);
            write!(
                f,
                "<path class=\"edge\" data-from=\"{from}\" data-to=\"{to}\" d=\"{}\"><title>{}</title></path>",
                curve(bends),
                escaped(&edge.label)
            )?;
        }
        for (i, (node, spot)) in self.nodes.iter().zip(&spots.nodes).enumerate() {
            self.node(f, i, node, *spot)?;
        }
        f.write_str("</svg>")
    }
}

impl Graph {
    #[expect(clippy::unused_self, reason = "reads as a part of the picture")]
    fn node(&self, f: &mut Formatter<'_>, i: usize, node: &GraphNode, spot: Spot) -> fmt::Result {
        let (x, y) = corner(spot);
        let look = match node.look {
            Look::Plain => "",
            Look::Layer => " layer",
            Look::Port => " port",
        };
        let this = if node.this { " this" } else { "" };
        let current = if node.this {
            " aria-current=\"true\""
        } else {
            ""
        };
        let label = escaped(&node.label);
        // What opens lies like a sheet on others.
        let behind = if node.look == Look::Layer {
            let (x, y) = (place(x + 4.0), place(y + 4.0));
            format!(
                "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"4\"/>",
                NODE.0, NODE.1
            )
        } else {
            String::new()
        };
        match &node.href {
            Some(href) => write!(
                f,
                "<a class=\"node{look}{this}\" href=\"{}\" data-node=\"{i}\"{current}>",
                escaped(href)
            )?,
            None => write!(f, "<g class=\"node{look}{this}\" data-node=\"{i}\">")?,
        }
        write!(
            f,
            "<title>{label}</title>{behind}<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>",
            place(x),
            place(y),
            NODE.0,
            NODE.1,
            if node.look == Look::Port { 19 } else { 4 }
        )?;
        if let Some(class) = node.temper {
            write!(
                f,
                "<rect class=\"stripe {class}\" x=\"{}\" y=\"{}\" width=\"4\" height=\"{}\" rx=\"2\"/>",
                place(x),
                place(y),
                NODE.1
            )?;
        }
        let text_x = place(x + if node.look == Look::Port { 16.0 } else { 12.0 });
        let first = if node.note.is_empty() {
            y + 23.0
        } else {
            y + 16.0
        };
        let title = escaped(&cut(&node.title, LETTERS.0));
        write!(
            f,
            "<text x=\"{text_x}\" y=\"{}\">{title}</text>",
            place(first)
        )?;
        if !node.note.is_empty() {
            let note = escaped(&cut(&node.note, LETTERS.1));
            write!(
                f,
                "<text class=\"t2\" x=\"{text_x}\" y=\"{}\">{note}</text>",
                place(y + 30.0)
            )?;
        }
        f.write_str(if node.href.is_some() { "</a>" } else { "</g>" })
    }
}

#[expect(clippy::cast_precision_loss, reason = "a number of layers")]
fn size(spots: &Placed) -> (f64, f64) {
    let width = 2.0 * EDGE + (spots.columns - 1.0) * STEP.0 + NODE.0;
    let height = 2.0 * EDGE + (spots.layers.max(1) - 1) as f64 * STEP.1 + NODE.1;
    (width.ceil(), height.ceil())
}

/// The middle of a column; the first column's middle is at 0.5.
fn middle(spot: Spot) -> f64 {
    EDGE + NODE.0 / 2.0 + (spot.column - 0.5) * STEP.0
}

#[expect(clippy::cast_precision_loss, reason = "a number of layers")]
fn top(spot: Spot) -> f64 {
    EDGE + spot.layer as f64 * STEP.1
}

fn corner(spot: Spot) -> (f64, f64) {
    (middle(spot) - NODE.0 / 2.0, top(spot))
}

/// From the bottom of the first to the top of the last, straight down beside the nodes between.
fn curve(bends: &[Spot]) -> String {
    let Some((first, rest)) = bends.split_first() else {
        return String::new();
    };
    let (mut x, mut y) = (middle(*first), top(*first) + NODE.1);
    let mut path = format!("M{} {}", place(x), place(y));
    for (i, spot) in rest.iter().enumerate() {
        let (to_x, to_y) = (middle(*spot), top(*spot));
        let half = f64::midpoint(y, to_y);
        let point = |x: f64, y: f64| format!("{} {}", place(x), place(y));
        path.push('C');
        path.push_str(&[point(x, half), point(to_x, half), point(to_x, to_y)].join(" "));
        (x, y) = (to_x, to_y);
        if i + 1 < rest.len() {
            y = to_y + NODE.1;
            path.push('V');
            path.push_str(&place(y));
        }
    }
    path
}

/// The beginning and, of names that differ at their end, the end.
fn cut(text: &str, letters: usize) -> String {
    let count = text.chars().count();
    if count <= letters {
        return text.to_owned();
    }
    let (head, tail) = (letters / 2, letters - letters / 2 - 1);
    let begin: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(count - tail).collect();
    format!("{begin}…{end}")
}
