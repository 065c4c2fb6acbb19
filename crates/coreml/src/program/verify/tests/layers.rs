//! Weights of the layers of neural networks.

use crate::program::Document;
use crate::wire::{field_record, varint_record};
use crate::{Class, Error};

/// A neural network with one layer, whose parameters are these records.
fn layer(kind: u32, records: &[Vec<u8>]) -> Result<(), Error> {
    let layer = [
        field_record(1, b"layer"),
        field_record(kind, &records.concat()),
    ]
    .concat();
    let network = field_record(1, &layer);
    let bytes = [varint_record(1, 4), field_record(500, &network)].concat();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network.mlmodel");
    std::fs::write(&path, bytes).unwrap();
    let limits = crate::Limits::default();
    let package = crate::Package::open(&path, folder.path(), &limits).unwrap();
    Document::open(&package, &limits).map(drop)
}

#[test]
fn layers_have_as_many_weights_as_their_sizes_say() {
    let floats = |count: usize| field_record(1, &vec![0; count.saturating_mul(4)]);
    let halves = |count: usize| field_record(2, &vec![0; count.saturating_mul(2)]);
    let table = |entries: usize| field_record(102, &floats(entries));
    let codes = |bytes: usize, bits: u64, rest: Vec<u8>| {
        [
            field_record(30, &vec![0; bytes]),
            field_record(40, &[varint_record(1, bits), rest].concat()),
        ]
        .concat()
    };
    let dense = |weights: Vec<u8>| {
        vec![
            varint_record(1, 4),
            varint_record(2, 2),
            field_record(20, &weights),
        ]
    };
    let kernel = |sizes: &[u8]| field_record(20, sizes);
    let convolution = |more: Vec<u8>, count: usize| {
        vec![
            varint_record(1, 6),
            varint_record(2, 2),
            more,
            field_record(90, &floats(count)),
        ]
    };
    let deconvolution = [varint_record(60, 1), varint_record(10, 3)].concat();
    for (name, kind, records, expected) in [
        ("dense", 140, dense(floats(8)), ""),
        ("dense, half", 140, dense(halves(8)), ""),
        (
            "dense, short",
            140,
            dense(floats(5)),
            "has 5 elements, but its sizes give 8",
        ),
        ("dense, empty", 140, dense(Vec::new()), "has 0 elements"),
        (
            "dense, huge",
            140,
            vec![
                varint_record(1, 1 << 40),
                varint_record(2, 1 << 40),
                field_record(20, &floats(8)),
            ],
            "beyond 64 bits",
        ),
        (
            "dense, no bias",
            140,
            [dense(floats(8)), vec![field_record(21, &[])]].concat(),
            "",
        ),
        (
            "dense, bias",
            140,
            [dense(floats(8)), vec![field_record(21, &floats(3))]].concat(),
            "weight 21 has 3 elements",
        ),
        ("codes", 140, dense(codes(4, 4, table(16))), ""),
        ("codes, 3 bits", 140, dense(codes(3, 3, Vec::new())), ""),
        (
            "codes, short",
            140,
            dense(codes(3, 4, Vec::new())),
            "has 6 elements",
        ),
        (
            "no bits",
            140,
            dense(codes(8, 0, Vec::new())),
            "quantized to 0 bits",
        ),
        (
            "nine bits",
            140,
            dense(codes(9, 9, Vec::new())),
            "quantized to 9 bits",
        ),
        (
            "short table",
            140,
            dense(codes(4, 4, table(3))),
            "3 entries, not 16",
        ),
        (
            "codes of nothing",
            140,
            dense(field_record(30, &[0; 8])),
            "no quantization",
        ),
        ("convolution, 3 by 3", 100, convolution(Vec::new(), 108), ""),
        (
            "convolution, 1 by 5",
            100,
            convolution(kernel(&[1, 5]), 60),
            "",
        ),
        (
            "convolution, wrong",
            100,
            convolution(kernel(&[1, 5]), 61),
            "has 61 elements",
        ),
        ("deconvolution", 100, convolution(deconvolution, 36), ""),
        (
            "constant",
            290,
            vec![field_record(1, &[2, 3, 4]), field_record(2, &floats(24))],
            "",
        ),
        (
            "constant, wrong",
            290,
            vec![field_record(1, &[2, 3, 4]), field_record(2, &floats(23))],
            "has 23 elements",
        ),
        ("unknown layer", 9999, vec![floats(3)], ""),
    ] {
        match layer(kind, &records) {
            Ok(()) => assert!(expected.is_empty(), "{name}: accepted"),
            Err(error) => {
                assert!(
                    !expected.is_empty() && error.to_string().contains(expected),
                    "{name}: {error}"
                );
                assert_eq!(error.class(), Class::Malformed);
            }
        }
    }
}
