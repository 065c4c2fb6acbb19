//! What a compressed weight is made from, for people: its tables, scales, offsets and masks.
//!
//! It reads one weight at a time and keeps nothing; what a parameter does to values is `evaluate`'s affair.

use coreml::blob;
use coreml::program::{DataType, Document};

use super::dense::singles;
use super::evaluate::{Arguments, declared_shape};
use super::functions::Function;
use crate::Error;
use crate::kernel::decompress::ArrayVec;

/// One parameter of a constexpr operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Type of the operation, for example `constexpr_lut_to_dense`.
    pub operation: String,
    /// Name of the parameter: `lut`, `scale`, `offset`, `zero_point`, or one of the masks.
    pub name: &'static str,
    /// Element type.
    pub dtype: DataType,
    /// Extent of each axis.
    pub shape: Vec<u64>,
    /// Values as singles, row-major; a mask has one value per element, 0 where it leaves out.
    pub values: Vec<f32>,
}

/// The parameters that say how values were stored. Codes and indices are left out: they are as many as the values.
const NAMES: [&str; 7] = [
    "lut",
    "scale",
    "offset",
    "zero_point",
    "mask",
    "indices_mask",
    "data_mask",
];

/// The parameters of the constexpr operation at `site` and of those that it reads.
pub(super) fn parameters(
    document: &Document,
    function: &Function<'_>,
    site: usize,
) -> Result<Vec<Parameter>, Error> {
    let mut found = Vec::new();
    let mut next = vec![site];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(site) = next.pop() {
        let op = function.graph.sites[site].op;
        if !op.r#type.starts_with("constexpr_") || !seen.insert(site) {
            continue;
        }
        let arguments = Arguments {
            document,
            function,
            site,
        };
        for name in NAMES {
            if let Some(dense) = arguments.get(name)? {
                found.push(Parameter {
                    operation: op.r#type.clone(),
                    name,
                    dtype: dense.dtype,
                    shape: dense.shape.iter().map(|&d| d as u64).collect(),
                    values: match &dense.array {
                        // iOS 16 packs the mask into bytes.
                        ArrayVec::Codes { values, .. }
                            if name == "mask" && op.attributes.contains_key("shape") =>
                        {
                            let shape = op.outputs.first().map(declared_shape);
                            let count = shape.map_or(0, |shape| shape.iter().product());
                            let bits = blob::unpack(values, 1, count);
                            bits.into_iter().map(f32::from).collect()
                        }
                        array @ (ArrayVec::Codes { .. } | ArrayVec::Floats(_)) => singles(array),
                    },
                });
            }
        }
        for &(_, value) in &function.graph.reads[site] {
            next.extend(function.graph.values[value].producer);
        }
    }
    Ok(found)
}
