//! Compressed weights: the parameters of every `constexpr_*` operation fit each other and its outputs.
//!
//! Up to `CoreML7`, look-up and sparse operations pack their indices or mask into bytes and state the shape; from
//! `CoreML8` on, indices and mask have the shape themselves, and parameters may be outputs of other operations. Each
//! function is one operation in one form. Data is not looked at, except to count the ones of a mask.

use super::parameter::Parameters;
use super::place::Place;
use super::scope::Scope;
use super::value::Values;
use crate::Error;
use crate::program::{DataType, Opset};
use crate::spec::mil::Operation;

/// Checks a `constexpr_*` operation; any other is fine.
pub(super) fn check(
    operation: &Operation,
    opset: Opset,
    scope: &Scope<'_>,
    values: &Values<'_>,
    place: Place<'_>,
) -> Result<(), Error> {
    let parameters = Parameters {
        operation,
        scope,
        package: values.package,
        masks: &values.masks,
        place,
    };
    let packed = opset < Opset::CoreML8;
    match operation.r#type.as_str() {
        "constexpr_affine_dequantize" => affine(&parameters),
        "constexpr_cast" => cast(&parameters),
        "constexpr_lut_to_dense" if packed => packed_lut(&parameters),
        "constexpr_lut_to_dense" => lut(&parameters),
        "constexpr_sparse_to_dense" if packed => packed_sparse(&parameters),
        "constexpr_sparse_to_dense" => sparse(&parameters),
        "constexpr_blockwise_shift_scale" => blockwise(&parameters),
        "constexpr_lut_to_sparse" => lut_to_sparse(&parameters),
        "constexpr_sparse_blockwise_shift_scale" => sparse_blockwise(&parameters),
        _ => Ok(()),
    }
}

/// `(quantized_data - zero_point) * scale`, one of each per index on `axis` or for all.
fn affine(parameters: &Parameters<'_, '_>) -> Result<(), Error> {
    let data = parameters.tensor("quantized_data")?;
    let scale = parameters.tensor("scale")?;
    let zero_point = parameters.tensor("zero_point")?;
    let axis = parameters.axis("axis", data.shape.len())?;
    data.is(
        "quantized_data",
        &[DataType::Int8, DataType::Uint8],
        parameters,
    )?;
    if zero_point.dtype != data.dtype {
        return Err(parameters.bad(format!(
            "zero_point is {}, but quantized_data {}",
            zero_point.dtype, data.dtype
        )));
    }
    scale.is_float("scale", parameters)?;
    let along = data.shape.get(axis).copied().unwrap_or(1);
    for (name, given) in [("scale", &scale), ("zero_point", &zero_point)] {
        let fits = match given.shape.as_slice() {
            [] => true,
            [length] => *length == along || *length == 1,
            _ => false,
        };
        if !fits {
            let shape = &given.shape;
            return Err(parameters.bad(format!(
                "{name} has shape {shape:?}, but axis {axis} of quantized_data has {along}"
            )));
        }
    }
    parameters.outputs(&[(scale.dtype, &data.shape)])
}

/// Another float type, the same values.
fn cast(parameters: &Parameters<'_, '_>) -> Result<(), Error> {
    let source = parameters.tensor("source_val")?;
    source.is_float("source_val", parameters)?;
    let Some(output) = parameters.output_type(0) else {
        return Err(parameters.bad("its output is no tensor"));
    };
    parameters.outputs(&[(output, &source.shape)])
}

/// Indices packed into bytes, a table, and a shape.
fn packed_lut(parameters: &Parameters<'_, '_>) -> Result<(), Error> {
    let indices = parameters.tensor("indices")?;
    let table = parameters.tensor("lut")?;
    let (shape, elements) = parameters.shape("shape")?;
    indices.is("indices", &[DataType::Uint8], parameters)?;
    let bits = match table.shape.as_slice() {
        [length] if [2, 4, 8, 16, 64, 256].contains(length) => u64::from(length.trailing_zeros()),
        other => {
            return Err(parameters.bad(format!(
                "lut has shape {other:?}, not 2, 4, 8, 16, 64 or 256 entries"
            )));
        }
    };
    let expected = packed_bytes(elements, bits);
    if indices.shape != [expected] {
        let found = &indices.shape;
        return Err(parameters.bad(format!(
            "indices have shape {found:?}, but {elements} of {bits} bits are {expected} bytes"
        )));
    }
    parameters.outputs(&[(table.dtype, &shape)])
}

