//! The tree into typed configurations, with coremltools' keys, defaults, coercions and refusals
//! (`OptimizationConfig.from_dict` of coremltools 9.0, which structures with cattrs).

use std::collections::BTreeMap;

use super::config::{
    BlockSize, CodeType, LinearConfig, LinearGranularity, LinearMode, MagnitudeConfig, OpConfig,
    PaletteGranularity, PaletteMode, PalettizeConfig, ThresholdConfig,
};
use super::fields::{At, Fields, coerce_int, nearest};
use super::yaml::{Kind, Node};
use super::{Action, Compat, Options, Recipe, RecipeError, Step};

const CLASSES: [&str; 4] = [
    "OpLinearQuantizerConfig",
    "OpPalettizerConfig",
    "OpMagnitudePrunerConfig",
    "OpThresholdPrunerConfig",
];

pub(super) fn recipe(root: &Node, source_name: &str) -> Result<Recipe, RecipeError> {
    let at = At {
        source_name,
        pointer: String::new(),
    };
    let map = Fields::of(root, &at)?;
    if let Some(Node {
        kind: Kind::Bool(true),
        ..
    }) = map.get("decompress")
    {
        map.only(&["name", "description", "decompress"])?;
        return Recipe::named("decompress");
    }
    if map.has("steps") {
        map.only(&["name", "description", "steps", "options"])?;
        let steps_at = at.child("steps");
        let steps = match map.get("steps") {
            Some(Node {
                kind: Kind::List(items),
                ..
            }) => items
                .iter()
                .enumerate()
                .map(|(i, item)| step(item, &steps_at.child(&i.to_string())))
                .collect::<Result<Vec<_>, _>>()?,
            Some(other) => {
                return Err(steps_at.error(
                    other.line,
                    format!("must be a list, is {}", other.kind_name()),
                ));
            }
            None => Vec::new(),
        };
        Ok(Recipe {
            name: map.text("name")?.unwrap_or_else(|| "custom".to_owned()),
            description: map.text("description")?.unwrap_or_default(),
            action: Action::Compress(steps),
            options: options(map.get("options"), &at.child("options"))?,
        })
    } else {
        Ok(Recipe {
            name: "custom".to_owned(),
            description: String::new(),
            action: Action::Compress(vec![step(root, &at)?]),
            options: Options::default(),
        })
    }
}

fn options(node: Option<&Node>, at: &At<'_>) -> Result<Options, RecipeError> {
    let Some(node) = node.filter(|n| n.kind != Kind::Null) else {
        return Ok(Options::default());
    };
    let map = Fields::of(node, at)?;
    map.only(&["compat"])?;
    let compat = match map.text("compat")?.as_deref() {
        None | Some("mended") => Compat::Mended,
        Some("exact") => Compat::Exact,
        Some(other) => {
            return Err(at.child("compat").error(
                map.line("compat"),
                format!("must be mended or exact, is `{other}`"),
            ));
        }
    };
    Ok(Options { compat })
}

fn step(node: &Node, at: &At<'_>) -> Result<Step, RecipeError> {
    let map = Fields::of(node, at)?;
    map.only(&[
        "config_type",
        "global_config",
        "op_type_configs",
        "op_name_configs",
    ])?;
    let class = match map.get("config_type") {
        Some(Node {
            kind: Kind::Text(name),
            ..
        }) => name.clone(),
        Some(other) => {
            return Err(at.child("config_type").error(
                other.line,
                format!("must be text, is {}", other.kind_name()),
            ));
        }
        None => return Err(at.error(node.line, "`config_type` is missing".to_owned())),
    };
    check_class(&class, map.line("config_type"), &at.child("config_type"))?;
    let global = match map.get("global_config") {
        None => None,
        Some(n) => entry(n, &class, &at.child("global_config"))?,
    };
    let op_types = overrides(&map, "op_type_configs", &class, at)?;
    let op_names = overrides(&map, "op_name_configs", &class, at)?;
    if op_types.contains_key("const") {
        let why = "constants cannot be chosen by type `const`; use global_config".to_owned();
        return Err(at
            .child("op_type_configs")
            .child("const")
            .error(map.line("op_type_configs"), why));
    }
    let step = Step {
        global,
        op_types,
        op_names,
    };
    check_one_kind(&step, node.line, at)?;
    Ok(step)
}

