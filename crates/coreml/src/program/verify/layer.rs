//! Layers of networks from before ML Programs: where sizes and weights stand in one message, they agree.
//!
//! The layers are read from the file's bytes, field by field, because their weights should not be copied. Recurrent
//! layers, activations and networks inside loops are deliberately not looked into: nothing here works with them yet.

use std::ops::Range;

use crate::number::wide;
use crate::program::ModelSpan;
use crate::wire::{Field, WireType, fields};
use crate::{Error, Shown};

/// A kind of layer whose weights are counted.
struct Rule {
    /// Its field in a layer.
    layer: u32,
    /// Its name.
    name: &'static str,
    /// Its weights and then what may be missing: the field, and the fields whose product is the number of elements.
    weights: &'static [(u32, &'static [u32])],
}

const RULES: [Rule; 10] = [
    Rule {
        layer: CONVOLUTION,
        name: "convolution",
        weights: &[(90, &[1, 2, KERNEL]), (91, &[1])],
    },
    Rule {
        layer: 140,
        name: "innerProduct",
        weights: &[(20, &[1, 2]), (21, &[2])],
    },
    Rule {
        layer: 150,
        name: "embedding",
        weights: &[(20, &[1, 2]), (21, &[2])],
    },
    Rule {
        layer: 160,
        name: "batchnorm",
        weights: &[(15, &[1]), (16, &[1]), (17, &[1]), (18, &[1])],
    },
    Rule {
        layer: 245,
        name: "scale",
        weights: &[(2, &[1]), (5, &[4])],
    },
    Rule {
        layer: 250,
        name: "bias",
        weights: &[(2, &[1])],
    },
    Rule {
        layer: 290,
        name: "loadConstant",
        weights: &[(2, &[1])],
    },
    Rule {
        layer: 1040,
        name: "embeddingND",
        weights: &[(20, &[1, 2]), (21, &[2])],
    },
    Rule {
        layer: 1045,
        name: "batchedMatmul",
        weights: &[(8, &[5, 6]), (9, &[6])],
    },
    Rule {
        layer: 1070,
        name: "loadConstantND",
        weights: &[(2, &[1])],
    },
];

const CONVOLUTION: u32 = 100;
/// Extents of a convolution's kernel; 3 by 3 where they are not said.
const KERNEL: u32 = 20;
/// Groups of a convolution, by which the weights of a deconvolution are fewer.
const GROUPS: u32 = 10;
const IS_DECONVOLUTION: u32 = 60;

/// Fields of a weight.
const FLOATS: u32 = 1;
const HALF_FLOATS: u32 = 2;
const RAW: u32 = 30;
const RAW_INT8: u32 = 31;
const QUANTIZATION: u32 = 40;
/// Fields of its quantization.
const BITS: u32 = 1;
const LOOKUP: u32 = 102;

/// Checks the layers of a model and of those in its pipeline.
pub(in crate::program) fn check(bytes: &[u8], spans: &ModelSpan) -> Result<(), Error> {
    for (index, span) in spans.layers.iter().enumerate() {
        for field in fields(bytes, span.clone()) {
            let field = field?;
            let Some(rule) = RULES.iter().find(|rule| rule.layer == field.number) else {
                continue;
            };
            if field.wire_type == WireType::Len {
                layer(
                    bytes,
                    field.payload,
                    rule,
                    &format!("layer {index}, {}", rule.name),
                )?;
            }
        }
    }
    spans
        .models
        .iter()
        .try_for_each(|inner| check(bytes, inner))
}

fn layer(bytes: &[u8], range: Range<usize>, rule: &Rule, place: &str) -> Result<(), Error> {
    let bad = |why: String| Error::Layer {
        place: place.into(),
        why: why.into(),
    };
    for (weight, sizes) in rule.weights {
        let Some(field) = find(bytes, range.clone(), *weight)? else {
            continue;
        };
        let mut expected = Some(1u64);
        for size in *sizes {
            let extent = extent(bytes, range.clone(), *size, rule)?;
            expected = expected.and_then(|product| product.checked_mul(extent?));
        }
        let expected =
            expected.ok_or_else(|| bad("the product of its sizes is beyond 64 bits".into()))?;
        let expected = expected
            .checked_div(divisor(bytes, range.clone(), *weight, rule)?)
            .unwrap_or(expected);
        let found = elements(bytes, field.payload, expected)
            .map_err(|why| bad(format!("weight {weight}: {}", why.as_str())))?;
        let required = rule.weights.first().is_some_and(|first| first.0 == *weight);
        if found != expected && (found != 0 || required) {
            return Err(bad(format!(
                "weight {weight} has {found} elements, but its sizes give {expected}"
            )));
        }
    }
    Ok(())
}

