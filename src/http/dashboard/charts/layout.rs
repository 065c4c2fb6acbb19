//! Where the nodes of a small directed graph stand: layers by longest path, order by barycentre.
//!
//! Sugiyama's method in its plainest form. Edges that would go up (a loop) are taken as going down. Edges over several
//! layers get a place in each, so that they run between nodes and not through them. The graphs have under a hundred
//! nodes; everything is in order of index, so that the same graph is the same picture.

/// Sweeps down and up; more change nothing one could see.
const SWEEPS: usize = 8;

/// The place of a node or of an edge's bend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spot {
    /// From the left, in columns; may be a fraction.
    pub(super) column: f64,
    /// From the top, in layers.
    pub(super) layer: usize,
}

/// A graph, placed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    /// Where each node stands.
    pub(super) nodes: Vec<Spot>,
    /// Through where each edge goes, from its upper end to its lower.
    pub(super) bends: Vec<Vec<Spot>>,
    /// Columns of the widest layer.
    pub(super) columns: f64,
    /// Number of layers.
    pub(super) layers: usize,
}

/// How much room a bend needs beside a node's 1.
const BEND: f64 = 0.12;

/// Places `count` nodes.
pub(super) fn place(count: usize, edges: &[(usize, usize)]) -> Placed {
    let down = downward(count, edges);
    let layer = layers(count, &down);
    let mut slots: Vec<Slot> = (0..count).map(|node| Slot::new(layer[node], 1.0)).collect();
    let chains: Vec<Vec<usize>> = down
        .iter()
        .map(|&(from, to)| chain(&mut slots, from, to, &layer))
        .collect();
    let depth = layer.iter().max().map_or(0, |most| most + 1);
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); depth];
    for (i, slot) in slots.iter().enumerate() {
        rows[slot.layer].push(i);
    }
    order(&mut rows, &slots);
    let at = columns(&rows, &slots);
    let spot = |i: usize| Spot {
        column: at[i],
        layer: slots[i].layer,
    };
    let right = |i: usize| at[i] + slots[i].width / 2.0;
    Placed {
        nodes: (0..count).map(spot).collect(),
        bends: chains
            .iter()
            .map(|chain| chain.iter().map(|&i| spot(i)).collect())
            .collect(),
        columns: (0..slots.len()).map(right).fold(1.0, f64::max),
        layers: depth,
    }
}

/// Every edge turned so that no loop is left: against the order of a depth-first search.
fn downward(count: usize, edges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); count];
    for &(from, to) in edges {
        next[from].push(to);
    }
    // 0 unseen, 1 on the way, 2 done; the stack holds a node and how many of its edges were gone.
    let mut state = vec![0u8; count];
    let mut back = std::collections::BTreeSet::new();
    for start in 0..count {
        if state[start] != 0 {
            continue;
        }
        let mut stack = vec![(start, 0)];
        state[start] = 1;
        while let Some((node, gone)) = stack.pop() {
            let Some(&to) = next[node].get(gone) else {
                state[node] = 2;
                continue;
            };
            stack.push((node, gone + 1));
            match state[to] {
                0 => {
                    state[to] = 1;
                    stack.push((to, 0));
                }
                1 => {
                    back.insert((node, to));
                }
                _ => {}
            }
        }
    }
    let turn = |&(from, to): &(usize, usize)| {
        if back.contains(&(from, to)) {
            (to, from)
        } else {
            (from, to)
        }
    };
    edges.iter().map(turn).collect()
}

