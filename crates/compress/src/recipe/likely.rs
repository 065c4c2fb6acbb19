//! What follows from a recipe alone: the oldest system that runs what it makes, and about how many bytes a weight takes.
//!
//! It looks at no values; what depends on them (distinct values, a threshold) has no estimate.

use coreml::program::Opset;

use super::{
    Action, CodeType, LinearConfig, LinearGranularity, LinearMode, OpConfig, PaletteGranularity,
    PalettizeConfig, Recipe,
};

/// A dense float weight, before it is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DenseWeight {
    /// Number of values.
    pub elements: u64,
    /// Extent of the output axis.
    pub channels: u64,
    /// Bytes of one value.
    pub element_bytes: u64,
}

impl DenseWeight {
    fn bytes(self) -> u64 {
        self.elements.saturating_mul(self.element_bytes)
    }
}

impl OpConfig {
    /// The oldest operation set that holds what this makes, and what of it an older one lacks.
    pub(crate) fn needs(&self) -> (Opset, Option<&'static str>) {
        match self {
            Self::Linear(c) if matches!(c.dtype, CodeType::Int4 | CodeType::Uint4) => {
                (Opset::CoreML8, Some("4-bit quantization"))
            }
            Self::Linear(c) if c.granularity == LinearGranularity::PerBlock => {
                (Opset::CoreML8, Some("quantization by blocks"))
            }
            Self::Palettize(c) if c.nbits == Some(3) => {
                (Opset::CoreML8, Some("3-bit palettization"))
            }
            Self::Palettize(c)
                if c.granularity == PaletteGranularity::PerGroupedChannel
                    || c.cluster_dim > 1
                    || c.enable_per_channel_scale =>
            {
                (Opset::CoreML8, Some("palettization of this granularity"))
            }
            Self::Linear(_) | Self::Palettize(_) | Self::Magnitude(_) | Self::Threshold(_) => {
                (Opset::CoreML6, None)
            }
        }
    }

    fn likely_bytes(&self, weight: DenseWeight) -> Option<u64> {
        if weight.elements <= self.weight_threshold() {
            return Some(weight.bytes());
        }
        match self {
            Self::Linear(c) => Some(linear(c, weight)),
            Self::Palettize(c) => palettized(c, weight),
            Self::Magnitude(c) => {
                let kept = 1.0 - c.target_sparsity?;
                Some(share(weight.bytes(), kept) + weight.elements.div_ceil(8))
            }
            Self::Threshold(_) => None,
        }
    }
}

impl Recipe {
    /// The oldest operation set that holds what this makes; none where it compresses nothing.
    pub fn needs(&self) -> Option<Opset> {
        let Action::Compress(steps) = &self.action else {
            return None;
        };
        let each = steps.iter().flat_map(|step| {
            let narrower = step.op_types.values().chain(step.op_names.values());
            step.global.iter().chain(narrower.flatten())
        });
        let oldest = each.map(|config| config.needs().0).max()?;
        // A weight that is compressed twice needs the operations that nest.
        Some(if steps.len() > 1 {
            oldest.max(Opset::CoreML8)
        } else {
            oldest
        })
    }

    /// About how many bytes a weight takes afterwards, where the recipe alone tells it.
    pub fn likely_bytes(&self, weight: DenseWeight) -> Option<u64> {
        let Action::Compress(steps) = &self.action else {
            return Some(weight.bytes());
        };
        match steps.as_slice() {
            [one] if one.op_types.is_empty() && one.op_names.is_empty() => one
                .global
                .as_ref()
                .map_or(Some(weight.bytes()), |config| config.likely_bytes(weight)),
            _ => None,
        }
    }
}

fn linear(config: &LinearConfig, weight: DenseWeight) -> u64 {
    let code_bits: u64 = match config.dtype {
        CodeType::Int8 | CodeType::Uint8 => 8,
        CodeType::Int4 | CodeType::Uint4 => 4,
    };
    let scales = match config.granularity {
        LinearGranularity::PerTensor => 1,
        LinearGranularity::PerChannel | LinearGranularity::PerBlock => weight.channels,
    };
    let offset_bytes = u64::from(config.mode == LinearMode::Linear);
    bits(weight.elements, code_bits) + scales * (weight.element_bytes + offset_bytes)
}

fn palettized(config: &PalettizeConfig, weight: DenseWeight) -> Option<u64> {
    let index_bits = config.nbits?;
    Some(bits(weight.elements, index_bits.into()) + (weight.element_bytes << index_bits))
}

/// Bytes of so many values of so many bits.
fn bits(elements: u64, each: u64) -> u64 {
    elements.saturating_mul(each).div_ceil(8)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "an estimate of bytes, not negative"
)]
fn share(bytes: u64, of: f64) -> u64 {
    (bytes as f64 * of.clamp(0.0, 1.0)) as u64
}
