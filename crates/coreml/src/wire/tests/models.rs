//! Model files, made up and real.

use std::path::Path;

use prost::Message as _;

use crate::spec::{self, mil, model};
use crate::wire::*;

/// A model file with that program.
pub(super) fn model_file(program: mil::Program) -> Vec<u8> {
    spec::Model {
        specification_version: 7,
        description: Some(spec::ModelDescription::default()),
        is_updatable: false,
        r#type: Some(model::Type::MlProgram(program)),
    }
    .encode_to_vec()
}

pub(super) fn empty_model() -> Vec<u8> {
    model_file(mil::Program {
        version: 1,
        ..Default::default()
    })
}

pub(super) fn real_models() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/models");
    let mut models = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = if path.is_dir() {
            path.join("Data/com.apple.CoreML/model.mlmodel")
        } else {
            path.clone()
        };
        if file
            .extension()
            .is_some_and(|extension| extension == "mlmodel")
        {
            models.push((path.display().to_string(), std::fs::read(file).unwrap()));
        }
    }
    assert!(
        models.len() > 15,
        "the models of the repository are missing"
    );
    models
}

pub(super) fn with_program(program: &[u8]) -> Vec<u8> {
    [varint_record(1, 7), field_record(502, program)].concat()
}
