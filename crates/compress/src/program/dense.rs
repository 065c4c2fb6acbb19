//! Compressed weights as values again: one constexpr operation, or a chain of them, evaluated.
//!
//! Values are those of coremltools' `decompress_weights` (kernel::decompress has the arithmetic). Both parameter
//! forms are read: attributes (iOS 16) and inputs (iOS 18), where an input may be another constexpr's output.

use coreml::blob;
use coreml::program::{DataType, Document};
use coreml::spec::mil;

use super::functions::Function;
use super::graph::op_name;
use super::{Fate, Row};
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

struct Arguments<'a, 'd> {
    document: &'d Document,
    function: &'a Function<'d>,
    site: usize,
}

impl Arguments<'_, '_> {
    fn op(&self) -> &mil::Operation {
        self.function.graph.sites[self.site].op
    }

    /// A parameter by name: attribute, inline value, or what the operation that it names gives.
    fn get(&self, name: &str) -> Result<Option<Dense>, Error> {
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
            .map(|o| declared_shape(o))
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
fn stored(document: &Document, value: &mil::Value) -> Result<Dense, Error> {
    let tensor = document.tensor(value)?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "extents were checked against the data"
    )]
    let shape: Vec<usize> = tensor.shape.iter().map(|&d| d as usize).collect();
    let array = match tensor.dtype {
        DataType::Float16 => {
            ArrayVec::Floats(FloatVec::from_le_bytes(FloatKind::F16, &tensor.data))
        }
        DataType::Float32 => {
            ArrayVec::Floats(FloatVec::from_le_bytes(FloatKind::F32, &tensor.data))
        }
        dtype => {
            let (bits, signed) = (
                dtype.bits(),
                matches!(dtype, DataType::Int8 | DataType::Int4),
            );
            let values = if bits < 8 {
                blob::unpack(&tensor.data, bits, shape.iter().product())
            } else {
                tensor.data.to_vec()
            };
            ArrayVec::Codes {
                bits,
                signed,
                values,
            }
        }
    };
    Ok(Dense {
        dtype: tensor.dtype,
        shape,
        array,
    })
}

fn declared_shape(output: &mil::NamedValueType) -> Vec<usize> {
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

/// A weight that a constant or a chain of constexpr operations makes, as users see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weight {
    /// The function it stands in.
    pub function: String,
    /// Name of the operation that makes it.
    pub name: String,
    /// Name of the value that users read.
    pub value: String,
    /// Extent of each axis.
    pub shape: Vec<u64>,
    /// Element type that users see.
    pub dtype: DataType,
    /// How it is stored, for example `4-bit palette`.
    pub representation: String,
    /// Stored bytes of all its parameters.
    pub bytes: u64,
    /// Types of the operations that read it.
    pub users: Vec<String>,
}

/// The weights of an ML Program and, on demand, their values.
#[derive(Debug)]
pub struct Weights<'d> {
    document: &'d Document,
    functions: Vec<Function<'d>>,
    places: Vec<(usize, usize)>,
    /// In program order.
    pub list: Vec<Weight>,
}

/// Lists the weights of a document: constants of at least ten elements of a weight's type, and compressed ones.
///
/// # Errors
/// [`Error::ModelType`] where the model is no ML Program.
pub fn dense(document: &Document) -> Result<Weights<'_>, Error> {
    let functions = super::functions::functions(document)?;
    let (mut places, mut list) = (Vec::new(), Vec::new());
    for (f, function) in functions.iter().enumerate() {
        for site in 0..function.graph.sites.len() {
            if let Some(weight) = weight(document, function, site)? {
                places.push((f, site));
                list.push(weight);
            }
        }
    }
    Ok(Weights {
        document,
        functions,
        places,
        list,
    })
}

impl Weights<'_> {
    /// The values of weight `index` as singles, row-major; integers by their number.
    ///
    /// # Errors
    /// Parameters that do not fit each other.
    pub fn values(&self, index: usize) -> Result<Vec<f32>, Error> {
        let (f, site) = self.places[index];
        let function = &self.functions[f];
        let op = function.graph.sites[site].op;
        let dense = match op.attributes.get("val") {
            Some(value) if op.r#type == "const" => stored(self.document, value)?,
            Some(_) | None => match evaluate(self.document, function, site)?.into_iter().next() {
                Some(dense) => dense,
                None => return Ok(Vec::new()),
            },
        };
        Ok(match &dense.array {
            ArrayVec::Floats(floats) => (0..floats.len())
                .map(|i| floats.as_floats().at(i))
                .collect(),
            ArrayVec::Codes { signed, values, .. } => {
                let number = |v: u8| {
                    if *signed {
                        f32::from(v.cast_signed())
                    } else {
                        f32::from(v)
                    }
                };
                values.iter().map(|&v| number(v)).collect()
            }
        })
    }
}

