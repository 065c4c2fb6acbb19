//! Compressed weights as values again: one constexpr operation, or a chain of them, evaluated.
//!
//! Values are those of coremltools' `decompress_weights` (`kernel::decompress` has the arithmetic). Both parameter
//! forms are read: attributes (iOS 16) and inputs (iOS 18), where an input may be another constexpr's output.

use coreml::blob;
use coreml::program::{DataType, Document};
use coreml::spec::mil;

use super::functions::Function;
use super::graph::op_name;
use crate::Error;
use crate::kernel::decompress::{self, Array, ArrayVec, Codes, Misfit};
use crate::kernel::{FloatKind, FloatVec, Floats};

/// A value that a constant or a constexpr operation gives.
#[derive(Debug, Clone)]
pub(crate) struct Dense {
    pub(crate) dtype: DataType,
    pub(crate) shape: Vec<usize>,
    pub(crate) array: ArrayVec,
}

impl Dense {
    pub(crate) fn array(&self) -> Array<'_> {
        match &self.array {
            ArrayVec::Codes {
                bits,
                signed,
                values,
            } => Array::Codes(Codes {
                bits: *bits,
                signed: *signed,
                values,
            }),
            ArrayVec::Floats(floats) => Array::Floats(floats.as_floats()),
        }
    }

    fn codes(&self) -> Result<&[u8], Misfit> {
        match &self.array {
            ArrayVec::Codes { values, .. } => Ok(values),
            ArrayVec::Floats(_) => Err(Misfit::Type),
        }
    }

    fn floats(&self) -> Result<Floats<'_>, Misfit> {
        match &self.array {
            ArrayVec::Floats(floats) => Ok(floats.as_floats()),
            ArrayVec::Codes { .. } => Err(Misfit::Type),
        }
    }
}

/// All outputs of the constexpr operation at `site`.
pub(crate) fn evaluate(
    document: &Document,
    function: &Function<'_>,
    site: usize,
) -> Result<Vec<Dense>, Error> {
    let op = function.graph.sites[site].op;
    let arguments = Arguments {
        document,
        function,
        site,
    };
    let fault = |source| Error::Misfit {
        function: function.name.to_owned(),
        operation: op_name(op).to_owned(),
        source,
    };
    match op.r#type.as_str() {
        "constexpr_affine_dequantize" => arguments.affine()?.map_err(fault),
        "constexpr_blockwise_shift_scale" => arguments.blockwise()?.map_err(fault),
        "constexpr_lut_to_dense" => arguments.lut()?.map_err(fault),
        "constexpr_sparse_to_dense" => arguments.sparse()?.map_err(fault),
        "constexpr_lut_to_sparse" => arguments.lut_to_sparse()?.map_err(fault),
        "constexpr_sparse_blockwise_shift_scale" => arguments.sparse_blockwise()?.map_err(fault),
        "constexpr_cast" => arguments.cast()?.map_err(fault),
        _ => Err(fault(Misfit::Type)),
    }
}

type Evaluated = Result<Result<Vec<Dense>, Misfit>, Error>;

/// The parameters of one constexpr operation.
pub(super) struct Arguments<'a, 'd> {
    pub(super) document: &'d Document,
    pub(super) function: &'a Function<'d>,
    pub(super) site: usize,
}

impl Arguments<'_, '_> {
    fn op(&self) -> &mil::Operation {
        self.function.graph.sites[self.site].op
    }

    /// A parameter by name: attribute, inline value, or what the operation that it names gives.
    pub(super) fn get(&self, name: &str) -> Result<Option<Dense>, Error> {
        let op = self.op();
        if let Some(value) = op.attributes.get(name) {
            return stored(self.document, value).map(Some);
        }
        let Some(binding) = op.inputs.get(name).and_then(|a| a.arguments.first()) else {
            return Ok(None);
        };
        match &binding.binding {
            Some(mil::argument::binding::Binding::Value(value)) => {
                stored(self.document, value).map(Some)
            }
            Some(mil::argument::binding::Binding::Name(_)) => {
                let graph = &self.function.graph;
                let read = graph.reads[self.site]
                    .iter()
                    .find(|(input, _)| *input == name);
                let Some(&(_, value)) = read else {
                    return Ok(None);
                };
                let Some(producer) = graph.values[value].producer else {
                    return Ok(None);
                };
                let output = value - graph.sites[producer].first_value;
                if let Some(constant) = graph.sites[producer].op.attributes.get("val") {
                    return stored(self.document, constant).map(Some);
                }
                Ok(evaluate(self.document, self.function, producer)?
                    .into_iter()
                    .nth(output))
            }
            None => Ok(None),
        }
    }

