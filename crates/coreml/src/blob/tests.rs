//! Packing against known bytes and a naive packer; records against their own headers and against lies.
#![expect(clippy::arithmetic_side_effects, reason = "small numbers in tests")]

use proptest::prelude::*;

use super::*;
use crate::Error;
use crate::program::DataType;

#[test]
fn packs_as_the_fact_sheet_shows() {
    let int4: Vec<u8> = [-8i8, -1, 7, 1, 2]
        .iter()
        .map(|value| value.to_le_bytes()[0])
        .collect();
    for (values, bits, packed, padding, kind) in [
        (
            int4.as_slice(),
            4,
            vec![0xf8, 0x17, 0x02],
            4,
            BlobType::Int4,
        ),
        (&[7, 0, 5, 1, 2], 3, vec![0x47, 0x23], 1, BlobType::Uint3),
        (
            &[63, 1, 2, 3, 5],
            6,
            vec![0x7f, 0x20, 0x0c, 0x05],
            2,
            BlobType::Uint6,
        ),
        (&[3, 1, 2, 0, 3], 2, vec![0x27, 0x03], 6, BlobType::Uint2),
        (&[1; 9], 1, vec![0xff, 0x01], 7, BlobType::Uint1),
        (&[1, 2, 255], 8, vec![1, 2, 255], 0, BlobType::Uint8),
    ] {
        assert_eq!(pack(values, bits), packed, "{bits} bits");
        assert_eq!(packed_len(values.len(), bits), packed.len(), "{bits} bits");
        let mask = u8::try_from((1u32 << bits) - 1).unwrap();
        let unsigned: Vec<u8> = values.iter().map(|value| value & mask).collect();
        assert_eq!(unpack(&packed, bits, values.len()), unsigned, "{bits} bits");
        assert_eq!(
            padding_bits(kind, u64::try_from(values.len()).unwrap()),
            padding,
            "{bits} bits"
        );
        assert_eq!(kind.bits(), bits);
    }
}

/// One bit after the other.
fn pack_naively(values: &[u8], bits: usize) -> Vec<u8> {
    let mut out = vec![0u8; (values.len() * bits).div_ceil(8)];
    for (index, value) in values.iter().enumerate() {
        for bit in 0..bits {
            let at = index * bits + bit;
            out[at / 8] |= (value >> bit & 1) << (at % 8);
        }
    }
    out
}

proptest! {
    #[test]
    fn packing_is_that_of_a_naive_packer(values in prop::collection::vec(any::<u8>(), 0..200), bits in 1u32..=8) {
        let packed = pack(&values, bits);
        prop_assert_eq!(&packed, &pack_naively(&values, usize::try_from(bits).unwrap()));
        prop_assert_eq!(packed.len(), packed_len(values.len(), bits));
        let mask = u8::try_from((1u32 << bits) - 1).unwrap();
        let low: Vec<u8> = values.iter().map(|value| value & mask).collect();
        prop_assert_eq!(unpack(&packed, bits, values.len()), low);
    }

    #[test]
    fn unpacking_gives_as_many_as_asked_for(bytes in prop::collection::vec(any::<u8>(), 0..40), bits in 1u32..=8, count in 0usize..100) {
        let values = unpack(&bytes, bits, count);
        prop_assert_eq!(values.len(), count);
        let held = (bytes.len() * 8 / usize::try_from(bits).unwrap()).min(count);
        let again = pack(&values[..held], bits);
        let whole = held * usize::try_from(bits).unwrap() / 8;
        prop_assert_eq!(&again[..whole], &bytes[..whole]);
    }

    #[test]
    fn any_bytes_are_a_storage_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut file = file_header(1).to_vec();
        file.extend(bytes);
        if let Ok(storage) = Storage::open("weight.bin", &file) {
            for record in storage.records().flatten() {
                prop_assert_eq!(u64::try_from(storage.data(&record).len()).unwrap(), record.size_bytes);
            }
        }
    }
}

/// A file with the given data, written as coremltools does.
fn written(blobs: &[(BlobType, Vec<u8>, u64)]) -> (Vec<u8>, Vec<u64>) {
    let mut file = file_header(u32::try_from(blobs.len()).unwrap()).to_vec();
    let mut offsets = Vec::new();
    for (kind, data, padding) in blobs {
        file.resize(file.len().next_multiple_of(64), 0);
        let offset = u64::try_from(file.len()).unwrap();
        offsets.push(offset);
        file.extend(record_header(
            *kind,
            u64::try_from(data.len()).unwrap(),
            offset,
            *padding,
        ));
        file.extend(data);
    }
    (file, offsets)
}

