//! Random changes never panic and leave nothing.

use proptest::prelude::*;

use super::attempt::*;
use crate::limits::Limits;
use crate::package::tests::made::{self};

proptest! {
    /// One changed byte either does not matter or is noticed; it never changes what comes out.
    #[test]
    fn one_changed_byte_never_changes_the_files(at in any::<prop::sample::Index>(), flip in 1_u8..) {
        let mut zip = made::zip(&made::entries(TOP));
        let at = at.index(zip.len());
        zip[at] ^= flip;
        if let Ok((_, files)) = unpack_bytes(&zip, &Limits::default()) {
            prop_assert_eq!(files, owned(&made::files()));
        }
    }

    /// Pieces of an archive in any order are refused or unpacked, never a panic, and a refusal leaves nothing.
    #[test]
    fn shuffled_archives_never_panic(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..6),
        noise in prop::collection::vec(any::<u8>(), 0..40),
        keep_end in any::<bool>(),
    ) {
        let good = made::zip(&made::entries(TOP));
        let mut zip = Vec::new();
        for (a, b) in cuts {
            let (a, b) = (a.index(good.len()), b.index(good.len()));
            zip.extend_from_slice(&good[a.min(b)..a.max(b)]);
            zip.extend_from_slice(&noise);
        }
        if keep_end {
            zip.extend_from_slice(&good[good.len() - 22..]);
        }
        if let Ok((_, files)) = unpack_bytes(&zip, &Limits::default()) {
            prop_assert_eq!(files, owned(&made::files()));
        }
    }
}