    fn need(&self, name: &str) -> Result<Dense, Error> {
        self.get(name)?.ok_or_else(|| Error::Misfit {
            function: self.function.name.to_owned(),
            operation: op_name(self.op()).to_owned(),
            source: Misfit::Type,
        })
    }

    /// Shape that the operation declares for output `index`.
    fn output_shape(&self, index: usize) -> Vec<usize> {
        self.op()
            .outputs
            .get(index)
            .map(declared_shape)
            .unwrap_or_default()
    }

    fn integer(&self, name: &str) -> Result<Option<usize>, Error> {
        Ok(self.get(name)?.and_then(|d| match d.array {
            ArrayVec::Codes { values, .. } => {
                let mut wide = [0; 8];
                wide.iter_mut()
                    .zip(&values)
                    .for_each(|(to, from)| *to = *from);
                usize::try_from(i32::from_le_bytes([wide[0], wide[1], wide[2], wide[3]])).ok()
            }
            ArrayVec::Floats(_) => None,
        }))
    }

    fn affine(&self) -> Evaluated {
        let (data, scale, zero) = (
            self.need("quantized_data")?,
            self.need("scale")?,
            self.need("zero_point")?,
        );
        let axis = self.integer("axis")?.unwrap_or(0);
        let run = || {
            let Array::Codes(codes) = data.array() else {
                return Err(Misfit::Type);
            };
            let values =
                decompress::affine(codes, &data.shape, scale.floats()?, zero.array(), axis)?;
            Ok(vec![Dense {
                dtype: scale.dtype,
                shape: data.shape.clone(),
                array: ArrayVec::Floats(values),
            }])
        };
        Ok(run())
    }

    fn blockwise(&self) -> Evaluated {
        let (data, scale, offset) = (self.need("data")?, self.need("scale")?, self.get("offset")?);
        let run = || {
            let values = decompress::blockwise(
                data.array(),
                &data.shape,
                scale.floats()?,
                &scale.shape,
                offset.as_ref().map(Dense::array),
            )?;
            Ok(vec![Dense {
                dtype: scale.dtype,
                shape: data.shape.clone(),
                array: ArrayVec::Floats(values),
            }])
        };
        Ok(run())
    }

    fn lut(&self) -> Evaluated {
        let (indices, lut) = (self.need("indices")?, self.need("lut")?);
        let shape = self.output_shape(0);
        let vector_axis = self.integer("vector_axis")?;
        let run = || {
            let array = if self.op().attributes.contains_key("shape") {
                let bits = lut.shape.iter().product::<usize>().max(2).ilog2();
                let unpacked = blob::unpack(indices.codes()?, bits, shape.iter().product());
                decompress::lut_flat(&unpacked, lut.array())?
            } else {
                decompress::lut(
                    indices.codes()?,
                    &indices.shape,
                    lut.array(),
                    &lut.shape,
                    vector_axis,
                )?
            };
            Ok(vec![Dense {
                dtype: lut.dtype,
                shape: shape.clone(),
                array,
            }])
        };
        Ok(run())
    }

    fn sparse(&self) -> Evaluated {
        let (nonzero, mask) = (self.need("nonzero_data")?, self.need("mask")?);
        let shape = self.output_shape(0);
        let run = || {
            let array = if self.op().attributes.contains_key("shape") {
                let unpacked = blob::unpack(mask.codes()?, 1, shape.iter().product());
                decompress::sparse(nonzero.array(), &unpacked)?
            } else {
                decompress::sparse(nonzero.array(), mask.codes()?)?
            };
            Ok(vec![Dense {
                dtype: nonzero.dtype,
                shape: shape.clone(),
                array,
            }])
        };
        Ok(run())
    }

