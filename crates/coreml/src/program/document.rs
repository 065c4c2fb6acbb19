//! A model, opened: its package, its decoded tree, and the places of both in the files.

use prost::Message as _;

use super::tensor::read;
use super::{ModelSpan, ModelType, Tensor, span, verify};
use crate::{Error, Limits, Package, spec, wire};

/// A verified model.
#[derive(Debug, Clone)]
pub struct Document {
    /// The package it came from.
    pub package: Package,
    /// The decoded model file.
    pub model: spec::Model,
    /// Where the parts of `model` lie in the model file.
    pub spans: ModelSpan,
    model_type: ModelType,
}

impl Document {
    /// Reads and verifies the model of a package.
    ///
    /// ML Programs, at the root or in pipelines, are verified as far as it goes without running them; of other kinds
    /// only form and version are. Weight files are looked at through the map, headers only.
    ///
    /// # Errors
    /// Where the model file or a weight file is malformed, or of a version or kind that is not known.
    pub fn open(package: &Package, limits: &Limits) -> Result<Self, Error> {
        let bytes = &package.model().bytes;
        wire::check(bytes, limits)?;
        let model = spec::Model::decode(&bytes[..]).map_err(|error| Error::Wire {
            offset: 0,
            place: "Model",
            why: error.to_string().into(),
        })?;
        let spans = span::locate(bytes)?;
        let model_type = verify::verify(&model, package, limits)?;
        verify::layers(bytes, &spans)?;
        Ok(Self {
            package: package.clone(),
            model,
            spans,
            model_type,
        })
    }

    /// The kind of the model.
    pub fn model_type(&self) -> ModelType {
        self.model_type
    }

    /// A constant of this model as bytes.
    ///
    /// # Errors
    /// [`Error::Value`] where the value is no tensor or its type is not known; values of this document were verified.
    pub fn tensor<'a>(&'a self, value: &'a spec::mil::Value) -> Result<Tensor<'a>, Error> {
        read(&self.package, value)?.map_err(|why| Error::Value {
            place: "constant".into(),
            why,
        })
    }
}
