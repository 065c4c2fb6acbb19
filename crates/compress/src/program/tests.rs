//! The parts of the passes that packages do not reach easily: order, bounds, and files that are laid out oddly.

use std::io::Cursor;
use std::sync::atomic::{AtomicUsize, Ordering};

use coreml::blob::{self, BlobType, Storage};
use coreml::program::DataType;

use super::emit::{Data, Param};
use super::ordered;
use super::weights::Rewriter;

#[test]
fn results_come_in_order_and_few_exist_at_once() {
    for threads in [1, 2, 8] {
        let alive = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        let mut seen = Vec::new();
        let outcome: Result<(), ()> = ordered::run(
            100,
            threads,
            |i| {
                let now = alive.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(now, Ordering::SeqCst);
                i * i
            },
            |i, result| {
                alive.fetch_sub(1, Ordering::SeqCst);
                seen.push((i, result));
                Ok(())
            },
        );
        assert_eq!(outcome, Ok(()));
        assert_eq!(seen, (0..100).map(|i| (i, i * i)).collect::<Vec<_>>());
        assert!(most.into_inner() <= 2 * threads, "{threads} threads");
    }
}

#[test]
fn an_error_of_the_consumer_ends_the_work() {
    let outcome = ordered::run(1000, 4, |i| i, |i, _| if i == 5 { Err(i) } else { Ok(()) });
    assert_eq!(outcome, Err(5));
}

/// A weight file with float16 records of these lengths, all bytes of record i being i.
fn file(lengths: &[u64]) -> (Vec<u8>, Vec<u64>) {
    let mut bytes = blob::file_header(u32::try_from(lengths.len()).unwrap()).to_vec();
    let mut offsets = Vec::new();
    for (i, &length) in lengths.iter().enumerate() {
        bytes.resize(bytes.len().next_multiple_of(64), 0);
        let offset = bytes.len() as u64;
        offsets.push(offset);
        bytes.extend(blob::record_header(BlobType::Float16, length, offset, 0));
        bytes.extend(vec![
            u8::try_from(i).unwrap();
            usize::try_from(length).unwrap()
        ]);
    }
    (bytes, offsets)
}

fn param(value: u8, elements: u64) -> Param {
    Param {
        name: "data",
        dtype: DataType::Int8,
        shape: vec![elements],
        data: Data::Bytes(vec![value; usize::try_from(elements).unwrap()]),
    }
}

#[test]
fn replaced_records_go_and_the_others_keep_their_bytes() {
    let (old, offsets) = file(&[20, 300, 2, 130]);
    let records: Vec<_> = Storage::open("w", &old)
        .unwrap()
        .records()
        .map(Result::unwrap)
        .collect();
    let mut out = Cursor::new(Vec::new());
    let mut rewriter = Rewriter::new(&old, records, &mut out).unwrap();
    rewriter.remove(offsets[1]).unwrap();
    let new = rewriter.add(&param(77, 40)).unwrap();
    let moves = rewriter.finish().unwrap();
    let bytes = out.into_inner();
    assert_eq!(moves.length, bytes.len() as u64);
    assert!(bytes.len() < old.len());
    let storage = Storage::open("w", &bytes).unwrap();
    assert_eq!(storage.records().map(Result::unwrap).count(), 4);
    assert_eq!(bytes[..4], 4_u32.to_le_bytes());
    assert_eq!(storage.data(&storage.record(new).unwrap()), [77; 40]);
    let before = Storage::open("w", &old).unwrap();
    for (i, &offset) in offsets.iter().enumerate().filter(|(i, _)| *i != 1) {
        let record = storage.record(moves.offset(offset)).unwrap();
        assert_eq!(
            storage.data(&record),
            before.data(&before.record(offset).unwrap()),
            "record {i}"
        );
    }
}

#[test]
fn nothing_done_gives_the_same_bytes() {
    let (old, _) = file(&[20, 300]);
    let records: Vec<_> = Storage::open("w", &old)
        .unwrap()
        .records()
        .map(Result::unwrap)
        .collect();
    let mut out = Cursor::new(Vec::new());
    Rewriter::new(&old, records, &mut out)
        .unwrap()
        .finish()
        .unwrap();
    assert_eq!(out.into_inner(), old);
}

#[test]
fn a_file_with_shared_bytes_is_only_added_to() {
    let (mut old, offsets) = file(&[300, 300]);
    // The second record's data begins inside the first's.
    let data = offsets[0] + 128;
    let at = usize::try_from(offsets[1]).unwrap() + 16;
    old[at..at + 8].copy_from_slice(&data.to_le_bytes());
    let storage = Storage::open("w", &old).unwrap();
    let first = storage.record(offsets[0]).unwrap();
    let mut second = first;
    second.offset = offsets[1];
    second.data_offset = data;
    let mut out = Cursor::new(Vec::new());
    let mut rewriter = Rewriter::new(&old, vec![first, second], &mut out).unwrap();
    rewriter.remove(offsets[0]).unwrap();
    let new = rewriter.add(&param(9, 16)).unwrap();
    rewriter.finish().unwrap();
    let bytes = out.into_inner();
    assert_eq!(bytes[4..old.len()], old[4..]);
    assert!(new >= old.len() as u64);
}
