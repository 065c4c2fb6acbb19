//! Which operations belong together, by what they are called.
//!
//! Converters keep the source's module path in names: `encoder_layer_0_attention_self_query_weight_0`. The part up to
//! the first number inside the path is the layer. An operation often has a made-up name (`linear_7`, `input_12_cast`)
//! while its weight has a good one, so both are asked.

use super::graph::Op;

/// What converters append; no part of a path.
const SUFFIXES: [&str; 13] = [
    "cast",
    "to",
    "fp16",
    "fp32",
    "float16",
    "float32",
    "quantized",
    "palettized",
    "sparsified",
    "promoted",
    "weight",
    "bias",
    "const",
];
/// Words that converters number when a name has no better.
const MADE_UP: [&str; 8] = ["op", "var", "input", "x", "y", "out", "output", "hidden"];

/// The layer that an operation says it is in.
pub(super) fn layer(op: &Op) -> Option<&str> {
    let names = std::iter::once(op.name.as_str());
    let mut names = names.chain(op.weights.iter().map(|w| w.name.as_str()));
    names.find_map(|name| path(name, &op.kind))
}

/// The part of a name up to the first number that stands inside a path.
fn path<'n>(name: &'n str, op_type: &str) -> Option<&'n str> {
    let is_break = |c: char| matches!(c, '_' | '.' | '/');
    let mut start = 0;
    let mut words: Vec<(usize, &str)> = Vec::new();
    for word in name.split(is_break) {
        words.push((start, word));
        start += word.len() + 1;
    }
    let (i, &(at, number)) = words
        .iter()
        .enumerate()
        .skip(1)
        .find(|(_, (_, word))| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()))?;
    let before = name.get(..at.saturating_sub(1))?;
    let (_, next) = words.get(i + 1)?;
    let goes_on = next.chars().any(char::is_alphabetic) && !SUFFIXES.contains(next);
    let made_up = before == op_type || MADE_UP.contains(&before) || before.is_empty();
    (goes_on && !made_up)
        .then(|| name.get(..at + number.len()))
        .flatten()
}

/// What to call a group of operations that have no layer: what their weights have in common, else what is in it most.
pub(super) fn name(ops: &[&Op]) -> String {
    let weights: Vec<&str> = ops
        .iter()
        .flat_map(|op| op.weights.iter().map(|w| w.name.as_str()))
        .collect();
    if weights.len() >= 2
        && let Some(common) = common(&weights)
    {
        return common;
    }
    let mut counts: Vec<(&str, usize)> = Vec::new();
    // What has weights says more than what only moves values.
    let weighty = ops.iter().any(|op| !op.weights.is_empty());
    for op in ops.iter().filter(|op| !weighty || !op.weights.is_empty()) {
        match counts.iter_mut().find(|(t, _)| *t == op.kind) {
            Some((_, n)) => *n += 1,
            None => counts.push((&op.kind, 1)),
        }
    }
    // Stable: of equals the first in the program.
    counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let told = counts.iter().take(3).map(|(t, n)| match n {
        1 => (*t).to_owned(),
        n => format!("{n} {t}"),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// The whole words with which all begin.
fn common(names: &[&str]) -> Option<String> {
    let first = names.first()?;
    let mut length = first.len();
    for name in names {
        let same = first.bytes().zip(name.bytes()).take_while(|(a, b)| a == b);
        length = length.min(same.count());
    }
    let begins = first.get(..length)?;
    let end = begins.rfind(['_', '.', '/'])?;
    let word = begins.get(..end)?;
    (word.len() >= 3 && !MADE_UP.contains(&word)).then(|| word.to_owned())
}

#[cfg(test)]
pub(super) fn path_of<'n>(name: &'n str, op_type: &str) -> Option<&'n str> {
    path(name, op_type)
}
