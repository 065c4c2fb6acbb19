//! The pieces of zips written by hand, cut in every way.

use super::scan::{LEAST_BODY_BYTES, Piece, Scanner};

#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    spool: Vec<u8>,
    bodies: Vec<Vec<u8>>,
    ended: usize,
}

fn scan(bytes: &[u8], cut: usize) -> Seen {
    let mut seen = Seen::default();
    let mut scanner = Scanner::new();
    for chunk in bytes.chunks(cut) {
        scanner
            .feed(chunk, &mut |piece| {
                match piece {
                    Piece::Spool(bytes) => seen.spool.extend_from_slice(bytes),
                    Piece::Begin(_) => seen.bodies.push(Vec::new()),
                    Piece::Body(bytes) => seen.bodies.last_mut().unwrap().extend_from_slice(bytes),
                    Piece::End => seen.ended += 1,
                }
                Ok::<(), std::convert::Infallible>(())
            })
            .unwrap();
    }
    seen
}

/// A local header; with lengths in a zip64 field where `zip64`.
fn header(name: &str, flags: u16, method: u16, packed: u64, plain: u64, zip64: bool) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04\x2d\x00".to_vec();
    bytes.extend(flags.to_le_bytes());
    bytes.extend(method.to_le_bytes());
    bytes.extend([0; 8]);
    for length in [packed, plain] {
        bytes.extend(
            if zip64 {
                u32::MAX
            } else {
                u32::try_from(length).unwrap()
            }
            .to_le_bytes(),
        );
    }
    bytes.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    bytes.extend(if zip64 { 25u16 } else { 0 }.to_le_bytes());
    bytes.extend(name.as_bytes());
    if zip64 {
        bytes.extend([9, 9, 1, 0, 7]);
        bytes.extend([1, 0, 16, 0]);
        bytes.extend(plain.to_le_bytes());
        bytes.extend(packed.to_le_bytes());
    }
    bytes
}

fn large() -> Vec<u8> {
    (0..LEAST_BODY_BYTES + 3).map(|i| (i % 251) as u8).collect()
}

#[test]
fn large_stored_bodies_are_taken_out_however_they_arrive() {
    for zip64 in [false, true] {
        let body = large();
        let mut bytes = header("a/", 0, 0, 0, 0, false);
        bytes.extend(header("a/small", 0, 0, 5, 5, false));
        bytes.extend(b"PK\x03\x04!");
        bytes.extend(header(
            "a/large",
            1 << 11,
            0,
            body.len() as u64,
            body.len() as u64,
            zip64,
        ));
        let mut spool = bytes.clone();
        bytes.extend(&body);
        for part in [&mut bytes, &mut spool] {
            part.extend(header("a/deflated", 0, 8, 4, 999_999_999, false));
            part.extend(b"abcdPK\x01\x02 the directory");
        }
        for cut in [7, 30, 65_537, bytes.len()] {
            let seen = scan(&bytes, cut);
            assert!(seen.spool == spool, "zip64 {zip64} cut {cut}");
            assert!(seen.bodies == [body.clone()], "zip64 {zip64} cut {cut}");
            assert_eq!(seen.ended, 1);
        }
    }
}

#[test]
fn what_is_not_understood_is_spooled() {
    let body = large();
    let length = body.len() as u64;
    for (what, head) in [
        (
            "a length that follows",
            header("x", 1 << 3, 0, length, length, false),
        ),
        ("encryption", header("x", 1, 0, length, length, false)),
        ("two lengths", header("x", 0, 0, length, length + 1, false)),
        (
            "no header",
            b"PK\x05\x06 and a lot of text that is no header".to_vec(),
        ),
        ("a zip64 field that is cut", {
            let mut head = header("x", 0, 0, length, length, true);
            let extra_length = head.len() - 20;
            head[28] = 4;
            head.truncate(extra_length + 3);
            head
        }),
    ] {
        let bytes = [head, body.clone()].concat();
        let seen = scan(&bytes, 1000);
        assert!(seen.spool == bytes && seen.bodies.is_empty(), "{what}");
    }
}

#[test]
fn a_body_that_stops_has_no_end() {
    let mut bytes = header("x", 0, 0, LEAST_BODY_BYTES, LEAST_BODY_BYTES, false);
    bytes.extend(vec![1; 1000]);
    let seen = scan(&bytes, 100);
    assert_eq!(
        (seen.ended, seen.bodies.len(), seen.bodies[0].len()),
        (0, 1, 1000)
    );
}

#[test]
fn a_length_near_the_end_of_u64_does_not_overflow() {
    let mut bytes = header("x", 0, 0, u64::MAX, u64::MAX, true);
    bytes.extend(vec![1; 1000]);
    assert_eq!(scan(&bytes, 100).bodies[0].len(), 1000);
}

proptest::proptest! {
    /// Whatever comes, every byte goes to one place, in order, and large bodies are as long as announced.
    #[test]
    fn every_byte_goes_somewhere(
        parts in proptest::collection::vec((0_u64..80, 0_u16..10, proptest::bool::ANY, proptest::collection::vec(0_u8..255, 0..90)), 0..6),
        cut in 1_usize..70,
    ) {
        let mut bytes = Vec::new();
        for (length, flags, zip64, body) in parts {
            bytes.extend(header("n", flags, flags % 3 * 8, length, length, zip64));
            bytes.extend(body);
        }
        let mut seen = Vec::new();
        let mut scanner = Scanner::new();
        for chunk in bytes.chunks(cut) {
            scanner.feed(chunk, &mut |piece| {
                if let Piece::Spool(bytes) | Piece::Body(bytes) = piece {
                    seen.extend_from_slice(bytes);
                }
                Ok::<(), std::convert::Infallible>(())
            }).unwrap();
        }
        proptest::prop_assert_eq!(seen, bytes);
    }
}
