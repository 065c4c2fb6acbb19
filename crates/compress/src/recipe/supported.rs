//! What of a right recipe this version can do. The one place to change when the engine learns more.

use super::{
    Action, CodeType, LinearGranularity, OpConfig, PaletteGranularity, Recipe, RecipeError,
};

impl Recipe {
    /// Refuses what coremltools can do and this version cannot yet.
    ///
    /// # Errors
    /// `unsupported`, naming the first such thing.
    pub fn supported(&self) -> Result<(), RecipeError> {
        let Action::Compress(steps) = &self.action else {
            return Ok(());
        };
        let refuse = |pointer: String, what: &str| {
            Err(RecipeError {
                source_name: self.name.clone(),
                line: None,
                pointer,
                why: format!("{what} is not built yet"),
                hint: Some("`coreanvil recipes` lists what this version can do".to_owned()),
                unsupported: true,
            })
        };
        if steps.len() > 1 {
            return refuse("/steps".to_owned(), "joint compression in several steps");
        }
        for (i, step) in steps.iter().enumerate() {
            let configs = step
                .global
                .iter()
                .chain(step.op_types.values().flatten())
                .chain(step.op_names.values().flatten());
            for config in configs {
                if let Some(what) = missing(config) {
                    return refuse(format!("/steps/{i}"), what);
                }
            }
        }
        Ok(())
    }
}

fn missing(config: &OpConfig) -> Option<&'static str> {
    match config {
        OpConfig::Linear(c) if c.granularity == LinearGranularity::PerBlock => {
            Some("granularity per_block")
        }
        OpConfig::Linear(c) if matches!(c.dtype, CodeType::Int4 | CodeType::Uint4) => {
            Some("dtype int4 or uint4")
        }
        OpConfig::Palettize(c) if c.granularity == PaletteGranularity::PerGroupedChannel => {
            Some("granularity per_grouped_channel")
        }
        OpConfig::Palettize(c) if c.cluster_dim > 1 => Some("cluster_dim above 1"),
        OpConfig::Palettize(c) if c.enable_per_channel_scale => Some("enable_per_channel_scale"),
        OpConfig::Magnitude(c) if c.n_m_ratio.is_some() => Some("n_m_ratio"),
        OpConfig::Magnitude(c) if c.block_size.is_some() => Some("block_size pruning"),
        OpConfig::Linear(_)
        | OpConfig::Palettize(_)
        | OpConfig::Magnitude(_)
        | OpConfig::Threshold(_) => None,
    }
}
