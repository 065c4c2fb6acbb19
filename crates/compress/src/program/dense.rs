//! The weights of a program as users see them: what makes each, how it is stored, and its values on demand.

use coreml::program::{DataType, Document};
use coreml::spec::mil;

use super::evaluate::{declared_shape, evaluate, stored};
use super::functions::Function;
use super::graph::op_name;
use super::parameters::Parameter;
use super::{Fate, Row};
use crate::Error;
use crate::kernel::decompress::ArrayVec;

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
        Ok(singles(&dense.array))
    }

    /// What a compressed weight is made from: tables, scales, offsets and masks of its constexpr operations, the last
    /// operation first. Of a plain constant nothing.
    ///
    /// # Errors
    /// Parameters that do not fit each other.
    pub fn parameters(&self, index: usize) -> Result<Vec<Parameter>, Error> {
        let (f, site) = self.places[index];
        super::parameters::parameters(self.document, &self.functions[f], site)
    }
}

/// Values as singles; integers by their number.
pub(super) fn singles(array: &ArrayVec) -> Vec<f32> {
    match array {
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
        if let Some(producer) = graph.values[value].producer
            && !seen.contains(&producer)
        {
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