/// Values of the kept places, a mask packed into bytes, and a shape.
fn packed_sparse(parameters: &Parameters<'_, '_>) -> Result<(), Error> {
    let data = parameters.tensor("nonzero_data")?;
    let mask = parameters.tensor("mask")?;
    let (shape, elements) = parameters.shape("shape")?;
    mask.is("mask", &[DataType::Uint8], parameters)?;
    let expected = packed_bytes(elements, 1);
    if mask.shape != [expected] {
        let found = &mask.shape;
        return Err(parameters.bad(format!(
            "mask has shape {found:?}, but {elements} bits are {expected} bytes"
        )));
    }
    kept(parameters, "mask", "nonzero_data", elements, &data.shape, 1)?;
    parameters.outputs(&[(data.dtype, &shape)])
}

/// `(data - offset) * scale`, one of each per block.
fn blockwise(parameters: &Parameters<'_, '_>) -> Result<(), Error> {
    let data = parameters.tensor("data")?;
    let scale = scale_and_offset(parameters, data.dtype, &data.shape)?;
    parameters.outputs(&[(scale, &data.shape)])
}

/// The same for the kept places of a mask.
fn sparse_blockwise(parameters: &Parameters<'_, '_>) -> Result<(), Error> {
    let mask = parameters.tensor("data_mask")?;
    let data = parameters.tensor("nonzero_data")?;
    mask.is("data_mask", &[DataType::Uint1], parameters)?;
    kept(
        parameters,
        "data_mask",
        "nonzero_data",
        mask.elements,
        &data.shape,
        1,
    )?;
    let scale = scale_and_offset(parameters, data.dtype, &mask.shape)?;
    parameters.outputs(&[(DataType::Uint1, &mask.shape), (scale, &data.shape)])
}

/// Values of the kept places and a mask.
fn sparse(parameters: &Parameters<'_, '_>) -> Result<(), Error> {
    let mask = parameters.tensor("mask")?;
    let data = parameters.tensor("nonzero_data")?;
    mask.is("mask", &[DataType::Uint1], parameters)?;
    kept(
        parameters,
        "mask",
        "nonzero_data",
        mask.elements,
        &data.shape,
        1,
    )?;
    parameters.outputs(&[(data.dtype, &mask.shape)])
}

/// Indices and tables, one per group along each axis; entries may be vectors along one axis.
fn lut(parameters: &Parameters<'_, '_>) -> Result<(), Error> {
    let indices = parameters.tensor("indices")?;
    let (table, vector, axis) = table(parameters, indices.dtype, "indices", &indices.shape)?;
    parameters.outputs(&[(table, &lengthened(&indices.shape, axis, vector))])
}

/// Indices of the kept places of a mask, and tables.
fn lut_to_sparse(parameters: &Parameters<'_, '_>) -> Result<(), Error> {
    let mask = parameters.tensor("indices_mask")?;
    let indices = parameters.tensor("indices_nonzero_data")?;
    mask.is("indices_mask", &[DataType::Uint1], parameters)?;
    kept(
        parameters,
        "indices_mask",
        "indices_nonzero_data",
        mask.elements,
        &indices.shape,
        1,
    )?;
    let (table, vector, axis) = table(
        parameters,
        indices.dtype,
        "indices_nonzero_data",
        &mask.shape,
    )?;
    let values = lengthened(&indices.shape, 0, vector);
    parameters.outputs(&[
        (DataType::Uint1, &lengthened(&mask.shape, axis, vector)),
        (table, &values),
    ])
}