fn weight(
    document: &Document,
    function: &Function<'_>,
    site: usize,
) -> Result<Option<Weight>, Error> {
    let graph = &function.graph;
    let op = graph.sites[site].op;
    let Some(output) = op.outputs.first() else {
        return Ok(None);
    };
    let users = &graph.output(site, 0).users;
    let user_types = users
        .iter()
        .map(|u| graph.sites[u.site].op.r#type.clone())
        .collect();
    if op.r#type == "const" {
        let Some(value) = op.attributes.get("val") else {
            return Ok(None);
        };
        let Ok(tensor) = document.tensor(value) else {
            return Ok(None);
        };
        let holds_weights = matches!(
            tensor.dtype,
            DataType::Float16 | DataType::Float32 | DataType::Int8 | DataType::Uint8
        );
        if tensor.elements() < 10 || !holds_weights {
            return Ok(None);
        }
        return Ok(Some(Weight {
            function: function.name.to_owned(),
            name: op_name(op).to_owned(),
            value: output.name.clone(),
            representation: tensor.dtype.name().to_owned(),
            bytes: tensor.data.len() as u64,
            dtype: tensor.dtype,
            shape: tensor.shape,
            users: user_types,
        }));
    }
    if !op.r#type.starts_with("constexpr_") || feeds_only_constexpr(function, site) {
        return Ok(None);
    }
    let Some(mil::value_type::Type::TensorType(tensor)) =
        output.r#type.as_ref().and_then(|t| t.r#type.as_ref())
    else {
        return Ok(None);
    };
    let (representation, bytes) = chain(document, function, site)?;
    Ok(Some(Weight {
        function: function.name.to_owned(),
        name: op_name(op).to_owned(),
        value: output.name.clone(),
        shape: declared_shape(output)
            .into_iter()
            .map(|d| d as u64)
            .collect(),
        dtype: DataType::from_number(tensor.data_type).unwrap_or(DataType::Float32),
        representation,
        bytes,
        users: user_types,
    }))
}

/// Whether all that an operation gives goes into other constexpr operations.
pub(crate) fn feeds_only_constexpr(function: &Function<'_>, site: usize) -> bool {
    let graph = &function.graph;
    let outputs = (0..graph.sites[site].op.outputs.len()).map(|i| graph.output(site, i));
    let mut used = false;
    for output in outputs {
        if output.is_block_output {
            return false;
        }
        for user in &output.users {
            used = true;
            if !graph.sites[user.site].op.r#type.starts_with("constexpr_") {
                return false;
            }
        }
    }
    used
}

/// How a compressed weight is stored, and the bytes of all parameters of its chain.
fn chain(
    document: &Document,
    function: &Function<'_>,
    site: usize,
) -> Result<(String, u64), Error> {
    let graph = &function.graph;
    let op = graph.sites[site].op;
    let mut bytes = 0;
    let mut data = None;
    let inline = op
        .inputs
        .iter()
        .flat_map(|(name, a)| a.arguments.iter().map(move |b| (name, b)))
        .filter_map(|(name, b)| match &b.binding {
            Some(mil::argument::binding::Binding::Value(value)) => Some((name, value)),
            Some(mil::argument::binding::Binding::Name(_)) | None => None,
        });
    for (name, value) in op
        .attributes
        .iter()
        .filter(|(name, _)| *name != "name")
        .chain(inline)
    {
        let tensor = document.tensor(value)?;
        if tensor.dtype != DataType::String {
            bytes += tensor.data.len() as u64;
        }
        if ["quantized_data", "data", "lut", "nonzero_data"].contains(&name.as_str()) {
            data = Some((tensor.dtype, tensor.elements()));
        }
    }
    let mut inner = Vec::new();
    let mut seen = Vec::new();
    for &(_, value) in &graph.reads[site] {
        if let Some(producer) = graph.values[value].producer {
            if !seen.contains(&producer) {
                seen.push(producer);
                if graph.sites[producer].op.r#type.starts_with("constexpr_") {
                    let (text, more) = chain(document, function, producer)?;
                    inner.push(text);
                    bytes += more;
                } else if let Some(value) = graph.sites[producer].op.attributes.get("val") {
                    bytes += document.tensor(value)?.data.len() as u64;
                }
            }
        }
    }
    let dtype = data.map_or("", |(dtype, _)| dtype.name());
    let own = match op.r#type.as_str() {
        "constexpr_lut_to_dense" | "constexpr_lut_to_sparse" => palette_bits(document, op),
        "constexpr_sparse_to_dense" => format!("sparse {dtype}"),
        "constexpr_affine_dequantize" => format!("{dtype} affine"),
        "constexpr_cast" => "float16 cast".to_owned(),
        _ => format!("{dtype} blockwise"),
    };
    inner.insert(0, own.trim().to_owned());
    Ok((inner.join(" + "), bytes))
}

fn palette_bits(document: &Document, op: &mil::Operation) -> String {
    let type_of = |name: &str| -> Option<(DataType, u64)> {
        let value = op.attributes.get(name).or_else(|| {
            op.inputs
                .get(name)?
                .arguments
                .first()
                .and_then(|b| match &b.binding {
                    Some(mil::argument::binding::Binding::Value(value)) => Some(value),
                    Some(mil::argument::binding::Binding::Name(_)) | None => None,
                })
        })?;
        document.tensor(value).ok().map(|t| (t.dtype, t.elements()))
    };
    let bits = if op.attributes.contains_key("indices") {
        type_of("lut").map_or(8, |(_, entries)| entries.max(2).ilog2())
    } else {
        type_of("indices")
            .or_else(|| type_of("indices_nonzero_data"))
            .map_or(8, |(dtype, _)| dtype.bits())
    };
    format!("{bits}-bit palette")
}

/// The report's row of a weight that was compressed before; none for the inner operations of a chain.
pub(crate) fn already_compressed_row(
    document: &Document,
    function: &Function<'_>,
    site: usize,
) -> Result<Option<Row>, Error> {
    let Some(weight) = weight(document, function, site)? else {
        return Ok(None);
    };
    let graph = &function.graph;
    let users = graph.output(site, 0).users.iter();
    Ok(Some(Row {
        function: weight.function,
        name: weight.name,
        users: users
            .map(|u| op_name(graph.sites[u.site].op).to_owned())
            .collect(),
        shape: weight.shape,
        old: weight.representation.clone(),
        new: weight.representation,
        bytes_before: weight.bytes,
        bytes_after: weight.bytes,
        error: None,
        fate: Fate::AlreadyCompressed,
    }))
}
