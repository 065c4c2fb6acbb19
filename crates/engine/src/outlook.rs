//! About how large a package becomes, from what is known of it and the recipe: before anything is computed.

use std::collections::BTreeSet;

use api::inspection::{Inspection, WeightInspection};
use compress::{DenseWeight, Recipe};

/// About how many bytes the package has afterwards; none where its values decide.
pub fn outlook(recipe: &Recipe, inspection: &Inspection) -> Option<u64> {
    let mut seen = BTreeSet::new();
    let (mut before, mut after) = (0u64, 0u64);
    for function in &inspection.functions {
        for weight in &function.weights {
            // What functions share stands in the file once.
            if !seen.insert((&weight.name, &weight.shape, weight.bytes)) {
                continue;
            }
            before += weight.bytes;
            after += likely(recipe, weight)?;
        }
    }
    Some(inspection.size_bytes.saturating_sub(before) + after)
}

fn likely(recipe: &Recipe, weight: &WeightInspection) -> Option<u64> {
    let element_bytes = match weight.dtype.as_str() {
        "float16" => 2,
        "float32" => 4,
        _ => return Some(weight.bytes),
    };
    let is_dense = weight.representation == weight.dtype;
    let decompresses = recipe.needs().is_none();
    if !is_dense && !decompresses {
        return Some(weight.bytes);
    }
    recipe.likely_bytes(DenseWeight {
        elements: weight.shape.iter().product(),
        channels: weight.shape.first().copied().unwrap_or(1),
        element_bytes,
    })
}