fn overrides(
    map: &Fields<'_>,
    key: &str,
    class: &str,
    at: &At<'_>,
) -> Result<BTreeMap<String, Option<OpConfig>>, RecipeError> {
    let at = at.child(key);
    match map.get(key) {
        None
        | Some(Node {
            kind: Kind::Null, ..
        }) => Ok(BTreeMap::new()),
        Some(Node {
            kind: Kind::Map(items),
            ..
        }) => items
            .iter()
            .map(|(name, _, node)| {
                let at = at.child(name);
                let config = entry(node, class, &at)?;
                if key == "op_type_configs" {
                    check_structural(config.as_ref(), name, node.line, &at)?;
                }
                Ok((name.clone(), config))
            })
            .collect(),
        Some(other) => Err(at.error(
            other.line,
            format!("must be a map, is {}", other.kind_name()),
        )),
    }
}

/// n:m and block pruning know conv and linear only (coremltools refuses others at construction).
fn check_structural(
    config: Option<&OpConfig>,
    op_type: &str,
    line: Option<usize>,
    at: &At<'_>,
) -> Result<(), RecipeError> {
    match config {
        Some(OpConfig::Magnitude(c))
            if (c.n_m_ratio.is_some() || c.block_size.is_some())
                && !["conv", "linear"].contains(&op_type) =>
        {
            Err(at.error(
                line,
                format!("block sparsity and n:m pruning do not support op type {op_type}"),
            ))
        }
        Some(
            OpConfig::Magnitude(_)
            | OpConfig::Linear(_)
            | OpConfig::Palettize(_)
            | OpConfig::Threshold(_),
        )
        | None => Ok(()),
    }
}

/// One step runs one pass of coremltools, and a pass takes its own class only (pruning: both pruners).
fn check_one_kind(step: &Step, line: Option<usize>, at: &At<'_>) -> Result<(), RecipeError> {
    let kind = |c: &OpConfig| match c {
        OpConfig::Linear(_) => 0,
        OpConfig::Palettize(_) => 1,
        OpConfig::Magnitude(_) | OpConfig::Threshold(_) => 2,
    };
    let mut kinds = step
        .global
        .iter()
        .chain(step.op_types.values().flatten())
        .chain(step.op_names.values().flatten())
        .map(kind);
    if let Some(first) = kinds.next()
        && kinds.any(|k| k != first)
    {
        let why = "one step mixes quantization, palettization and pruning; give each its own step"
            .to_owned();
        return Err(at.error(line, why));
    }
    Ok(())
}

fn check_class(class: &str, line: Option<usize>, at: &At<'_>) -> Result<(), RecipeError> {
    if CLASSES.contains(&class) {
        return Ok(());
    }
    let mut error = at.error(line, format!("unknown class `{class}`"));
    error.hint = nearest(class, &CLASSES).map(|n| format!("did you mean {n}?"));
    Err(error)
}

fn entry(node: &Node, class: &str, at: &At<'_>) -> Result<Option<OpConfig>, RecipeError> {
    if node.kind == Kind::Null {
        return Ok(None);
    }
    let map = Fields::of(node, at)?;
    let own = map.text("config_type")?;
    if let Some(own) = &own {
        check_class(own, map.line("config_type"), &at.child("config_type"))?;
    }
    let config = match own.as_deref().unwrap_or(class) {
        "OpLinearQuantizerConfig" => OpConfig::Linear(linear(&map)?),
        "OpPalettizerConfig" => OpConfig::Palettize(palettize(&map)?),
        "OpMagnitudePrunerConfig" => OpConfig::Magnitude(magnitude(&map)?),
        _ => OpConfig::Threshold(threshold(&map)?),
    };
    Ok(Some(config))
}