/// What a deconvolution's weights are fewer by.
fn divisor(bytes: &[u8], range: Range<usize>, weight: u32, rule: &Rule) -> Result<u64, Error> {
    let is_weights = rule.weights.first().is_some_and(|first| first.0 == weight);
    if rule.layer != CONVOLUTION || !is_weights {
        return Ok(1);
    }
    let deconvolution =
        find(bytes, range.clone(), IS_DECONVOLUTION)?.is_some_and(|field| field.value != 0);
    let groups = find(bytes, range, GROUPS)?.map_or(1, |field| field.value);
    Ok(if deconvolution { groups.max(1) } else { 1 })
}

/// The product of the numbers in a field, packed or not; none beyond 64 bits.
fn extent(
    bytes: &[u8],
    range: Range<usize>,
    number: u32,
    rule: &Rule,
) -> Result<Option<u64>, Error> {
    let mut product = Some(1u64);
    let mut count = 0u64;
    let mut times = |value: u64| {
        count = count.saturating_add(1);
        product = product.and_then(|product| product.checked_mul(value));
    };
    for field in fields(bytes, range) {
        let field = field?;
        if field.number != number {
            continue;
        }
        match field.wire_type {
            WireType::Varint => times(field.value),
            WireType::Len => {
                packed(bytes.get(field.payload).unwrap_or_default()).for_each(&mut times);
            }
            WireType::Fixed32 | WireType::Fixed64 | WireType::Group => {}
        }
    }
    let default = if rule.layer == CONVOLUTION && number == KERNEL {
        9
    } else {
        0
    };
    Ok(if count == 0 { Some(default) } else { product })
}

/// The varints of a packed run, the last one as far as it goes.
fn packed(payload: &[u8]) -> impl Iterator<Item = u64> {
    payload.split_inclusive(|byte| *byte < 0x80).map(|varint| {
        let shifted =
            |(shift, byte): (u32, &u8)| u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        (0..)
            .step_by(7)
            .zip(varint)
            .map(shifted)
            .fold(0, |value, part| value | part)
    })
}

/// Number of elements of a weight. Codes of less than a byte are counted as `expected` where they fill as many bytes.
fn elements(bytes: &[u8], range: Range<usize>, expected: u64) -> Result<u64, Shown> {
    let mut floats = 0u64;
    let mut raw = None;
    let mut bits = None;
    for field in fields(bytes, range) {
        let field = field.map_err(|_broken| "it is no message")?;
        let length = wide(field.payload.len());
        match field.number {
            FLOATS => floats = floats.saturating_add(length / 4),
            HALF_FLOATS => floats = floats.saturating_add(length / 2),
            RAW_INT8 => floats = floats.saturating_add(length),
            RAW => raw = Some(length),
            QUANTIZATION => bits = Some(quantization(bytes, &field)?),
            _ => {}
        }
    }
    match (raw, bits) {
        (None | Some(0), _) => Ok(floats),
        (Some(_), None) => Err("it has codes, but no quantization".into()),
        (Some(length), Some(bits)) => {
            let needed = expected.checked_mul(bits).map(|total| total.div_ceil(8));
            let most = length.saturating_mul(8).checked_div(bits).unwrap_or(0);
            Ok(if needed == Some(length) {
                expected
            } else {
                most
            })
        }
    }
}

/// Bits of the codes; a look-up table has an entry for each.
fn quantization(bytes: &[u8], field: &Field) -> Result<u64, Shown> {
    let mut bits = 0;
    let mut entries = None;
    for inner in fields(bytes, field.payload.clone()) {
        let inner = inner.map_err(|_broken| "its quantization is no message")?;
        match inner.number {
            BITS => bits = inner.value,
            LOOKUP => {
                let mut count = 0u64;
                for entry in fields(bytes, inner.payload) {
                    let entry = entry.map_err(|_broken| "its look-up table is no message")?;
                    count = count.saturating_add(wide(entry.payload.len()) / 4);
                }
                entries = Some(count);
            }
            _ => {}
        }
    }
    if !(1..=8).contains(&bits) {
        return Err(format!("it is quantized to {bits} bits, not 1 to 8").into());
    }
    let full = 1u64 << bits;
    match entries {
        Some(entries) if entries != full => {
            Err(format!("its look-up table has {entries} entries, not {full}").into())
        }
        Some(_) | None => Ok(bits),
    }
}

fn find(bytes: &[u8], range: Range<usize>, number: u32) -> Result<Option<Field>, Error> {
    for field in fields(bytes, range) {
        let field = field?;
        if field.number == number {
            return Ok(Some(field));
        }
    }
    Ok(None)
}
