//! Edits replace, insert and remove records, and nothing else changes.

use crate::Error;
use crate::wire::*;

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