fn linear(map: &Fields<'_>) -> Result<LinearConfig, RecipeError> {
    map.only(&[
        "config_type",
        "mode",
        "dtype",
        "granularity",
        "block_size",
        "weight_threshold",
    ])?;
    let mode = map
        .text("mode")?
        .unwrap_or_else(|| "linear_symmetric".to_owned());
    Ok(LinearConfig {
        mode: match mode.to_ascii_lowercase().as_str() {
            "linear_symmetric" => LinearMode::LinearSymmetric,
            "linear" => LinearMode::Linear,
            _ => return Err(map.bad("mode", &mode, &["linear_symmetric", "linear"])),
        },
        dtype: match map.text("dtype")?.as_deref() {
            None | Some("int8") => CodeType::Int8,
            Some("uint8") => CodeType::Uint8,
            Some("int4") => CodeType::Int4,
            Some("uint4") => CodeType::Uint4,
            Some(other) => {
                return Err(map.bad("dtype", other, &["int8", "uint8", "int4", "uint4"]));
            }
        },
        granularity: match map.text("granularity")?.as_deref() {
            None | Some("per_channel") => LinearGranularity::PerChannel,
            Some("per_tensor") => LinearGranularity::PerTensor,
            Some("per_block") => LinearGranularity::PerBlock,
            Some(other) => {
                return Err(map.bad(
                    "granularity",
                    other,
                    &["per_tensor", "per_channel", "per_block"],
                ));
            }
        },
        block_size: block_size(map)?,
        weight_threshold: map.weight_threshold()?,
    })
}

fn block_size(map: &Fields<'_>) -> Result<BlockSize, RecipeError> {
    let wrong = || {
        map.error(
            "block_size",
            "must be a whole number of at least 0, or a list of such".to_owned(),
        )
    };
    let whole = |node: &Node| match node.kind {
        Kind::Int(v) => u64::try_from(v).map_err(|_unsigned| wrong()),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Float(_)
        | Kind::Text(_)
        | Kind::List(_)
        | Kind::Map(_) => Err(wrong()),
    };
    match map.get("block_size") {
        None => Ok(BlockSize::One(32)),
        Some(Node {
            kind: Kind::List(items),
            ..
        }) => Ok(BlockSize::List(
            items.iter().map(whole).collect::<Result<_, _>>()?,
        )),
        Some(node) => Ok(BlockSize::One(whole(node)?)),
    }
}

fn palettize(map: &Fields<'_>) -> Result<PalettizeConfig, RecipeError> {
    const BITS: [&str; 6] = ["1", "2", "3", "4", "6", "8"];
    map.only(&[
        "config_type",
        "mode",
        "nbits",
        "lut_function",
        "granularity",
        "group_size",
        "channel_axis",
        "cluster_dim",
        "enable_per_channel_scale",
        "num_kmeans_workers",
        "weight_threshold",
    ])?;
    if map.has("lut_function") {
        return Err(map.error(
            "lut_function",
            "a function cannot be written in a recipe".to_owned(),
        ));
    }
    let mode_text = map.text("mode")?.unwrap_or_else(|| "kmeans".to_owned());
    let mode = match mode_text.to_ascii_lowercase().as_str() {
        "kmeans" => PaletteMode::Kmeans,
        "uniform" => PaletteMode::Uniform,
        "unique" => PaletteMode::Unique,
        "custom" => {
            return Err(map.error(
                "mode",
                "`custom` needs a function, which a recipe cannot hold".to_owned(),
            ));
        }
        _ => return Err(map.bad("mode", &mode_text, &["kmeans", "uniform", "unique"])),
    };
    let nbits = match (map.int("nbits")?, mode) {
        (None, PaletteMode::Kmeans | PaletteMode::Uniform) => {
            return Err(map.error("nbits", format!("must be given for mode {mode_text}")));
        }
        (Some(_), PaletteMode::Unique) => {
            return Err(map.error("nbits", "must not be given for mode unique".to_owned()));
        }
        (None, PaletteMode::Unique) => None,
        (Some(bits), PaletteMode::Kmeans | PaletteMode::Uniform) => match u32::try_from(bits) {
            Ok(b @ (1 | 2 | 3 | 4 | 6 | 8)) => Some(b),
            Ok(_) | Err(_) => return Err(map.bad("nbits", &bits.to_string(), &BITS)),
        },
    };
    let granularity = match map.text("granularity")?.as_deref() {
        None | Some("per_tensor") => PaletteGranularity::PerTensor,
        Some("per_grouped_channel") => PaletteGranularity::PerGroupedChannel,
        Some(other) => {
            return Err(map.bad("granularity", other, &["per_tensor", "per_grouped_channel"]));
        }
    };
    let positive = |key: &str, default: i64| match map.int(key)? {
        None => Ok(default),
        Some(v) if v >= 1 => Ok(v),
        Some(v) => Err(map.error(key, format!("must be at least 1, is {v}"))),
    };
    let group_size = map.int("group_size")?.unwrap_or(32);
    if group_size < 0 {
        return Err(map.error("group_size", format!("must be at least 0, is {group_size}")));
    }
    Ok(PalettizeConfig {
        mode,
        nbits,
        granularity,
        group_size,
        channel_axis: map.int("channel_axis")?,
        cluster_dim: positive("cluster_dim", 1)?,
        enable_per_channel_scale: map.truth("enable_per_channel_scale")?.unwrap_or(false),
        num_kmeans_workers: positive("num_kmeans_workers", 1)?,
        weight_threshold: map.weight_threshold()?,
    })
}

