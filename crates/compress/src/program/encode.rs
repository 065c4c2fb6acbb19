//! One constant through a kernel into the parameters of a constexpr operation, as coremltools 9.0 emits them.

use coreml::blob;
use coreml::program::{DataType, Opset, Tensor};

use super::emit::{Data, Form, Param};
use crate::kernel::linear::{CodeType as Codes, Mode, Quantized, Scheme};
use crate::kernel::palettize::{Palette, Widths};
use crate::kernel::prune::Pruned;
use crate::kernel::{self, Cancelled, ErrorSums, FloatKind, Floats, Left, Stored};
use crate::recipe::{
    CodeType, LinearConfig, LinearGranularity, LinearMode, OpConfig, PaletteMode, PalettizeConfig,
};

/// What a constant became.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) op_type: &'static str,
    /// Appended to the constant's name, as coremltools does.
    pub(crate) suffix: &'static str,
    pub(crate) form: Form,
    pub(crate) params: Vec<Param>,
    /// For reports, for example `int8 per_channel`.
    pub(crate) representation: String,
    /// `None` for decompression, which changes no value.
    pub(crate) error: Option<ErrorSums>,
}

/// Two sets of constexpr operations: those of iOS 16 and those of iOS 18.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Ios16,
    Ios18,
}

impl Family {
    pub(crate) fn of(opset: Opset) -> Self {
        match opset {
            Opset::CoreML5 | Opset::CoreML6 | Opset::CoreML7 => Self::Ios16,
            Opset::CoreML8 | Opset::CoreML9 => Self::Ios18,
        }
    }

    fn form(self) -> Form {
        match self {
            Self::Ios16 => Form::Attributes,
            Self::Ios18 => Form::Inputs,
        }
    }
}

/// The opset that a configuration needs beyond `opset`, if any.
pub(crate) fn needs(config: &OpConfig, opset: Opset) -> Option<(Opset, &'static str)> {
    let (needed, what) = config.needs();
    // What only needs compressed weights raises an older program by itself.
    match Family::of(opset) {
        Family::Ios16 => what.map(|what| (needed, what)),
        Family::Ios18 => None,
    }
}

/// Compresses one tensor.
pub(crate) fn encode(
    config: &OpConfig,
    tensor: &Tensor<'_>,
    output_axis: usize,
    family: Family,
    compat: kernel::Compat,
    cancelled: Cancelled<'_>,
) -> Result<Encoded, Left> {
    let kind = if tensor.dtype == DataType::Float16 {
        FloatKind::F16
    } else {
        FloatKind::F32
    };
    let stored = Stored::new(kind, &tensor.data);
    let weight = Weight {
        floats: stored.as_floats(),
        dtype: tensor.dtype,
        shape: &tensor.shape,
        family,
    };
    match config {
        OpConfig::Linear(c) => weight.linear(c, output_axis, compat, cancelled),
        OpConfig::Palettize(c) => weight.palettize(c, cancelled),
        OpConfig::Magnitude(c) => {
            let target = c.target_sparsity.unwrap_or(0.0);
            let pruned = kernel::prune::magnitude(weight.floats, target, compat, cancelled)?;
            Ok(weight.sparse(pruned))
        }
        OpConfig::Threshold(c) => {
            let minimum = c.minimum_sparsity_percentile;
            let pruned =
                kernel::prune::threshold(weight.floats, c.threshold, minimum, compat, cancelled)?;
            Ok(weight.sparse(pruned))
        }
    }
}

struct Weight<'t> {
    floats: Floats<'t>,
    dtype: DataType,
    shape: &'t [u64],
    family: Family,
}

