//! The checker against broken messages, the splicer against a decoder, both on made-up and on real models.

use std::path::Path;

use proptest::prelude::*;
use prost::Message as _;

use super::*;
use crate::spec::{self, mil, model};
use crate::{Error, Limits};

/// A model file with that program.
fn model_file(program: mil::Program) -> Vec<u8> {
    spec::Model {
        specification_version: 7,
        description: Some(spec::ModelDescription::default()),
        is_updatable: false,
        r#type: Some(model::Type::MlProgram(program)),
    }
    .encode_to_vec()
}

fn empty_model() -> Vec<u8> {
    model_file(mil::Program {
        version: 1,
        ..Default::default()
    })
}

fn real_models() -> Vec<(String, Vec<u8>)> {
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

#[test]
fn real_models_are_accepted_and_spliced_to_themselves() {
    for (name, bytes) in real_models() {
        check(&bytes, &Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(splice(&bytes, &[]).unwrap(), bytes, "{name}");
        let edits: Vec<Edit> = fields(&bytes, 0..bytes.len())
            .map(Result::unwrap)
            .filter(|field| field.wire_type == WireType::Len && field.payload.len() > 1000)
            .flat_map(|outer| {
                fields(&bytes, outer.payload)
                    .map(Result::unwrap)
                    .collect::<Vec<_>>()
            })
            .map(|inner| Edit {
                record: inner.record.clone(),
                replacement: bytes[inner.record].to_vec(),
            })
            .collect();
        assert_eq!(splice(&bytes, &edits).unwrap(), bytes, "{name}");
    }
}

#[test]
fn broken_messages_are_refused_with_their_place() {
    let tail = |number: u32, wire: u64| {
        let mut out = Vec::new();
        put_varint(u64::from(number) << 3 | wire, &mut out);
        out
    };
    let with = |mut head: Vec<u8>, rest: &[u8]| {
        head.extend_from_slice(rest);
        head
    };
    for (name, added, expected) in [
        ("field 0", vec![0, 1], "field number outside"),
        (
            "huge field number",
            vec![0xff, 0xff, 0xff, 0xff, 0x7f, 0],
            "field number outside",
        ),
        (
            "endless varint",
            with(tail(3999, 0), &[0xff; 12]),
            "more than 64 bits",
        ),
        (
            "65-bit varint",
            with(
                tail(3999, 0),
                &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2],
            ),
            "more than 64 bits",
        ),
        ("cut varint", with(tail(3999, 0), &[0x80]), "cut off"),
        (
            "cut fixed",
            with(tail(3999, 5), &[0; 3]),
            "longer than the message",
        ),
        (
            "cut bytes",
            with(tail(3999, 2), &[9, 1]),
            "longer than the message",
        ),
        ("wire type 6", tail(3999, 6), "does not exist"),
        ("wire type 7", tail(3999, 7), "does not exist"),
        ("group without end", tail(3999, 3), "does not end"),
        ("end without group", tail(3999, 4), "not begun"),
        (
            "wrong end",
            with(tail(3999, 3), &tail(3998, 4)),
            "another group",
        ),
        (
            "wrong wire type",
            field_record(10, &[]),
            "is_updatable has the wrong wire type",
        ),
        (
            "twice",
            varint_record(1, 7),
            "specification_version is there twice",
        ),
        (
            "message twice",
            field_record(2, &[]),
            "description is there twice",
        ),
        (
            "two of a oneof",
            field_record(500, &[]),
            "neural_network is there beside another choice",
        ),
    ] {
        let bytes = with(empty_model(), &added);
        let error = check(&bytes, &Limits::default()).unwrap_err();
        assert!(matches!(error, Error::Wire { .. }), "{name}: {error}");
        assert!(error.to_string().contains(expected), "{name}: {error}");
    }
}

#[test]
fn rules_of_the_schema_hold_inside_too() {
    let model = |program: &[u8]| with_program(program);
    let entry =
        |key: &[u8]| field_record(2, &[field_record(1, key), field_record(2, &[])].concat());
    for (name, program, expected) in [
        ("key not UTF-8", entry(b"ma\xffin"), "key is not UTF-8"),
        (
            "same key twice",
            [entry(b"main"), entry(b"a"), entry(b"main")].concat(),
            "the key main is there twice",
        ),
        (
            "no key twice",
            [field_record(2, &[]), field_record(2, &[])].concat(),
            "the key  is there twice",
        ),
        (
            "value twice",
            field_record(2, &[field_record(2, &[]), field_record(2, &[])].concat()),
            "value is there twice",
        ),
    ] {
        let error = check(&model(&program), &Limits::default()).unwrap_err();
        assert!(error.to_string().contains(expected), "{name}: {error}");
    }
    assert!(
        check(
            &model(&[entry(b"a"), entry(b"b")].concat()),
            &Limits::default()
        )
        .is_ok()
    );
}

fn with_program(program: &[u8]) -> Vec<u8> {
    [varint_record(1, 7), field_record(502, program)].concat()
}

#[test]
fn depth_is_bounded_where_the_schema_recurses() {
    // A program attribute whose value is a list in a list in a list.
    let nested = |levels: usize| {
        let mut value = field_record(3, &field_record(1, &field_record(1, &[])));
        for _ in 0..levels {
            value = field_record(3, &field_record(3, &field_record(1, &value)));
        }
        with_program(&field_record(
            4,
            &[field_record(1, b"a"), field_record(2, &value)].concat(),
        ))
    };
    assert!(check(&nested(15), &Limits::default()).is_ok());
    let error = check(&nested(30), &Limits::default()).unwrap_err();
    assert!(
        error.to_string().contains("limits.message_depth"),
        "{error}"
    );
    let generous = Limits {
        message_depth: 1000,
        ..Limits::default()
    };
    assert!(
        check(&nested(10_000), &generous).is_err(),
        "never more than the decoder can"
    );
    let deepest = (0..40)
        .rev()
        .find(|levels| check(&nested(*levels), &generous).is_ok())
        .unwrap();
    assert!(
        spec::Model::decode(&nested(deepest)[..]).is_ok(),
        "what is accepted can be decoded"
    );
}

#[test]
fn groups_are_skipped_and_bounded() {
    let groups = |depth: usize| {
        let mut bytes = empty_model();
        for wire in [3u64, 4] {
            (0..depth).for_each(|_| put_varint(3999 << 3 | wire, &mut bytes));
        }
        bytes
    };
    assert!(check(&groups(10), &Limits::default()).is_ok());
    assert!(
        spec::Model::decode(&groups(60)[..]).is_ok()
            && check(&groups(60), &Limits::default()).is_ok()
    );
    assert!(check(&groups(100_000), &Limits::default()).is_err());
}

#[test]
fn memory_is_bounded_before_it_is_taken() {
    let operations = mil::Block {
        operations: vec![mil::Operation::default(); 50_000],
        ..Default::default()
    };
    let function = mil::Function {
        block_specializations: [("CoreML6".into(), operations)].into(),
        ..Default::default()
    };
    let bytes = model_file(mil::Program {
        functions: [("main".into(), function)].into(),
        ..Default::default()
    });
    assert!(bytes.len() < 200_000);
    assert!(check(&bytes, &Limits::default()).is_ok());
    let error = check(
        &bytes,
        &Limits {
            decoded_bytes: 4 << 20,
            ..Limits::default()
        },
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("limits.decoded_bytes"),
        "{error}"
    );
    let packed = field_record(2, &field_record(1, &vec![1; 3 << 20]));
    let value = field_record(3, &field_record(1, &packed));
    let bytes = with_program(&field_record(
        4,
        &[field_record(1, b"a"), field_record(2, &value)].concat(),
    ));
    let error = check(
        &bytes,
        &Limits {
            decoded_bytes: 20 << 20,
            ..Limits::default()
        },
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("limits.decoded_bytes"),
        "12 MiB of integers, counted twice: {error}"
    );
    let pipeline = [
        varint_record(1, 7),
        field_record(202, &field_record(1, &[]).repeat(1001)),
    ]
    .concat();
    let error = check(&pipeline, &Limits::default()).unwrap_err();
    assert!(
        error.to_string().contains("limits.pipeline_models"),
        "{error}"
    );
}

#[test]
fn splice_keeps_everything_around_the_edit() {
    // An unknown field, a group, a length written with a spare byte, and a nested message that grows beyond 127 bytes.
    let spare = |number: u32, payload: &[u8]| {
        let mut out = Vec::new();
        put_tag(number, WireType::Len, &mut out);
        out.extend([0x80 | u8::try_from(payload.len()).unwrap(), 0]);
        out.extend_from_slice(payload);
        out
    };
    let inner = [
        varint_record(1, 5),
        field_record(9, b"unknown"),
        varint_record(2, 6),
    ]
    .concat();
    let group = [vec![0x1b], varint_record(1, 1), vec![0x1c]].concat();
    let bytes = [
        spare(4, b"kept"),
        group.clone(),
        spare(7, &inner),
        field_record(8, b"end"),
    ]
    .concat();
    let start = spare(4, b"kept").len() + group.len() + 3;
    let edit = |replacement: Vec<u8>| Edit {
        record: start..start + 2,
        replacement,
    };
    let same = splice(&bytes, &[edit(varint_record(1, 99))]).unwrap();
    assert_eq!(
        same.len(),
        bytes.len(),
        "the spare byte of the length stays where the length does"
    );
    let grown = splice(&bytes, &[edit(field_record(1, &[1; 200]))]).unwrap();
    let inner = [
        field_record(1, &[1; 200]),
        field_record(9, b"unknown"),
        varint_record(2, 6),
    ]
    .concat();
    let expected = [
        spare(4, b"kept"),
        group,
        field_record(7, &inner),
        field_record(8, b"end"),
    ]
    .concat();
    assert_eq!(grown, expected);
}

#[test]
fn splice_inserts_and_removes() {
    let records = [
        varint_record(1, 5),
        field_record(2, b"two"),
        varint_record(3, 7),
    ];
    let bytes = records.concat();
    let new = varint_record(9, 9);
    let insert = |at: usize| Edit {
        record: at..at,
        replacement: new.clone(),
    };
    let [a, b, c] = &records;
    assert_eq!(
        splice(&bytes, &[insert(0)]).unwrap(),
        [new.clone(), bytes.clone()].concat()
    );
    assert_eq!(
        splice(&bytes, &[insert(2)]).unwrap(),
        [a, &new, b, c].map(Vec::as_slice).concat()
    );
    assert_eq!(
        splice(&bytes, &[insert(bytes.len())]).unwrap(),
        [bytes.clone(), new.clone()].concat()
    );
    let remove = Edit {
        record: 0..7,
        replacement: Vec::new(),
    };
    assert_eq!(splice(&bytes, std::slice::from_ref(&remove)).unwrap(), *c);
    assert_eq!(
        splice(&bytes, &[remove, insert(7)]).unwrap(),
        [new.clone(), c.clone()].concat()
    );
    assert_eq!(splice(&[], &[insert(0)]).unwrap(), new);
}

#[test]
fn edits_that_fit_no_record_are_refused() {
    let bytes = [
        varint_record(1, 5),
        field_record(2, &varint_record(1, 300)),
        varint_record(3, 7),
    ]
    .concat();
    let edit = |record: std::ops::Range<usize>| Edit {
        record,
        replacement: Vec::new(),
    };
    for edits in [
        vec![edit(0..1)],
        vec![edit(1..2)],
        vec![edit(0..3)],
        vec![edit(3..4)],
        vec![edit(4..6)],
        vec![edit(5..7)],
        vec![edit(4..9)],
        vec![edit(0..90)],
        vec![edit(90..90)],
        vec![edit(2..7), edit(4..7)],
        vec![edit(7..9), edit(0..2)],
    ] {
        let result = splice(&bytes, &edits);
        assert!(
            matches!(result, Err(Error::Splice { .. })),
            "{edits:?}: {result:?}"
        );
    }
    assert_eq!(
        splice(&bytes, &[edit(4..7)]).unwrap(),
        [
            varint_record(1, 5),
            field_record(2, &[]),
            varint_record(3, 7)
        ]
        .concat()
    );
}

#[test]
fn the_canonical_form_does_not_know_the_order_of_maps() {
    let entry =
        |key: &[u8], rest: &[u8]| field_record(4, &[field_record(1, key), rest.to_vec()].concat());
    let value = |text: &[u8]| field_record(2, &field_record(1, text));
    let (a, b, c) = (
        entry(b"a", &value(b"1")),
        entry(b"b", &value(b"2")),
        entry(b"c", &field_record(77, b"unknown")),
    );
    let names = [field_record(9, b"z"), field_record(9, b"y")].concat();
    let none = |_: &str, _: &[u8]| false;
    let forms: Vec<_> = [
        [&a, &b, &c, &names],
        [&c, &names, &b, &a],
        [&names, &b, &c, &a],
    ]
    .map(|parts| canonical(&with_program(&parts.map(Vec::as_slice).concat()), &none).unwrap())
    .into();
    assert_eq!(
        forms[0],
        with_program(&[&a, &b, &c, &names].map(Vec::as_slice).concat())
    );
    assert!(forms.iter().all(|form| *form == forms[0]));
    let swapped = [field_record(9, b"y"), field_record(9, b"z")].concat();
    let other = canonical(&with_program(&[&a[..], &b, &c, &swapped].concat()), &none).unwrap();
    assert_ne!(other, forms[0], "the order of repeated fields is content");
    let drop_b = |entry: &str, key: &[u8]| entry == "Program.AttributesEntry" && key == b"b";
    let without = canonical(&with_program(&[&c[..], &b, &a].concat()), &drop_b).unwrap();
    assert_eq!(without, with_program(&[&a[..], &c].concat()));
}

#[test]
fn the_canonical_form_of_real_models_means_the_same() {
    for (name, bytes) in real_models() {
        let form = canonical(&bytes, &|_, _| false).unwrap();
        assert_eq!(canonical(&form, &|_, _| false).unwrap(), form, "{name}");
        assert_eq!(
            spec::Model::decode(&form[..]),
            spec::Model::decode(&bytes[..]),
            "{name}"
        );
        let blobs = find(&bytes, "Value.BlobFileValue").unwrap();
        assert!(blobs.is_sorted_by_key(|range| range.start), "{name}");
        for range in blobs {
            let blob = mil::value::BlobFileValue::decode(&bytes[range]).unwrap();
            assert!(
                blob.file_name.starts_with("@model_path/") && blob.offset % 64 == 0,
                "{name}"
            );
        }
    }
}

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
