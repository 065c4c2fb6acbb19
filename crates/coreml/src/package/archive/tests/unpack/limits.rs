//! Each limit has its own error.

use super::attempt::*;
use crate::error::Error;
use crate::limits::Limit;
use crate::limits::Limits;
use crate::number::wide;
use crate::package::tests::made::{self, deflated};

/// Sets one limit.
type Set = fn(&mut Limits, u64);

/// What passes at `enough` is refused one below it, with the limit's own error.
fn check_limit(zip: &[u8], set: Set, enough: u64, wanted: Limit) {
    let mut limits = Limits::default();
    set(&mut limits, enough);
    unpack_bytes(zip, &limits).unwrap();
    set(&mut limits, enough - 1);
    match unpack_bytes(zip, &limits) {
        Err(error @ Error::TooMuch { limit, .. }) if limit == wanted => {
            let key = format!("(limits.{})", wanted.key());
            assert!(error.to_string().ends_with(&key), "{error}");
        }
        other => panic!("{wanted:?}: {other:?}"),
    }
}

#[test]
fn each_limit_of_an_archive_has_its_own_error() {
    let total = made::files()
        .iter()
        .map(|(_, bytes)| wide(bytes.len()))
        .sum();
    let rows: [(Set, u64, Limit); 7] = [
        (
            |limits, most| limits.archive_entries = most,
            4,
            Limit::ArchiveEntries,
        ),
        (
            |limits, most| limits.archive_unpacked_bytes = most,
            total,
            Limit::ArchiveUnpackedBytes,
        ),
        (
            |limits, most| limits.package_bytes = most,
            total,
            Limit::PackageBytes,
        ),
        (
            |limits, most| limits.file_bytes = most,
            5_000,
            Limit::FileBytes,
        ),
        (
            |limits, most| limits.path_bytes = most,
            54,
            Limit::PathBytes,
        ),
        (|limits, most| limits.path_depth = most, 5, Limit::PathDepth),
        (
            |limits, most| limits.package_files = most,
            8,
            Limit::PackageFiles,
        ),
    ];
    for (set, enough, limit) in rows {
        check_limit(&made::zip(&made::entries(TOP)), set, enough, limit);
    }
    let zeros = deflated("Net.mlpackage/zeros", &vec![0; 100_000]);
    let ratio = u64::from(zeros.unpacked.div_ceil(zeros.packed));
    let zeros = with(zeros);
    let set_ratio: Set =
        |limits, most| (limits.archive_ratio, limits.archive_ratio_free_bytes) = (most, 0);
    check_limit(&zeros, set_ratio, ratio, Limit::ArchiveRatio);
    check_limit(
        &zeros,
        |limits, most| limits.archive_ratio_free_bytes = most,
        100_000,
        Limit::ArchiveRatio,
    );
}
