//! What this machine lacks: a failure that is nobody's bug and passes when there is room again.

use std::error::Error;
use std::io::{self, ErrorKind};

/// Too many open files, of this process and of the machine (Linux and macOS agree).
const NO_DESCRIPTOR: [i32; 2] = [24, 23];

/// Whether somewhere behind an error the disk was full or read-only, or no memory or file descriptor was left.
pub(super) fn lacks_room(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.downcast_ref::<io::Error>().is_some_and(says_so) {
            return true;
        }
        next = error.source();
    }
    false
}

fn says_so(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull
            | ErrorKind::QuotaExceeded
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::OutOfMemory
    ) || error
        .raw_os_error()
        .is_some_and(|number| NO_DESCRIPTOR.contains(&number))
}
