//! Records that lie: entries, streams, overlaps, end records.

use super::attempt::*;
use crate::limits::Limits;
use crate::package::tests::made::{self, Entry, stored};

#[test]
fn entries_that_lie_are_refused() {
    type Lie = fn(&mut Entry);
    let rows: [(usize, Lie, &str); 13] = [
        (
            WEIGHTS,
            |entry| entry.crc32 ^= 1,
            "its content does not have the CRC-32 of its headers",
        ),
        (
            MODEL,
            |entry| entry.crc32 ^= 1,
            "its content does not have the CRC-32 of its headers",
        ),
        (
            WEIGHTS,
            |entry| (entry.unpacked, entry.local_unpacked) = (4_999, 4_999),
            "more bytes come out than its headers say",
        ),
        (
            WEIGHTS,
            |entry| (entry.unpacked, entry.local_unpacked) = (5_001, 5_001),
            "fewer bytes come out than its headers say",
        ),
        (
            WEIGHTS,
            |entry| entry.unpacked = 4_999,
            "its header has other sizes or another CRC-32 than the directory",
        ),
        (
            WEIGHTS,
            |entry| entry.directory_name[0] = b'M',
            "its header has another name than the directory",
        ),
        (
            MODEL,
            |entry| (entry.unpacked, entry.local_unpacked) = (3, 3),
            "it is stored, but its two sizes differ",
        ),
        (
            WEIGHTS,
            |entry| entry.packed = 0x7fff_ffff,
            "its data goes beyond the file",
        ),
        (
            WEIGHTS,
            |entry| entry.flags = 8,
            "its data descriptor is missing or contradicts the directory",
        ),
        (
            WEIGHTS,
            |entry| (entry.flags, entry.descriptor) = (8, vec![7; 16]),
            "its data descriptor is missing or contradicts the directory",
        ),
        (
            WEIGHTS,
            |entry| entry.extra = vec![1, 0, 200, 0, 1],
            "its extra field is longer than its space",
        ),
        (
            WEIGHTS,
            |entry| entry.data.truncate(3),
            "its data goes beyond the file",
        ),
        (WEIGHTS, |entry| entry.data[2] ^= 0xff, ""),
    ];
    for (index, lie, why) in rows {
        let error = refused(&changed(|entries| lie(&mut entries[index])));
        // Shortened data makes later entries overlap or leave a gap; which is seen first does not matter.
        let structural =
            error.starts_with("overlapping zip entries") || error.starts_with("bad zip: byte");
        assert!(
            error.ends_with(why) && error.starts_with("bad zip entry: ") || structural,
            "{why}: {error}"
        );
    }
}

#[test]
fn deflate_streams_end_where_their_data_ends() {
    let cut = changed(|entries| {
        let entry = &mut entries[WEIGHTS];
        entry.data.truncate(entry.data.len() - 2);
        entry.packed -= 2;
    });
    assert!(refused(&cut).ends_with("its deflate stream is cut"));
    let trailing = changed(|entries| {
        entries[WEIGHTS].data.extend([0; 10]);
        entries[WEIGHTS].packed += 10;
    });
    assert!(refused(&trailing).ends_with("there is data behind the end of its deflate stream"));
}

#[test]
fn overlaps_and_gaps_are_refused() {
    let shared = changed(|entries| {
        let copy = Entry {
            header_at: Some(0),
            data: Vec::new(),
            ..entries[MODEL].clone()
        };
        entries.push(Entry {
            directory_name: b"Net.mlpackage/copy".to_vec(),
            ..copy
        });
    });
    assert!(
        refused(&shared).starts_with(
            "overlapping zip entries: Net.mlpackage/copy: its bytes are also those of "
        )
    );
    // A stored entry that holds the next one's header.
    let quoted = changed(|entries| {
        let length = u32::try_from(100).unwrap();
        (
            entries[MODEL].packed,
            entries[MODEL].unpacked,
            entries[MODEL].local_unpacked,
        ) = (length, length, length);
    });
    assert!(refused(&quoted).starts_with("overlapping zip entries: "));
    let gap = changed(|entries| entries[MODEL].descriptor = vec![0; 9]);
    assert!(refused(&gap).ends_with("there are bytes that belong to no entry"));
}

#[test]
fn end_records_that_lie_are_refused() {
    let zip = |lie: fn(&mut made::End)| made::zip_with(&made::entries(TOP), lie);
    let locator = |at: u64, disks: u32| {
        let mut bytes = Vec::new();
        made::put(
            &mut bytes,
            &[
                b"PK\x06\x07",
                &[0; 4],
                &at.to_le_bytes(),
                &disks.to_le_bytes(),
            ],
        );
        bytes
    };
    let rows = [
        (
            zip(|end| (end.here, end.entries) = (60_000, 60_000)),
            "too many entries in the archive: ",
        ),
        (
            zip(|end| (end.here, end.entries) = (5, 5)),
            "bad zip: byte ",
        ),
        (
            zip(|end| (end.here, end.entries) = (3, 3)),
            "bad zip: byte ",
        ),
        (zip(|end| end.here = 3), "bad zip: byte "),
        (zip(|end| end.at += 1), "bad zip: byte "),
        (zip(|end| end.at = u32::MAX), "bad zip: byte "),
        (zip(|end| end.bytes -= 1), "bad zip: byte "),
        (zip(|end| end.before = vec![0; 7]), "bad zip: byte "),
        (
            zip(|end| end.disk = 1),
            "unsupported zip: the end record: it is on disk 1",
        ),
        (
            made::zip_with(&made::entries(TOP), |end| end.before = locator(1 << 62, 1)),
            "bad zip: byte ",
        ),
        (
            made::zip_with(&made::entries(TOP), |end| end.before = locator(0, 1)),
            "bad zip: byte ",
        ),
        (
            made::zip_with(&made::entries(TOP), |end| end.before = locator(0, 2)),
            "unsupported zip: the zip64 locator: it is for disk 2",
        ),
        (
            [&made::zip(&made::entries(TOP))[..], b"trailing"].concat(),
            "bad zip: byte ",
        ),
        (
            [
                &made::zip(&made::entries(TOP))[..],
                &made::zip(&made::entries(TOP)),
            ]
            .concat(),
            "bad zip: byte ",
        ),
        (made::zip(&[]), "no package in the zip: "),
        (
            made::zip(&[stored("readme.txt", b"x")]),
            "no package in the zip: ",
        ),
    ];
    for (zip, message) in rows {
        let error = refused(&zip);
        assert!(error.starts_with(message), "{message}: {error}");
    }
    // A comment is in order; one that could be an end record itself is not.
    let comment = made::zip_with(&made::entries(TOP), |end| {
        end.comment = b"PK\x05\x06 a comment of some length".to_vec();
    });
    assert!(unpack_bytes(&comment, &Limits::default()).is_ok());
    let two_ends = made::zip_with(&made::entries(TOP), |end| end.comment = made::zip(&[]));
    assert!(refused(&two_ends).ends_with("there are two end records"));
}
