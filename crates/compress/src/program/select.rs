//! Which constants a step compresses, and along which axis, as coremltools 9.0 decides it
//! (`AbstractCompressionPass`, `OptimizationConfig._get_const_op_config`, `select_input_output_channel_axis`).

use std::collections::BTreeSet;

use coreml::program::DataType;
use coreml::spec::mil;

use super::graph::{Graph, op_name};
use crate::recipe::{OpConfig, Step};

/// Fewer elements stay immediate values and are no candidates (`should_use_weight_file`).
const MIN_ELEMENTS: u64 = 10;

/// What is to be done with one constant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict<'r> {
    /// Not a weight: too few elements, or not a type that weights have.
    NotWeight,
    /// Left as it is, for this reason.
    Left(String),
    /// To be compressed.
    Compress {
        config: &'r OpConfig,
        output_axis: usize,
    },
}

/// Names in a step's overrides that something answered to.
#[derive(Debug, Default)]
pub(crate) struct Matched {
    pub(crate) op_names: BTreeSet<String>,
    pub(crate) op_types: BTreeSet<String>,
}

/// Decides about the constant at `site`.
pub(crate) fn verdict<'r>(
    graph: &Graph<'_>,
    site: usize,
    dtype: DataType,
    shape: &[u64],
    step: &'r Step,
    matched: &mut Matched,
) -> Verdict<'r> {
    let elements = shape
        .iter()
        .try_fold(1u64, |n, &d| n.checked_mul(d))
        .unwrap_or(u64::MAX);
    let is_float = matches!(dtype, DataType::Float16 | DataType::Float32);
    let is_byte = matches!(dtype, DataType::Int8 | DataType::Uint8);
    if elements < MIN_ELEMENTS || !(is_float || is_byte) {
        return Verdict::NotWeight;
    }
    let config = match lookup(graph, site, step, matched) {
        Ok(Some(config)) => config,
        Ok(None) => return Verdict::Left("the recipe does not reach it".to_owned()),
        Err(conflict) => return Verdict::Left(conflict),
    };
    let value = graph.output(site, 0);
    if value.users.is_empty() {
        return Verdict::Left("no operation reads it".to_owned());
    }
    let reads_constexpr =
        |u: &super::graph::User| graph.sites[u.site].op.r#type.starts_with("constexpr_");
    if value.users.iter().any(reads_constexpr) {
        return Verdict::Left("is part of a compressed weight".to_owned());
    }
    if shape.len() <= 1 {
        return Verdict::Left(format!("rank {}", shape.len()));
    }
    let threshold = config.weight_threshold();
    if elements <= threshold {
        return Verdict::Left(format!("{elements} elements, not more than {threshold}"));
    }
    if value.is_block_output {
        // Core ML does not take a constexpr as a block output (coremltools' comment on rdar://108274019).
        return Verdict::Left("is an output of its block".to_owned());
    }
    if is_byte {
        return Verdict::Left(format!("holds {} values, not floats", dtype.name()));
    }
    match output_axis(graph, site, shape.len()) {
        Some(output_axis) => Verdict::Compress {
            config,
            output_axis,
        },
        // Pruning has no axis; the other two need one even per tensor.
        None if matches!(config, OpConfig::Magnitude(_) | OpConfig::Threshold(_)) => {
            Verdict::Compress {
                config,
                output_axis: 0,
            }
        }
        None => Verdict::Left("its users read it along different axes".to_owned()),
    }
}

/// `None`: leave. `Err`: the users' configurations differ.
fn lookup<'r>(
    graph: &Graph<'_>,
    site: usize,
    step: &'r Step,
    matched: &mut Matched,
) -> Result<Option<&'r OpConfig>, String> {
    let name = op_name(graph.sites[site].op);
    let users = &graph.output(site, 0).users;
    // Every user's name counts as matched, also where the constant's own name decides.
    for user in users {
        let op = graph.sites[user.site].op;
        note(
            &mut matched.op_names,
            step.op_names.contains_key(op_name(op)),
            op_name(op),
        );
        note(
            &mut matched.op_types,
            step.op_types.contains_key(&op.r#type),
            &op.r#type,
        );
    }
    note(
        &mut matched.op_names,
        step.op_names.contains_key(name),
        name,
    );
    if let Some(config) = step.op_names.get(name) {
        return Ok(config.as_ref());
    }
    let of_user = |op: &mil::Operation| {
        step.op_names
            .get(op_name(op))
            .or_else(|| step.op_types.get(&op.r#type))
            .map_or(step.global.as_ref(), Option::as_ref)
    };
    let mut configs = users.iter().map(|u| of_user(graph.sites[u.site].op));
    let Some(first) = configs.next() else {
        return Ok(None);
    };
    if let Some(position) = configs.position(|c| c != first) {
        let (a, b) = (&users[0], &users[position + 1]);
        return Err(format!(
            "conflicting configurations of its users {} and {}",
            op_name(graph.sites[a.site].op),
            op_name(graph.sites[b.site].op)
        ));
    }
    Ok(first)
}

fn note(set: &mut BTreeSet<String>, hit: bool, name: &str) {
    if hit && !set.contains(name) {
        set.insert(name.to_owned());
    }
}

/// The axis of output channels that all users agree on.
fn output_axis(graph: &Graph<'_>, site: usize, rank: usize) -> Option<usize> {
    let mut axes = graph.output(site, 0).users.iter().map(|user| {
        let op = graph.sites[user.site].op;
        let (output, input) = match op.r#type.as_str() {
            "conv_transpose" => (1, 0),
            "matmul" => matmul_axes(graph, site, user.site, rank),
            _ => (0, 1),
        };
        (output, input)
    });
    let first = axes.next()?;
    axes.all(|a| a == first).then_some(first.0)
}

/// Output and input axis of a matmul operand; as `y` where it is both.
fn matmul_axes(graph: &Graph<'_>, site: usize, user: usize, rank: usize) -> (usize, usize) {
    let (last, before) = (rank.saturating_sub(1), rank.saturating_sub(2));
    let value = graph.sites[site].first_value;
    let is_y = graph.reads[user]
        .iter()
        .any(|&(input, v)| input == "y" && v == value);
    let transposed = flag(
        graph,
        user,
        if is_y { "transpose_y" } else { "transpose_x" },
    );
    // y: outputs last unless transposed; x: outputs before last unless transposed.
    if is_y == transposed {
        (before, last)
    } else {
        (last, before)
    }
}

/// A boolean input given as a constant; false where it is absent.
fn flag(graph: &Graph<'_>, site: usize, input: &str) -> bool {
    let op = graph.sites[site].op;
    let inline = op
        .inputs
        .get(input)
        .and_then(|a| a.arguments.first())
        .and_then(|b| match &b.binding {
            Some(mil::argument::binding::Binding::Value(value)) => Some(value),
            Some(mil::argument::binding::Binding::Name(_)) | None => None,
        });
    let named = || {
        let (_, value) = graph.reads[site].iter().find(|(name, _)| *name == input)?;
        graph.sites[graph.values[*value].producer?]
            .op
            .attributes
            .get("val")
    };
    inline.or_else(named).is_some_and(is_true)
}

fn is_true(value: &mil::Value) -> bool {
    let Some(mil::value::Value::ImmediateValue(immediate)) = &value.value else {
        return false;
    };
    let Some(mil::value::immediate_value::Value::Tensor(tensor)) = &immediate.value else {
        return false;
    };
    match &tensor.value {
        Some(mil::tensor_value::Value::Bools(bools)) => {
            bools.values.first().copied().unwrap_or(false)
        }
        Some(_) | None => false,
    }
}
