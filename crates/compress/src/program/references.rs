//! Every place of a model file that names a blob record, wherever it stands.
//!
//! A moved record changes the offset in each `BlobFileValue` that names it, also in attributes of functions and types
//! that nothing else here looks at.

use std::ops::Range;

use coreml::spec::mil;
use coreml::wire;

/// One `BlobFileValue`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// As the model writes it, for example `@model_path/weights/weight.bin`.
    pub(crate) file_name: String,
    /// Offset of the record in that file.
    pub(crate) offset: u64,
    /// The whole `offset` field in the model file.
    pub(crate) record: Range<usize>,
}

/// All references of a model file that was checked before, in file order.
///
/// # Errors
/// What the wire format refuses (nothing after [`wire::check`]).
pub(crate) fn collect(bytes: &[u8]) -> Result<Vec<Reference>, coreml::Error> {
    let mut found = Vec::new();
    for range in wire::find(bytes, "Value.BlobFileValue")? {
        found.extend(blob(bytes, range)?);
    }
    Ok(found)
}

fn blob(bytes: &[u8], range: Range<usize>) -> Result<Option<Reference>, coreml::Error> {
    let (mut file_name, mut offset) = (String::new(), None);
    for field in wire::fields(bytes, range) {
        let field = field?;
        match field.number {
            1 => file_name = String::from_utf8_lossy(&bytes[field.payload]).into_owned(),
            2 => offset = Some((field.value, field.record)),
            _ => {}
        }
    }
    Ok(offset.map(|(offset, record)| Reference {
        file_name,
        offset,
        record,
    }))
}

/// The file that a value names; empty for immediate values.
pub(crate) fn file_name(value: &mil::Value) -> String {
    match &value.value {
        Some(mil::value::Value::BlobFileValue(blob)) => blob.file_name.clone(),
        Some(mil::value::Value::ImmediateValue(_)) | None => String::new(),
    }
}
