//! Every place of a model file that names a blob record, wherever it stands.
//!
//! A moved record changes the offset in each `BlobFileValue` that names it, also in attributes of functions and types
//! that nothing else here looks at.

use std::collections::BTreeMap;
use std::ops::Range;

use coreml::program::Document;
use coreml::spec::mil;
use coreml::wire;

/// One `BlobFileValue`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// As the model writes it, for example `@model_path/weights/weight.bin`.
    pub(crate) file_name: String,
    /// Index of that file among the package's files.
    pub(crate) file: usize,
    /// Offset of the record in that file.
    pub(crate) offset: u64,
    /// The whole `offset` field in the model file.
    pub(crate) record: Range<usize>,
}

/// All references of a model file that was checked before, in file order.
///
/// # Errors
/// What the wire format refuses (nothing after [`wire::check`]).
pub(crate) fn collect(document: &Document) -> Result<Vec<Reference>, coreml::Error> {
    let bytes: &[u8] = &document.package.model().bytes;
    let mut files: BTreeMap<String, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for range in wire::find(bytes, "Value.BlobFileValue")? {
        let Some((file_name, offset, record)) = blob(bytes, range)? else {
            continue;
        };
        let file = match files.get(&file_name) {
            Some(&file) => file,
            None => file_index(document, &file_name)?,
        };
        files.insert(file_name.clone(), file);
        found.push(Reference {
            file_name,
            file,
            offset,
            record,
        });
    }
    Ok(found)
}

fn file_index(document: &Document, reference: &str) -> Result<usize, coreml::Error> {
    let file = document.package.blob_file(reference)?;
    let files = document.package.files();
    Ok(files
        .iter()
        .position(|f| f.path == file.path)
        .unwrap_or(usize::MAX))
}

type Parts = (String, u64, Range<usize>);

fn blob(bytes: &[u8], range: Range<usize>) -> Result<Option<Parts>, coreml::Error> {
    let (mut file_name, mut offset) = (String::new(), None);
    for field in wire::fields(bytes, range) {
        let field = field?;
        match field.number {
            1 => file_name = String::from_utf8_lossy(&bytes[field.payload]).into_owned(),
            2 => offset = Some((field.value, field.record)),
            _ => {}
        }
    }
    Ok(offset.map(|(offset, record)| (file_name, offset, record)))
}

/// The file that a value names; empty for immediate values.
pub(crate) fn file_name(value: &mil::Value) -> String {
    match &value.value {
        Some(mil::value::Value::BlobFileValue(blob)) => blob.file_name.clone(),
        Some(mil::value::Value::ImmediateValue(_)) | None => String::new(),
    }
}
