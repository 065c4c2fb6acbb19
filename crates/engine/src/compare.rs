//! `compare`: two packages side by side, weight by weight.

use std::collections::BTreeMap;

use api::comparison::{Comparison, Pair, WeightComparison};
use coreml::Package;
use coreml::program::{Document, ModelType};
use coreml::spec::model::Type;

use crate::{Error, Phase, Run};

/// Compares `b` with `a`. Accuracy and latency stay empty: they are measured, not read from packages.
///
/// # Errors
/// A package that cannot be opened, cancellation.
pub fn compare(a: &Package, b: &Package, run: &Run<'_>) -> Result<Comparison, Error> {
    (run.progress)(Phase::Loading, 0.0);
    let (document_a, document_b) = (
        Document::open(a, run.limits)?,
        Document::open(b, run.limits)?,
    );
    let (weights, unmatched) = weights(&document_a, &document_b, run)?;
    let size_bytes = Pair {
        a: a.size_bytes(),
        b: b.size_bytes(),
    };
    #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
    let size_ratio = size_bytes.b as f64 / size_bytes.a.max(1) as f64;
    Ok(Comparison {
        size_ratio,
        size_bytes,
        same_digest: a.digest() == b.digest(),
        same_content: crate::content_digest(a, run.limits)?
            == crate::content_digest(b, run.limits)?,
        ops_changed: ops_changed(&document_a, &document_b),
        weights,
        unmatched,
        accuracy: Vec::new(),
        latency: Vec::new(),
    })
}

fn op_counts(document: &Document) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    if let Some(Type::MlProgram(program)) = &document.model.r#type {
        for (op_type, count) in program
            .functions
            .values()
            .flat_map(crate::inspect::op_counts)
        {
            *counts.entry(op_type).or_default() += count;
        }
    }
    counts
}

fn ops_changed(a: &Document, b: &Document) -> BTreeMap<String, Pair<u64>> {
    let (a, b) = (op_counts(a), op_counts(b));
    let types: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    types
        .into_iter()
        .map(|t| {
            (
                t.clone(),
                Pair {
                    a: a.get(t).copied().unwrap_or(0),
                    b: b.get(t).copied().unwrap_or(0),
                },
            )
        })
        .filter(|(_, pair)| pair.a != pair.b)
        .collect()
}

type Weights = (Vec<WeightComparison>, Pair<Vec<String>>);

/// Weights are matched by function and by the name of the value that users read, else by that name without the suffix
/// that coremltools appends when it compresses.
fn weights(document_a: &Document, document_b: &Document, run: &Run<'_>) -> Result<Weights, Error> {
    if document_a.model_type() != ModelType::MlProgram
        || document_b.model_type() != ModelType::MlProgram
    {
        return Ok((
            Vec::new(),
            Pair {
                a: Vec::new(),
                b: Vec::new(),
            },
        ));
    }
    let (a, b) = (compress::dense(document_a)?, compress::dense(document_b)?);
    let mut of_b: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (i, weight) in b.list.iter().enumerate() {
        of_b.insert((&weight.function, plain(&weight.value)), i);
    }
    let mut only_a = Vec::new();
    let mut rows = Vec::new();
    for (i, weight) in a.list.iter().enumerate() {
        if (run.cancelled)() {
            return Err(compress::Error::Cancelled.into());
        }
        let Some(j) = of_b.remove(&(weight.function.as_str(), plain(&weight.value))) else {
            only_a.push(weight.value.clone());
            continue;
        };
        let other = &b.list[j];
        if weight.shape != other.shape {
            only_a.push(weight.value.clone());
            of_b.insert((&other.function, plain(&other.value)), j);
            continue;
        }
        let difference = Difference::between(&a.values(i)?, &b.values(j)?);
        #[expect(clippy::cast_precision_loss, reason = "a fraction for people")]
        (run.progress)(Phase::Compressing, (i + 1) as f64 / a.list.len() as f64);
        rows.push(WeightComparison {
            function: weight.function.clone(),
            name: weight.value.clone(),
            shape: weight.shape.clone(),
            representation: Pair {
                a: weight.representation.clone(),
                b: other.representation.clone(),
            },
            bytes: Pair {
                a: weight.bytes,
                b: other.bytes,
            },
            snr_db: measure::snr_db(difference.signal, difference.noise),
            max_abs: (difference.max_abs > 0.0)
                .then_some(difference.max_abs)
                .filter(|v| v.is_finite()),
        });
    }
    let mut left: Vec<usize> = of_b.into_values().collect();
    left.sort_unstable();
    let only_b = left.into_iter().map(|j| b.list[j].value.clone()).collect();
    Ok((
        rows,
        Pair {
            a: only_a,
            b: only_b,
        },
    ))
}

/// The name without what coremltools appends when it compresses.
pub(crate) fn plain(name: &str) -> &str {
    ["_quantized", "_palettized", "_sparsified"]
        .iter()
        .find_map(|s| name.strip_suffix(s))
        .unwrap_or(name)
}

/// How far two lists of values are apart.
#[derive(Default)]
pub(crate) struct Difference {
    pub(crate) signal: f64,
    pub(crate) noise: f64,
    pub(crate) max_abs: f64,
}

impl Difference {
    pub(crate) fn between(a: &[f32], b: &[f32]) -> Self {
        let mut sums = Self::default();
        for (&x, &y) in a.iter().zip(b) {
            // Equal values, infinities included, have no difference; NaN against NaN has none either.
            if x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan()) {
                if x.is_finite() {
                    sums.signal += f64::from(x) * f64::from(x);
                }
                continue;
            }
            let d = f64::from(x) - f64::from(y);
            sums.signal += f64::from(x) * f64::from(x);
            sums.noise += d * d;
            sums.max_abs = sums.max_abs.max(d.abs());
        }
        sums
    }
}
