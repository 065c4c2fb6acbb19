//! The checker refuses broken messages with their place, and bounds depth and memory.

use super::models::*;
use crate::spec::{self, mil};
use crate::wire::*;
use crate::{Error, Limits};
use prost::Message as _;

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