/// Checks `lut` against indices of that type and shape; its element type, length of its vectors and their axis.
fn table(
    parameters: &Parameters<'_, '_>,
    indices: DataType,
    name: &str,
    shape: &[u64],
) -> Result<(DataType, u64, usize), Error> {
    use DataType::{Uint1, Uint2, Uint3, Uint4, Uint6, Uint8};
    let table = parameters.tensor("lut")?;
    if ![Uint1, Uint2, Uint3, Uint4, Uint6, Uint8].contains(&indices) {
        return Err(parameters.bad(format!(
            "{name} are {indices}, not natural numbers of 1, 2, 3, 4, 6 or 8 bits"
        )));
    }
    let Some((groups, &[entries, vector])) = table.shape.split_last_chunk::<2>() else {
        return Err(parameters.bad(format!(
            "lut has shape {:?}, without its last two axes",
            table.shape
        )));
    };
    if Some(entries) != 1u64.checked_shl(indices.bits()) {
        return Err(parameters.bad(format!(
            "lut has {entries} entries, but {name} are {indices}"
        )));
    }
    divides(parameters, "lut", groups, shape)?;
    let axis = if parameters.has("vector_axis") {
        parameters.axis("vector_axis", shape.len())?
    } else if vector == 1 {
        0
    } else {
        return Err(parameters.bad(format!(
            "lut has vectors of {vector}, but there is no vector_axis"
        )));
    };
    if vector == 0 {
        return Err(parameters.bad("lut has vectors of length 0"));
    }
    Ok((table.dtype, vector, axis))
}

/// Checks `scale` and `offset` against data of that shape; the scale's element type.
fn scale_and_offset(
    parameters: &Parameters<'_, '_>,
    data: DataType,
    shape: &[u64],
) -> Result<DataType, Error> {
    let scale = parameters.tensor("scale")?;
    scale.is_float("scale", parameters)?;
    divides(parameters, "scale", &scale.shape, shape)?;
    if parameters.has("offset") {
        let offset = parameters.tensor("offset")?;
        if offset.shape != scale.shape {
            return Err(parameters.bad(format!(
                "offset has shape {:?}, but scale {:?}",
                offset.shape, scale.shape
            )));
        }
        if !offset.dtype.is_float() && !(1..=8).contains(&offset.dtype.bits()) {
            return Err(parameters.bad(format!("offset is {}, but the data {data}", offset.dtype)));
        }
    }
    Ok(scale.dtype)
}

/// As many axes, and each extent divides that of the data.
fn divides(
    parameters: &Parameters<'_, '_>,
    name: &str,
    groups: &[u64],
    shape: &[u64],
) -> Result<(), Error> {
    let fits = groups.len() == shape.len()
        && groups
            .iter()
            .zip(shape)
            .all(|(group, extent)| *group != 0 && extent.is_multiple_of(*group));
    if fits {
        Ok(())
    } else {
        Err(parameters.bad(format!(
            "{name} has one of each for {groups:?}, which does not divide the shape {shape:?}"
        )))
    }
}

/// The kept places of a mask are as many as there are values; counted where the mask is a constant.
fn kept(
    parameters: &Parameters<'_, '_>,
    mask: &str,
    data: &str,
    elements: u64,
    shape: &[u64],
    vector: u64,
) -> Result<(), Error> {
    let &[values] = shape else {
        return Err(parameters.bad(format!("{data} has shape {shape:?}, not one axis")));
    };
    let ones = parameters.ones(mask, elements)?;
    let expected = ones.unwrap_or(elements).saturating_mul(vector);
    let fits = if ones.is_some() {
        values == expected
    } else {
        values <= expected
    };
    if fits {
        Ok(())
    } else {
        Err(parameters.bad(format!(
            "{data} has {values} values, but {mask} keeps {expected}"
        )))
    }
}

fn packed_bytes(elements: u64, bits: u64) -> u64 {
    let rest = (elements % 8).saturating_mul(bits).div_ceil(8);
    (elements / 8).saturating_mul(bits).saturating_add(rest)
}

/// The shape with one extent multiplied.
fn lengthened(shape: &[u64], axis: usize, vector: u64) -> Vec<u64> {
    let along = |(index, extent): (usize, &u64)| {
        if index == axis {
            extent.saturating_mul(vector)
        } else {
            *extent
        }
    };
    shape.iter().enumerate().map(along).collect()
}