/// The longest way from above; then sources go down to just above their first reader.
fn layers(count: usize, down: &[(usize, usize)]) -> Vec<usize> {
    let mut layer = vec![0usize; count];
    // Without loops this ends after at most as many rounds as there are nodes.
    for _ in 0..count {
        let mut moved = false;
        for &(from, to) in down {
            if from != to && layer[to] <= layer[from] {
                layer[to] = layer[from] + 1;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    for node in 0..count {
        if down.iter().all(|&(_, to)| to != node) {
            let readers = down
                .iter()
                .filter(|&&(from, to)| from == node && to != node);
            if let Some(first) = readers.map(|&(_, to)| layer[to]).min() {
                layer[node] = first.saturating_sub(1);
            }
        }
    }
    layer
}

/// A node, or the place of an edge in a layer that it crosses.
struct Slot {
    layer: usize,
    width: f64,
    above: Vec<usize>,
    below: Vec<usize>,
}

impl Slot {
    fn new(layer: usize, width: f64) -> Self {
        Self {
            layer,
            width,
            above: Vec::new(),
            below: Vec::new(),
        }
    }
}

fn chain(slots: &mut Vec<Slot>, from: usize, to: usize, layer: &[usize]) -> Vec<usize> {
    let mut chain = vec![from];
    for between in layer[from] + 1..layer[to] {
        chain.push(slots.len());
        slots.push(Slot::new(between, BEND));
    }
    chain.push(to);
    for (&upper, &lower) in chain.iter().zip(chain.iter().skip(1)) {
        slots[upper].below.push(lower);
        slots[lower].above.push(upper);
    }
    chain
}

/// Each layer by the mean place of what it is tied to, down and up again.
#[expect(clippy::cast_precision_loss, reason = "under a hundred places")]
fn order(rows: &mut [Vec<usize>], slots: &[Slot]) {
    let mut place = vec![0.0; slots.len()];
    let number = |row: &[usize], place: &mut Vec<f64>| {
        for (i, &slot) in row.iter().enumerate() {
            place[slot] = i as f64 / row.len().max(1) as f64;
        }
    };
    for row in &*rows {
        number(row, &mut place);
    }
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        for i in 0..rows.len() {
            let row = if down { i } else { rows.len() - 1 - i };
            let mean = |slot: usize| {
                let tied = if down {
                    &slots[slot].above
                } else {
                    &slots[slot].below
                };
                if tied.is_empty() {
                    place[slot]
                } else {
                    tied.iter().map(|&t| place[t]).sum::<f64>() / tied.len() as f64
                }
            };
            let mut keyed: Vec<(f64, usize)> = rows[row].iter().map(|&s| (mean(s), s)).collect();
            // Stable: of equals the order stays.
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            rows[row] = keyed.into_iter().map(|(_, slot)| slot).collect();
            number(&rows[row], &mut place);
        }
    }
}

/// Columns in the order of each layer: as near to what a node is tied to as its neighbours let it be.
fn columns(rows: &[Vec<usize>], slots: &[Slot]) -> Vec<f64> {
    let mut at = vec![0.0; slots.len()];
    let width = |row: &[usize]| row.iter().map(|&s| slots[s].width).sum::<f64>();
    let widest = rows.iter().map(|row| width(row)).fold(1.0, f64::max);
    for row in rows {
        let mut x = (widest - width(row)) / 2.0;
        for &slot in row {
            at[slot] = x + slots[slot].width / 2.0;
            x += slots[slot].width;
        }
    }
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        for i in 0..rows.len() {
            let row = &rows[if down { i } else { rows.len() - 1 - i }];
            settle(row, slots, &mut at, down);
        }
    }
    let left = at
        .iter()
        .zip(slots)
        .map(|(x, slot)| x - slot.width / 2.0)
        .fold(f64::INFINITY, f64::min);
    for x in &mut at {
        *x -= left.min(0.0);
    }
    at
}

/// Moves a layer to where its ties want it: nodes first, in their order and with room for the edges between them, then
/// those edges.
fn settle(row: &[usize], slots: &[Slot], at: &mut [f64], down: bool) {
    let is_node = |slot: usize| slots[slot].width >= 1.0;
    let wish = |slot: usize, at: &[f64]| {
        let tied = if down {
            &slots[slot].above
        } else {
            &slots[slot].below
        };
        // An edge on its way pulls little: else a picture with many long ones leans to their side.
        let pull = |t: usize| {
            if is_node(slot) && !is_node(t) {
                0.05
            } else {
                1.0
            }
        };
        let weight: f64 = tied.iter().map(|&t| pull(t)).sum();
        let sum: f64 = tied.iter().map(|&t| pull(t) * at[t]).sum();
        if tied.is_empty() {
            at[slot]
        } else {
            sum / weight
        }
    };
    let wishes: Vec<f64> = row.iter().map(|&slot| wish(slot, at)).collect();
    // Where the middle of each slot lies when the row is packed: the least that two may be apart.
    let mut packed = Vec::with_capacity(row.len());
    let mut end = 0.0;
    for &slot in row {
        packed.push(end + slots[slot].width / 2.0);
        end += slots[slot].width;
    }
    let nodes: Vec<usize> = (0..row.len()).filter(|&i| is_node(row[i])).collect();
    let mut placed = wishes.clone();
    spread(
        &nodes,
        &packed,
        &mut placed,
        f64::NEG_INFINITY,
        f64::INFINITY,
    );
    let mut left = None;
    for right in nodes.iter().copied().map(Some).chain([None]) {
        let from = left.map_or(0, |i: usize| i + 1);
        let between: Vec<usize> = (from..right.unwrap_or(row.len())).collect();
        let low = left.map_or(f64::NEG_INFINITY, |i| placed[i] - packed[i]);
        let high = right.map_or(f64::INFINITY, |i| placed[i] - packed[i]);
        spread(&between, &packed, &mut placed, low, high);
        left = right;
    }
    for (i, &slot) in row.iter().enumerate() {
        at[slot] = placed[i];
    }
}

/// Places in order, each at least its packed distance from the one before, as near to what it has as they go; the mean
/// of the leftmost and the rightmost way. Ends bound what is left after packing.
fn spread(list: &[usize], packed: &[f64], placed: &mut [f64], from: f64, to: f64) {
    let free = |i: usize, placed: &[f64]| placed[i] - packed[i];
    // By rounding the ends may pass each other.
    let to = to.max(from);
    let (mut low, mut high) = (Vec::new(), Vec::new());
    let mut least = from;
    for &i in list {
        least = free(i, placed).clamp(from, to).max(least);
        low.push(least);
    }
    let mut most = to;
    for &i in list.iter().rev() {
        most = free(i, placed).clamp(from, to).min(most);
        high.push(most);
    }
    for (k, &i) in list.iter().enumerate() {
        placed[i] = packed[i] + f64::midpoint(low[k], high[list.len() - 1 - k]);
    }
}
