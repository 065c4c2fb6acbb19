//! Random trees, edits and bytes: checker, splicer and decoder agree.

use proptest::prelude::*;

use super::models::*;
use crate::Limits;
use crate::spec::{self, mil};
use crate::wire::*;
use prost::Message as _;

/// A list value of list values, which nests as deep as it likes and decodes.
fn tree() -> impl Strategy<Value = mil::Value> {
    let text = ".{0,40}".prop_map(|doc_string| mil::Value {
        doc_string,
        ..Default::default()
    });
    text.prop_recursive(5, 60, 6, |inner| {
        (".{0,8}", prop::collection::vec(inner, 0..6)).prop_map(|(doc_string, values)| {
            let list = mil::value::immediate_value::Value::List(mil::ListValue { values });
            let immediate = mil::value::ImmediateValue { value: Some(list) };
            mil::Value {
                doc_string,
                value: Some(mil::value::Value::ImmediateValue(immediate)),
                ..Default::default()
            }
        })
    })
}

fn list(value: &mut mil::Value) -> Option<&mut Vec<mil::Value>> {
    match value.value.as_mut()? {
        mil::value::Value::ImmediateValue(immediate) => match immediate.value.as_mut()? {
            mil::value::immediate_value::Value::List(list) => Some(&mut list.values),
            mil::value::immediate_value::Value::Tensor(_)
            | mil::value::immediate_value::Value::Tuple(_)
            | mil::value::immediate_value::Value::Dictionary(_) => None,
        },
        mil::value::Value::BlobFileValue(_) => None,
    }
}

/// Replaces the values that `choices` picks, in the tree and as edits of its bytes.
fn edited(
    value: &mut mil::Value,
    bytes: &[u8],
    at: std::ops::Range<usize>,
    choices: &mut dyn Iterator<Item = u8>,
    edits: &mut Vec<Edit>,
) {
    let Some(values) = list(value) else { return };
    let inner = |range, number| {
        fields(bytes, range)
            .map(Result::unwrap)
            .find(|field| field.number == number)
            .unwrap()
    };
    let payload = inner(inner(at, 3).payload, 3).payload;
    let records: Vec<Field> = fields(bytes, payload).map(Result::unwrap).collect();
    assert_eq!(records.len(), values.len());
    let mut kept = Vec::new();
    for (mut member, field) in std::mem::take(values).into_iter().zip(records) {
        match choices.next().unwrap_or(0) % 4 {
            0 => edited(&mut member, bytes, field.payload, choices, edits),
            1 => edits.push(Edit {
                record: field.record.clone(),
                replacement: bytes[field.record].to_vec(),
            }),
            2 => {
                edits.push(Edit {
                    record: field.record,
                    replacement: Vec::new(),
                });
                continue;
            }
            _ => {
                member = mil::Value {
                    doc_string: "x".repeat(150),
                    ..Default::default()
                };
                edits.push(Edit {
                    record: field.record,
                    replacement: field_record(1, &member.encode_to_vec()),
                });
            }
        }
        kept.push(member);
    }
    *values = kept;
}

proptest! {
    #[test]
    fn random_edits_decode_to_the_edited_tree(mut value in tree(), choices in prop::collection::vec(any::<u8>(), 0..80)) {
        let bytes = value.encode_to_vec();
        let mut edits = Vec::new();
        edited(&mut value, &bytes, 0..bytes.len(), &mut choices.into_iter(), &mut edits);
        let spliced = splice(&bytes, &edits).unwrap();
        prop_assert_eq!(mil::Value::decode(&spliced[..]).unwrap(), value.clone());
        prop_assert_eq!(spliced, value.encode_to_vec());
    }

    #[test]
    fn what_the_checker_accepts_prost_decodes(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        for bytes in [bytes.clone(), with_program(&bytes), [varint_record(1, 7), field_record(2, &bytes)].concat()] {
            if check(&bytes, &Limits::default()).is_ok() {
                prop_assert!(spec::Model::decode(&bytes[..]).is_ok());
            }
        }
    }

    #[test]
    fn flipped_bytes_of_a_real_model_never_panic(at in any::<prop::sample::Index>(), byte in any::<u8>(), which in any::<prop::sample::Index>()) {
        thread_local! { static MODELS: Vec<(String, Vec<u8>)> = real_models(); }
        MODELS.with(|models| {
            let mut bytes = which.get(models).1.clone();
            *at.get_mut(&mut bytes) = byte;
            if check(&bytes, &Limits::default()).is_ok() {
                prop_assert!(spec::Model::decode(&bytes[..]).is_ok());
            }
            Ok(())
        })?;
    }
}