impl Weight<'_> {
    fn linear(
        &self,
        config: &LinearConfig,
        output_axis: usize,
        compat: kernel::Compat,
        cancelled: Cancelled<'_>,
    ) -> Result<Encoded, Left> {
        let (codes, dtype) = match config.dtype {
            CodeType::Int8 | CodeType::Int4 => (Codes::Int8, DataType::Int8),
            CodeType::Uint8 | CodeType::Uint4 => (Codes::Uint8, DataType::Uint8),
        };
        let mode = match config.mode {
            LinearMode::LinearSymmetric => Mode::Symmetric,
            LinearMode::Linear => Mode::Asymmetric,
        };
        let (axis, granularity) = match config.granularity {
            LinearGranularity::PerTensor => (None, "per_tensor"),
            LinearGranularity::PerChannel | LinearGranularity::PerBlock => {
                (Some(output_axis), "per_channel")
            }
        };
        #[expect(clippy::cast_possible_truncation, reason = "the tensor is in memory")]
        let shape: Vec<usize> = self.shape.iter().map(|&d| d as usize).collect();
        let quantized = kernel::linear::quantize(
            self.floats,
            &shape,
            axis,
            Scheme { mode, codes },
            compat,
            cancelled,
        )?;
        let representation = format!("{} {granularity}", dtype.name());
        let error = quantized.error;
        let params = match self.family {
            Family::Ios16 => self.affine_params(quantized, dtype, axis),
            Family::Ios18 => self.blockwise_params(quantized, dtype, axis),
        };
        Ok(Encoded {
            op_type: match self.family {
                Family::Ios16 => "constexpr_affine_dequantize",
                Family::Ios18 => "constexpr_blockwise_shift_scale",
            },
            suffix: "_quantized",
            form: self.family.form(),
            params,
            representation,
            error: Some(error),
        })
    }

    fn affine_params(&self, q: Quantized, dtype: DataType, axis: Option<usize>) -> Vec<Param> {
        let count = q.scales.len();
        // One value is a scalar, and then the axis is 0.
        let (shape, axis) = if count == 1 {
            (Vec::new(), 0)
        } else {
            (vec![count as u64], axis.unwrap_or(0))
        };
        let zero_point = q.zero_points.unwrap_or_else(|| vec![0; count]);
        vec![
            Param {
                name: "quantized_data",
                dtype,
                shape: self.shape.to_vec(),
                data: Data::Bytes(q.codes),
            },
            Param {
                name: "zero_point",
                dtype,
                shape: shape.clone(),
                data: Data::Bytes(zero_point),
            },
            Param {
                name: "scale",
                dtype: self.dtype,
                shape,
                data: Data::Floats(q.scales),
            },
            axis_param(axis),
        ]
    }

    fn blockwise_params(&self, q: Quantized, dtype: DataType, axis: Option<usize>) -> Vec<Param> {
        let shape: Vec<u64> = self
            .shape
            .iter()
            .enumerate()
            .map(|(i, &d)| if Some(i) == axis { d } else { 1 })
            .collect();
        let mut params = vec![
            Param {
                name: "data",
                dtype,
                shape: self.shape.to_vec(),
                data: Data::Bytes(q.codes),
            },
            Param {
                name: "scale",
                dtype: self.dtype,
                shape: shape.clone(),
                data: Data::Floats(q.scales),
            },
        ];
        if let Some(data) = q.zero_points {
            params.push(Param {
                name: "offset",
                dtype,
                shape,
                data: Data::Bytes(data),
            });
        }
        params
    }

    fn palettize(
        &self,
        config: &PalettizeConfig,
        cancelled: Cancelled<'_>,
    ) -> Result<Encoded, Left> {
        let bits = config.nbits.unwrap_or(8);
        let palette = match config.mode {
            PaletteMode::Kmeans => kernel::palettize::kmeans(self.floats, bits, cancelled)?,
            PaletteMode::Uniform => kernel::palettize::uniform(self.floats, bits, cancelled)?,
            PaletteMode::Unique => {
                let widths = match self.family {
                    Family::Ios16 => Widths::WithoutThree,
                    Family::Ios18 => Widths::All,
                };
                kernel::palettize::unique(self.floats, widths, cancelled)?
            }
        };
        let Palette {
            bits,
            lut,
            indices,
            error,
        } = palette;
        let packed = blob::pack(&indices, bits);
        drop(indices);
        let lut = Data::Floats(lut);
        let entries = 1_u64 << bits;
        let params = match self.family {
            Family::Ios16 => vec![
                Param {
                    name: "indices",
                    dtype: DataType::Uint8,
                    shape: vec![packed.len() as u64],
                    data: Data::Bytes(packed),
                },
                Param {
                    name: "lut",
                    dtype: self.dtype,
                    shape: vec![entries],
                    data: lut,
                },
                self.shape_param(),
            ],
            Family::Ios18 => {
                let mut shape = vec![1; self.shape.len()];
                shape.extend([entries, 1]);
                vec![
                    Param {
                        name: "indices",
                        dtype: index_type(bits),
                        shape: self.shape.to_vec(),
                        data: Data::Bytes(packed),
                    },
                    Param {
                        name: "lut",
                        dtype: self.dtype,
                        shape,
                        data: lut,
                    },
                ]
            }
        };
        Ok(Encoded {
            op_type: "constexpr_lut_to_dense",
            suffix: "_palettized",
            form: self.family.form(),
            params,
            representation: format!("{bits}-bit palette"),
            error: Some(error),
        })
    }

    fn sparse(&self, pruned: Pruned) -> Encoded {
        let Pruned {
            mask,
            nonzero,
            kept,
            error,
        } = pruned;
        let nonzero = Param {
            name: "nonzero_data",
            dtype: self.dtype,
            shape: vec![kept],
            data: Data::Floats(nonzero),
        };
        let params = match self.family {
            Family::Ios16 => {
                let mask = Param {
                    name: "mask",
                    dtype: DataType::Uint8,
                    shape: vec![mask.len() as u64],
                    data: Data::Bytes(mask),
                };
                vec![nonzero, mask, self.shape_param()]
            }
            Family::Ios18 => {
                let mask = Param {
                    name: "mask",
                    dtype: DataType::Uint1,
                    shape: self.shape.to_vec(),
                    data: Data::Bytes(mask),
                };
                vec![nonzero, mask]
            }
        };
        let elements: u64 = self.shape.iter().product();
        #[expect(clippy::cast_precision_loss, reason = "a percentage for people")]
        let zeros = 100.0 * (1.0 - kept as f64 / elements.max(1) as f64);
        Encoded {
            op_type: "constexpr_sparse_to_dense",
            suffix: "_sparsified",
            form: self.family.form(),
            params,
            representation: format!("{zeros:.0}% sparse {}", self.dtype.name()),
            error: Some(error),
        }
    }

    fn shape_param(&self) -> Param {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the tensor is in memory and MIL holds shapes in 32 bits"
        )]
        let data = self
            .shape
            .iter()
            .flat_map(|&d| (d as u32).to_le_bytes())
            .collect();
        Param {
            name: "shape",
            dtype: DataType::Uint32,
            shape: vec![self.shape.len() as u64],
            data: Data::Bytes(data),
        }
    }
}

fn axis_param(axis: usize) -> Param {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "an axis is below the rank"
    )]
    let data = (axis as i32).to_le_bytes().to_vec();
    Param {
        name: "axis",
        dtype: DataType::Int32,
        shape: Vec::new(),
        data: Data::Bytes(data),
    }
}

fn index_type(bits: u32) -> DataType {
    match bits {
        1 => DataType::Uint1,
        2 => DataType::Uint2,
        3 => DataType::Uint3,
        4 => DataType::Uint4,
        6 => DataType::Uint6,
        _ => DataType::Uint8,
    }
}
