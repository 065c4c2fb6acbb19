//! The canonical form means the same and knows no order of maps.

use super::models::*;
use crate::spec::{self, mil};
use crate::wire::*;
use prost::Message as _;

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
