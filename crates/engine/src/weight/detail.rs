//! One weight: what it is, how it is stored, its values counted, and the same of what it was before.
//!
//! Memory grows with this weight and with nothing else of the package: files are mapped, and two lists of singles are
//! held, its own and the one before.

use api::weights::{Palette, PaletteEntry, ParameterRange, WeightBefore, WeightDetail};
use compress::{Parameter, Weights};
use coreml::Package;
use coreml::program::{Document, ModelType};

use super::histogram::{BINS, axis, histogram};
use super::statistics::statistics;
use crate::compare::{Difference, plain};
use crate::{Error, Phase, Run};

/// Entries of a table that are answered one by one.
const ENTRIES: usize = 256;

/// The weight of this name, in this function or else in the first that has it; `None` where there is none. Of weights
/// with one name in one function (in nested blocks) it is the first.
///
/// `before` is the package that `input` was made from.
///
/// # Errors
/// A package that cannot be opened, parameters that do not fit each other, cancellation.
pub fn weight(
    input: &Package,
    before: Option<&Package>,
    function: Option<&str>,
    name: &str,
    run: &Run<'_>,
) -> Result<Option<WeightDetail>, Error> {
    (run.progress)(Phase::Loading, 0.0);
    let document = Document::open(input, run.limits)?;
    if document.model_type() != ModelType::MlProgram {
        return Ok(None);
    }
    let weights = compress::dense(&document)?;
    let is_it = |w: &compress::Weight| w.value == name && function.is_none_or(|f| f == w.function);
    let Some(index) = weights.list.iter().position(is_it) else {
        return Ok(None);
    };
    let values = weights.values(index)?;
    stop(run)?;
    let of_before = match before {
        Some(package) => Some(Document::open(package, run.limits)?),
        None => None,
    };
    let found = match &of_before {
        Some(document) if document.model_type() == ModelType::MlProgram => {
            same(document, &weights.list[index])?
        }
        Some(_) | None => None,
    };
    stop(run)?;
    Ok(Some(detail(&weights, index, &values, found)?))
}

fn stop(run: &Run<'_>) -> Result<(), Error> {
    if (run.cancelled)() {
        return Err(compress::Error::Cancelled.into());
    }
    Ok(())
}

type Found = (compress::Weight, Vec<f32>);

/// The same weight in the package before: by function and name, and of the same shape.
fn same(document: &Document, wanted: &compress::Weight) -> Result<Option<Found>, Error> {
    let weights = compress::dense(document)?;
    let found = weights.list.iter().position(|w| {
        w.function == wanted.function
            && plain(&w.value) == plain(&wanted.value)
            && w.shape == wanted.shape
    });
    match found {
        Some(index) => Ok(Some((weights.list[index].clone(), weights.values(index)?))),
        None => Ok(None),
    }
}

fn detail(
    weights: &Weights<'_>,
    index: usize,
    values: &[f32],
    before: Option<Found>,
) -> Result<WeightDetail, Error> {
    let weight = &weights.list[index];
    let own = statistics(values);
    let (from, to) = match &before {
        // The axis is that of the values before: what compression moved is seen against it.
        Some((_, old)) => axis(old, &statistics(old)),
        None => axis(values, &own),
    };
    let parameters = weights.parameters(index)?;
    Ok(WeightDetail {
        function: weight.function.clone(),
        name: weight.value.clone(),
        shape: weight.shape.clone(),
        dtype: weight.dtype.name().to_owned(),
        representation: weight.representation.clone(),
        bytes: weight.bytes,
        users: weight.users.clone(),
        statistics: own,
        histogram: histogram(values, from, to, BINS),
        palette: palette(&parameters, values),
        scale: range(&parameters, &["scale"]),
        offset: range(&parameters, &["offset", "zero_point"]),
        sparsity: sparsity(&parameters),
        before: before.map(|(old, old_values)| {
            let difference = Difference::between(&old_values, values);
            WeightBefore {
                revision_id: None,
                representation: old.representation,
                bytes: old.bytes,
                statistics: statistics(&old_values),
                histogram: histogram(&old_values, from, to, BINS),
                snr_db: measure::snr_db(difference.signal, difference.noise),
                max_abs: (difference.max_abs > 0.0)
                    .then_some(difference.max_abs)
                    .filter(|v| v.is_finite()),
            }
        }),
    })
}

/// Tables have the shape [tables…, entries, values of an entry]; those of iOS 16 have entries alone.
fn palette(parameters: &[Parameter], values: &[f32]) -> Option<Palette> {
    let lut = parameters.iter().find(|p| p.name == "lut")?;
    let (entries_per_table, vector_size) = match lut.shape.as_slice() {
        [entries] => (*entries, 1),
        [.., entries, vector] => (*entries, *vector),
        [] => return None,
    };
    let tables = lut.values.len() as u64 / (entries_per_table * vector_size).max(1);
    let mut entries: Vec<PaletteEntry> = Vec::new();
    if lut.values.len() <= ENTRIES {
        entries.extend(lut.values.iter().map(|&value| PaletteEntry {
            value: Some(f64::from(value)).filter(|v| v.is_finite()),
            count: 0,
        }));
        count(&lut.values, values, &mut entries);
    }
    Some(Palette {
        tables,
        entries_per_table,
        vector_size,
        entries,
    })
}

/// How many values are each entry, bit for bit but for the sign of zero.
fn count(lut: &[f32], values: &[f32], entries: &mut [PaletteEntry]) {
    let key = |v: f32| (v + 0.0).to_bits();
    let mut of: std::collections::BTreeMap<u32, usize> = std::collections::BTreeMap::new();
    for (i, &value) in lut.iter().enumerate() {
        of.entry(key(value)).or_insert(i);
    }
    for &value in values {
        if let Some(entry) = of.get(&key(value)).and_then(|&i| entries.get_mut(i)) {
            entry.count += 1;
        }
    }
}

fn range(parameters: &[Parameter], names: &[&str]) -> Option<ParameterRange> {
    let parameter = parameters.iter().find(|p| names.contains(&p.name))?;
    let s = statistics(&parameter.values);
    Some(ParameterRange {
        count: s.count,
        dtype: parameter.dtype.name().to_owned(),
        shape: parameter.shape.clone(),
        min: s.min,
        max: s.max,
    })
}

#[expect(clippy::cast_precision_loss, reason = "a share, for people")]
fn sparsity(parameters: &[Parameter]) -> Option<f64> {
    let mask = parameters.iter().find(|p| p.name.ends_with("mask"))?;
    let out = mask.values.iter().filter(|v| **v == 0.0).count();
    (!mask.values.is_empty()).then(|| out as f64 / mask.values.len() as f64)
}
