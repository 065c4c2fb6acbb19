//! The content digest: equal for two exports of one model.
//!
//! Set aside is what an exporter draws at random or takes from a clock: identifiers in the manifest and the order of
//! its items, the order of protobuf maps, and the conversion date that coremltools writes into the metadata. The form
//! is that of the canonical digest, over these bytes: the manifest as sorted lines, the model file in
//! [`coreml::wire::canonical`] form, every other file as it is.

use coreml::package::Manifest;
use coreml::{Digest, Limits, Package, wire};

use crate::Error;

const DATES: [&[u8]; 1] = [b"com.github.apple.coremltools.conversion_date"];

/// The content digest of a package.
///
/// # Errors
/// A model file that is not well-formed.
pub fn content_digest(package: &Package, limits: &Limits) -> Result<Digest, Error> {
    let model = package.model();
    wire::check(&model.bytes, limits)?;
    let drop =
        |entry: &str, key: &[u8]| entry == "Metadata.UserDefinedEntry" && DATES.contains(&key);
    let canonical_model = wire::canonical(&model.bytes, &drop)?;
    let manifest = package.manifest().map(|m| manifest_lines(m).into_bytes());
    let lines = package.files().iter().map(|file| {
        if file.path == model.path {
            (
                file.path.as_str(),
                canonical_model.len() as u64,
                Digest::of(&canonical_model),
            )
        } else if let (Some(text), "Manifest.json") = (&manifest, file.path.as_str()) {
            (file.path.as_str(), text.len() as u64, Digest::of(text))
        } else {
            (file.path.as_str(), file.size_bytes(), file.sha256())
        }
    });
    Ok(Digest::of_tree(lines))
}

fn manifest_lines(manifest: &Manifest) -> String {
    let root = manifest
        .items
        .iter()
        .find(|i| i.identifier == manifest.root)
        .map_or("", |i| i.path.as_str());
    let mut items: Vec<String> = manifest
        .items
        .iter()
        .map(|i| {
            let text = |t: &Option<String>| t.clone().unwrap_or_default();
            format!("{}\0{}\0{}\n", i.path, text(&i.name), text(&i.author))
        })
        .collect();
    items.sort();
    format!("{}\0{root}\n{}", manifest.format_version, items.concat())
}