fn magnitude(map: &Fields<'_>) -> Result<MagnitudeConfig, RecipeError> {
    map.only(&[
        "config_type",
        "target_sparsity",
        "n_m_ratio",
        "block_size",
        "dim",
        "weight_threshold",
    ])?;
    let target_sparsity = map.share("target_sparsity")?;
    let n_m_ratio = match map.get("n_m_ratio") {
        None
        | Some(Node {
            kind: Kind::Null, ..
        }) => None,
        Some(Node {
            kind: Kind::List(items),
            ..
        }) if items.len() == 2 => {
            let n = coerce_int(items.first())
                .ok_or_else(|| map.error("n_m_ratio", "must be two whole numbers".to_owned()))?;
            let m = coerce_int(items.get(1))
                .ok_or_else(|| map.error("n_m_ratio", "must be two whole numbers".to_owned()))?;
            if n < 0 || m < 1 || n > m {
                return Err(map.error("n_m_ratio", format!("must be 0 <= n <= m, is {n}:{m}")));
            }
            Some((n, m))
        }
        Some(_) => return Err(map.error("n_m_ratio", "must be two whole numbers".to_owned())),
    };
    if target_sparsity.is_some() == n_m_ratio.is_some() {
        return Err(map.error(
            "target_sparsity",
            "give exactly one of target_sparsity and n_m_ratio".to_owned(),
        ));
    }
    let block_size = map.int("block_size")?;
    match block_size {
        Some(_) if n_m_ratio.is_some() => {
            return Err(map.error("block_size", "cannot stand beside n_m_ratio".to_owned()));
        }
        Some(b) if b <= 1 => {
            return Err(map.error("block_size", format!("must be more than 1, is {b}")));
        }
        Some(_) | None => {}
    }
    let dim = match map.int("dim")? {
        Some(_) if block_size.is_none() && n_m_ratio.is_none() => {
            return Err(map.error("dim", "goes with block_size or n_m_ratio only".to_owned()));
        }
        Some(d @ (0 | 1)) => Some(d),
        Some(d) => return Err(map.error("dim", format!("must be 0 or 1, is {d}"))),
        None if block_size.is_some() => Some(0),
        None if n_m_ratio.is_some() => Some(1),
        None => None,
    };
    Ok(MagnitudeConfig {
        target_sparsity,
        block_size,
        n_m_ratio,
        dim,
        weight_threshold: map.weight_threshold()?,
    })
}

fn threshold(map: &Fields<'_>) -> Result<ThresholdConfig, RecipeError> {
    map.only(&[
        "config_type",
        "threshold",
        "minimum_sparsity_percentile",
        "weight_threshold",
    ])?;
    let threshold = map.number("threshold")?.unwrap_or(1e-12);
    if threshold.is_nan() || threshold < 0.0 {
        return Err(map.error("threshold", format!("must be at least 0, is {threshold}")));
    }
    Ok(ThresholdConfig {
        threshold,
        minimum_sparsity_percentile: map.share("minimum_sparsity_percentile")?.unwrap_or(0.5),
        weight_threshold: map.weight_threshold()?,
    })
}