    fn lut_to_sparse(&self) -> Evaluated {
        let (mask, indices, lut) = (
            self.need("indices_mask")?,
            self.need("indices_nonzero_data")?,
            self.need("lut")?,
        );
        let vector_axis = self.integer("vector_axis")?;
        let run = || {
            let (new_mask, values) = decompress::lut_to_sparse(
                mask.codes()?,
                &mask.shape,
                indices.codes()?,
                lut.array(),
                &lut.shape,
                vector_axis,
            )?;
            Ok(self.mask_and_values(new_mask, lut.dtype, values))
        };
        Ok(run())
    }

    fn sparse_blockwise(&self) -> Evaluated {
        let (mask, nonzero, scale) = (
            self.need("data_mask")?,
            self.need("nonzero_data")?,
            self.need("scale")?,
        );
        let offset = self.get("offset")?;
        let run = || {
            let values = decompress::sparse_blockwise(
                mask.codes()?,
                &mask.shape,
                nonzero.array(),
                scale.floats()?,
                &scale.shape,
                offset.as_ref().map(Dense::array),
            )?;
            Ok(self.mask_and_values(
                mask.codes()?.to_vec(),
                scale.dtype,
                ArrayVec::Floats(values),
            ))
        };
        Ok(run())
    }

    fn mask_and_values(&self, mask: Vec<u8>, dtype: DataType, values: ArrayVec) -> Vec<Dense> {
        let count = match &values {
            ArrayVec::Codes { values, .. } => values.len(),
            ArrayVec::Floats(floats) => floats.len(),
        };
        let mask_array = ArrayVec::Codes {
            bits: 1,
            signed: false,
            values: mask,
        };
        vec![
            Dense {
                dtype: DataType::Uint1,
                shape: self.output_shape(0),
                array: mask_array,
            },
            Dense {
                dtype,
                shape: vec![count],
                array: values,
            },
        ]
    }

    fn cast(&self) -> Evaluated {
        let source = self.need("source_val")?;
        let run = || match source.floats()? {
            Floats::F16(halves) => {
                let array = ArrayVec::Floats(FloatVec::F32(decompress::cast(halves)));
                Ok(vec![Dense {
                    dtype: DataType::Float32,
                    shape: source.shape.clone(),
                    array,
                }])
            }
            Floats::F32(_) => Err(Misfit::Type),
        };
        Ok(run())
    }
}

/// A stored value in memory: sub-byte values one per byte, wider integers as their bytes.
pub(crate) fn stored(document: &Document, value: &mil::Value) -> Result<Dense, Error> {
    let tensor = document.tensor(value)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "extents were checked against the data"
    )]
    let shape: Vec<usize> = tensor.shape.iter().map(|&d| d as usize).collect();
    let float = |kind| ArrayVec::Floats(FloatVec::from_le_bytes(kind, &tensor.data));
    let array = if tensor.dtype == DataType::Float16 {
        float(FloatKind::F16)
    } else if tensor.dtype == DataType::Float32 {
        float(FloatKind::F32)
    } else {
        let bits = tensor.dtype.bits();
        let values = if bits < 8 {
            blob::unpack(&tensor.data, bits, shape.iter().product())
        } else {
            tensor.data.to_vec()
        };
        ArrayVec::Codes {
            bits,
            signed: matches!(tensor.dtype, DataType::Int8 | DataType::Int4),
            values,
        }
    };
    Ok(Dense {
        dtype: tensor.dtype,
        shape,
        array,
    })
}

pub(crate) fn declared_shape(output: &mil::NamedValueType) -> Vec<usize> {
    let Some(mil::value_type::Type::TensorType(tensor)) =
        output.r#type.as_ref().and_then(|t| t.r#type.as_ref())
    else {
        return Vec::new();
    };
    tensor
        .dimensions
        .iter()
        .map(|d| match &d.dimension {
            Some(mil::dimension::Dimension::Constant(c)) => usize::try_from(c.size).unwrap_or(0),
            Some(mil::dimension::Dimension::Unknown(_)) | None => 0,
        })
        .collect()
}