#[test]
fn records_come_back_as_they_were_written() {
    let blobs = [
        (BlobType::Float16, vec![1, 2, 3, 4], 0),
        (BlobType::Uint3, vec![0x47, 0x23], 1),
        (BlobType::Int8, Vec::new(), 0),
        (BlobType::Uint32, vec![9; 100], 0),
    ];
    let (file, offsets) = written(&blobs);
    let storage = Storage::open("weight.bin", &file).unwrap();
    let records: Vec<_> = storage.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), blobs.len());
    for ((record, offset), (kind, data, padding)) in records.iter().zip(&offsets).zip(&blobs) {
        assert_eq!(storage.record(*offset).unwrap(), *record);
        assert_eq!((record.dtype, record.padding_bits), (*kind, *padding));
        assert_eq!(storage.data(record), data);
    }
    assert_eq!(
        records.iter().map(Record::elements).collect::<Vec<_>>(),
        [2, 5, 0, 25]
    );
}

#[test]
fn garbage_of_old_writers_is_not_looked_at() {
    let (mut file, _) = written(&[(BlobType::Float16, vec![1, 2, 3, 4], 0)]);
    file[64 + 24..128].fill(0xab);
    let record = Storage::open("weight.bin", &file)
        .unwrap()
        .record(64)
        .unwrap();
    assert_eq!(record.padding_bits, 0);
}

#[test]
fn lies_are_refused() {
    let good = written(&[(BlobType::Uint4, vec![1, 2, 3, 4], 4)]).0;
    let u64_at = |at: usize, value: u64| (at, value.to_le_bytes().to_vec());
    let u32_at = |at: usize, value: u32| (at, value.to_le_bytes().to_vec());
    for (name, (at, bytes), expected) in [
        ("version", u32_at(4, 1), "storage version 1"),
        ("count", u32_at(0, 3), "counts 3 records"),
        ("sentinel", u32_at(64, 0xdead_beee), "no record begins here"),
        ("type 0", u32_at(68, 0), "unknown type 0"),
        ("type 18", u32_at(68, 18), "unknown type 18"),
        ("size", u64_at(72, 5), "ends beyond the file"),
        (
            "size wraps",
            u64_at(72, u64::MAX - 64),
            "ends beyond the file",
        ),
        ("data in the header", u64_at(80, 64), "begins at byte 64"),
        ("data misaligned", u64_at(80, 129), "begins at byte 129"),
        (
            "data wraps",
            u64_at(80, u64::MAX - 63),
            "ends beyond the file",
        ),
        ("padding", u64_at(88, 8), "8 unused bits"),
    ] {
        let mut file = good.clone();
        file[at..at + bytes.len()].copy_from_slice(&bytes);
        let error = Storage::open("weight.bin", &file)
            .and_then(|storage| storage.record(64))
            .unwrap_err();
        assert!(matches!(error, Error::Blob { .. }), "{name}: {error}");
        assert!(error.to_string().contains(expected), "{name}: {error}");
    }
    let storage = Storage::open("weight.bin", &good).unwrap();
    for offset in [0, 1, 65, 128, 192, 1 << 63, u64::MAX - 63, u64::MAX] {
        assert!(storage.record(offset).is_err(), "offset {offset}");
    }
    for length in 0..64 {
        assert!(
            Storage::open("weight.bin", &good[..length]).is_err(),
            "{length} bytes"
        );
    }
}

#[test]
fn types_agree_with_their_numbers_and_with_the_program() {
    for kind in BlobType::ALL {
        assert_eq!(BlobType::from_number(kind.number()), Some(kind));
    }
    assert_eq!(BlobType::Int4.number(), 8);
    assert_eq!(BlobType::Uint32.number(), 15);
    for number in [0, 18, u32::MAX] {
        assert_eq!(BlobType::from_number(number), None);
    }
    for number in 0..64 {
        let Some(data_type) = DataType::from_number(number) else {
            continue;
        };
        assert_eq!(data_type.number(), number);
        if let Some(kind) = BlobType::of(data_type) {
            assert_eq!(kind.bits(), data_type.bits(), "{data_type}");
            assert!(kind.holds(data_type));
        }
    }
    assert!(BlobType::Float8B.holds(DataType::Float8E4M3Fn));
    assert!(!BlobType::Uint8.holds(DataType::Int8));
}
