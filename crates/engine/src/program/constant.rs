//! Small constants and types as people read them.

use api::program::ProgramValue;
use coreml::program::{DataType, Document};
use coreml::spec::mil::{self, dimension, tensor_value, value, value::immediate_value, value_type};

/// Values that are written out.
const SHOWN: usize = 8;
/// Characters of a text that are written out.
const TEXT: usize = 40;

/// The type of a value.
pub(super) fn typed(name: &str, kind: Option<&mil::ValueType>) -> ProgramValue {
    let word = |dtype: &str| (dtype.to_owned(), None);
    let (dtype, shape) = match kind.and_then(|t| t.r#type.as_ref()) {
        Some(value_type::Type::TensorType(tensor)) => {
            let dtype = DataType::from_number(tensor.data_type).map_or("", DataType::name);
            let extents = tensor.dimensions.iter().map(|d| match d.dimension {
                Some(dimension::Dimension::Constant(c)) => Some(c.size),
                Some(dimension::Dimension::Unknown(_)) | None => None,
            });
            (dtype.to_owned(), Some(extents.collect()))
        }
        Some(value_type::Type::ListType(_)) => word("list"),
        Some(value_type::Type::TupleType(_)) => word("tuple"),
        Some(value_type::Type::DictionaryType(_)) => word("dictionary"),
        Some(value_type::Type::StateType(_)) => word("state"),
        None => word("unknown"),
    };
    ProgramValue {
        name: name.to_owned(),
        dtype,
        shape,
    }
}

/// A constant in a few words: its values where they are few, else how many there are.
pub(super) fn words(document: &Document, constant: &mil::Value) -> String {
    if let Some(texts) = texts(constant) {
        let shown = texts.iter().take(SHOWN).map(|text| {
            let short: String = text.chars().take(TEXT).collect();
            let more = if short.len() < text.len() { "…" } else { "" };
            format!("\"{short}{more}\"")
        });
        return listed(&shown.collect::<Vec<_>>(), texts.len());
    }
    let Ok(tensor) = document.tensor(constant) else {
        return String::new();
    };
    let width = (tensor.dtype.bits() / 8) as usize;
    let count = usize::try_from(tensor.elements()).unwrap_or(usize::MAX);
    if width == 0 || count > SHOWN {
        return format!("{} values", tensor.elements());
    }
    let numbers = tensor.data.chunks_exact(width);
    let shown: Vec<String> = numbers.map(|bytes| number(tensor.dtype, bytes)).collect();
    listed(&shown, count)
}

fn listed(shown: &[String], count: usize) -> String {
    match (shown, count) {
        ([one], 1) => one.clone(),
        (_, count) if count > shown.len() => format!("[{}, …]", shown.join(", ")),
        _ => format!("[{}]", shown.join(", ")),
    }
}

fn texts(constant: &mil::Value) -> Option<&[String]> {
    let Some(value::Value::ImmediateValue(immediate)) = &constant.value else {
        return None;
    };
    let Some(immediate_value::Value::Tensor(tensor)) = &immediate.value else {
        return None;
    };
    match &tensor.value {
        Some(tensor_value::Value::Strings(strings)) => Some(&strings.values),
        Some(_) | None => None,
    }
}

fn number(dtype: DataType, bytes: &[u8]) -> String {
    let mut wide = [0; 8];
    wide.iter_mut()
        .zip(bytes)
        .for_each(|(to, from)| *to = *from);
    let raw = u64::from_le_bytes(wide);
    let shift = 64 - 8 * u32::try_from(bytes.len()).unwrap_or(8).min(8);
    let signed = (raw << shift).cast_signed() >> shift;
    #[expect(clippy::cast_possible_truncation, reason = "the bytes are so many")]
    match dtype.name() {
        "bool" => (raw != 0).to_string(),
        "float16" => half::f16::from_bits(raw as u16).to_string(),
        "bfloat16" => half::bf16::from_bits(raw as u16).to_string(),
        "float32" => f32::from_bits(raw as u32).to_string(),
        "float64" => f64::from_bits(raw).to_string(),
        name if name.starts_with("uint") => raw.to_string(),
        name if name.starts_with("int") => signed.to_string(),
        name => name.to_owned(),
    }
}
