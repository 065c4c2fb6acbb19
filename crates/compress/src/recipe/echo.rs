//! A recipe as JSON with every default written out, and its digest.

use serde_json::{Value, json};

use super::{
    Action, BlockSize, CodeType, Compat, LinearGranularity, LinearMode, OpConfig,
    PaletteGranularity, PaletteMode, Recipe, Step,
};

pub(super) fn config(recipe: &Recipe) -> Value {
    let mut body = body(recipe);
    if let Value::Object(map) = &mut body {
        map.insert("name".to_owned(), json!(recipe.name));
        map.insert("description".to_owned(), json!(recipe.description));
    }
    body
}

pub(super) fn digest(recipe: &Recipe) -> String {
    // serde_json's map is sorted by key here, so equal recipes give equal text.
    let text = body(recipe).to_string();
    coreml::Digest::of(text.as_bytes()).to_string()
}

fn body(recipe: &Recipe) -> Value {
    match &recipe.action {
        Action::Decompress => json!({ "decompress": true }),
        Action::Compress(steps) => json!({
            "steps": steps.iter().map(step).collect::<Vec<_>>(),
            "options": { "compat": match recipe.options.compat {
                Compat::Mended => "mended",
                Compat::Exact => "exact",
            } },
        }),
    }
}

fn step(step: &Step) -> Value {
    let class = step
        .global
        .iter()
        .chain(step.op_types.values().flatten())
        .chain(step.op_names.values().flatten())
        .next()
        .map_or("OpLinearQuantizerConfig", class);
    let entries = |map: &std::collections::BTreeMap<String, Option<OpConfig>>| -> Value {
        map.iter()
            .map(|(k, v)| (k.clone(), entry(v.as_ref())))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    json!({
        "config_type": class,
        "global_config": entry(step.global.as_ref()),
        "op_type_configs": entries(&step.op_types),
        "op_name_configs": entries(&step.op_names),
    })
}

fn class(config: &OpConfig) -> &'static str {
    match config {
        OpConfig::Linear(_) => "OpLinearQuantizerConfig",
        OpConfig::Palettize(_) => "OpPalettizerConfig",
        OpConfig::Magnitude(_) => "OpMagnitudePrunerConfig",
        OpConfig::Threshold(_) => "OpThresholdPrunerConfig",
    }
}

fn entry(config: Option<&OpConfig>) -> Value {
    let Some(config) = config else {
        return Value::Null;
    };
    let mut value = match config {
        OpConfig::Linear(c) => json!({
            "mode": match c.mode { LinearMode::LinearSymmetric => "linear_symmetric", LinearMode::Linear => "linear" },
            "dtype": match c.dtype {
                CodeType::Int8 => "int8", CodeType::Uint8 => "uint8", CodeType::Int4 => "int4", CodeType::Uint4 => "uint4",
            },
            "granularity": match c.granularity {
                LinearGranularity::PerTensor => "per_tensor",
                LinearGranularity::PerChannel => "per_channel",
                LinearGranularity::PerBlock => "per_block",
            },
            "block_size": match &c.block_size { BlockSize::One(b) => json!(b), BlockSize::List(list) => json!(list) },
            "weight_threshold": c.weight_threshold,
        }),
        OpConfig::Palettize(c) => json!({
            "mode": match c.mode {
                PaletteMode::Kmeans => "kmeans", PaletteMode::Uniform => "uniform", PaletteMode::Unique => "unique",
            },
            "nbits": c.nbits,
            "granularity": match c.granularity {
                PaletteGranularity::PerTensor => "per_tensor",
                PaletteGranularity::PerGroupedChannel => "per_grouped_channel",
            },
            "group_size": c.group_size,
            "channel_axis": c.channel_axis,
            "cluster_dim": c.cluster_dim,
            "enable_per_channel_scale": c.enable_per_channel_scale,
            "num_kmeans_workers": c.num_kmeans_workers,
            "weight_threshold": c.weight_threshold,
        }),
        OpConfig::Magnitude(c) => json!({
            "target_sparsity": c.target_sparsity,
            "n_m_ratio": c.n_m_ratio.map(|(n, m)| [n, m]),
            "block_size": c.block_size,
            "dim": c.dim,
            "weight_threshold": c.weight_threshold,
        }),
        OpConfig::Threshold(c) => json!({
            "threshold": c.threshold,
            "minimum_sparsity_percentile": c.minimum_sparsity_percentile,
            "weight_threshold": c.weight_threshold,
        }),
    };
    if let Value::Object(map) = &mut value {
        map.insert("config_type".to_owned(), json!(class(config)));
    }
    value
}
