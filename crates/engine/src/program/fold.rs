//! A list of operations becomes a tree in which nothing has more than [`LAYER_NODES`] children.
//!
//! Operations that say which layer they are in (see `scope`) stand together, and those that say nothing stay with the
//! one before. Where names say nothing at all, or a layer is too large, the list is cut where the fewest values cross:
//! there a layer ends. Layers that are too many are put together in runs.

use super::graph::{Flow, Maker, Node, Op, Reader, What};
use super::scope;

/// Most children of a layer.
pub const LAYER_NODES: usize = 48;
/// Fewer operations than this are shown as they are.
const UNFOLDED: usize = 32;
/// Operations that bear the name of a layer at least, on the whole.
const NAMED_SIZE: usize = 3;
/// Smallest, wanted and largest size of a piece that is cut.
const PIECE: (usize, usize, usize) = (8, 20, 40);

/// An operation in the list of a block: its node and its index.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) node: usize,
    pub(super) op: usize,
}

/// Puts the operations of a block below its node.
pub(super) fn fold(nodes: &mut Vec<Node>, parent: usize, list: &[Run], ops: &[Op], flows: &[Flow]) {
    if list.len() <= UNFOLDED {
        adopt(nodes, parent, list.iter().map(|run| run.node).collect());
        return;
    }
    let mut made = Vec::new();
    for (name, part) in layers(list, ops) {
        let pieces = match &name {
            Some(_) if part.len() <= LAYER_NODES => vec![part],
            Some(_) | None => cut(part, flows),
        };
        let several = pieces.len() > 1;
        for (i, piece) in pieces.into_iter().enumerate() {
            let title = match &name {
                Some(name) if several => format!("{name}, part {}", i + 1),
                Some(name) => name.clone(),
                None => {
                    let name =
                        scope::name(&piece.iter().map(|run| &ops[run.op]).collect::<Vec<_>>());
                    // Many are alike but for their place.
                    if several {
                        format!("{}. {name}", i + 1)
                    } else {
                        name
                    }
                }
            };
            let layer = group(nodes, &title, piece.iter().map(|run| run.node).collect());
            made.push(layer);
        }
    }
    while made.len() > LAYER_NODES {
        let size = made
            .len()
            .div_ceil(made.len().div_ceil(LAYER_NODES / 2).min(LAYER_NODES));
        let runs: Vec<Vec<usize>> = made.chunks(size).map(<[usize]>::to_vec).collect();
        made = runs
            .into_iter()
            .map(|run| {
                let end = |i: Option<&usize>| i.map_or("", |&i| nodes[i].name.as_str());
                let title = format!("{} – {}", end(run.first()), end(run.last()));
                group(nodes, &title, run)
            })
            .collect();
    }
    match made.as_slice() {
        // One layer around everything says nothing.
        [one] => {
            let children = std::mem::take(&mut nodes[*one].children);
            adopt(nodes, parent, children);
        }
        _ => adopt(nodes, parent, made),
    }
}

fn adopt(nodes: &mut [Node], parent: usize, children: Vec<usize>) {
    for &child in &children {
        nodes[child].parent = Some(parent);
    }
    nodes[parent].children = children;
}

fn group(nodes: &mut Vec<Node>, name: &str, children: Vec<usize>) -> usize {
    let at = nodes.len();
    nodes.push(Node {
        what: What::Layer,
        name: name.to_owned(),
        parent: None,
        children: Vec::new(),
        first: children.first().map_or(0, |&c| nodes[c].first),
        end: children.last().map_or(0, |&c| nodes[c].end),
    });
    adopt(nodes, at, children);
    at
}

/// Runs of one layer. What comes before the first name is a run without one; where fewer than two layers are named,
/// the whole list is.
fn layers<'l>(list: &'l [Run], ops: &[Op]) -> Vec<(Option<String>, &'l [Run])> {
    let mut starts: Vec<(Option<String>, usize)> = Vec::new();
    for (i, run) in list.iter().enumerate() {
        let name = scope::layer(&ops[run.op]);
        match (starts.last(), name) {
            (None, name) => starts.push((name.map(str::to_owned), i)),
            (Some((present, _)), Some(name)) if present.as_deref() != Some(name) => {
                starts.push((Some(name.to_owned()), i));
            }
            (Some(_), _) => {}
        }
    }
    let mut named: Vec<&String> = starts
        .iter()
        .filter_map(|(name, _)| name.as_ref())
        .collect();
    named.sort();
    named.dedup();
    let bearers = list
        .iter()
        .filter(|run| scope::layer(&ops[run.op]).is_some());
    // Names that come back over and over, or that hardly two operations bear, are no layers.
    if named.len() < 2
        || starts.len() > 3 * named.len()
        || bearers.count() < NAMED_SIZE * starts.len()
    {
        return vec![(None, list)];
    }
    let ends = starts.iter().skip(1).map(|(_, i)| *i);
    let ends: Vec<usize> = ends.chain([list.len()]).collect();
    starts
        .into_iter()
        .zip(ends)
        .map(|((name, start), end)| (name, &list[start..end]))
        .collect()
}

/// Cuts a list where the fewest values cross, into pieces of about the wanted size.
fn cut<'l>(list: &'l [Run], flows: &[Flow]) -> Vec<&'l [Run]> {
    let (small, wanted, large) = PIECE;
    let crossing = crossing(list, flows);
    let mut pieces = Vec::new();
    let mut start = 0;
    while list.len() - start > large {
        let latest = (start + large).min(list.len() - small);
        let best = (start + small..=latest)
            .min_by_key(|&at| (crossing[at], at.abs_diff(start + wanted)))
            .unwrap_or(latest);
        pieces.push(&list[start..best]);
        start = best;
    }
    pieces.push(&list[start..]);
    pieces
}

/// For each place in the list how many values made before it are read at or after it.
fn crossing(list: &[Run], flows: &[Flow]) -> Vec<usize> {
    let at = |op: usize| list.partition_point(|run| run.op <= op);
    let mut last = vec![0; list.len() + 1];
    for flow in flows {
        let Maker::Op(maker) = flow.maker else {
            continue;
        };
        let from = at(maker);
        if from == 0 || list.last().is_none_or(|run| maker > run.op) {
            continue;
        }
        let to = match flow.reader {
            Reader::Op(op) => at(op),
            Reader::Output(_) => list.len(),
        };
        last[from] = last[from].max(to);
    }
    let mut steps = vec![0isize; list.len() + 2];
    for (from, &to) in last.iter().enumerate() {
        if to > from {
            steps[from] += 1;
            steps[to] -= 1;
        }
    }
    let mut open = 0;
    let count = |step: &isize| {
        open += step;
        open.unsigned_abs()
    };
    steps.iter().map(count).collect()
}
