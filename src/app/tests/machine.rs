//! A full disk is no bug, and a bug is no full disk.

use std::io;

use crate::app::Error;

#[test]
fn what_the_machine_lacks_is_unavailable_and_the_rest_is_internal() {
    // Linux: no space, read-only, no memory, too many open files of the process and of the machine.
    for number in [28, 30, 12, 24, 23] {
        let plain = io::Error::from_raw_os_error(number);
        let kept = tempfile::PersistError {
            error: plain,
            file: tempfile::NamedTempFile::new().unwrap(),
        };
        for error in [
            Error::internal("spooling", io::Error::from_raw_os_error(number)),
            Error::internal("spooling", kept),
        ] {
            assert!(
                matches!(error, Error::Unavailable { .. }),
                "{number} {error:?}"
            );
        }
    }
    let denied = Error::internal("spooling", io::Error::from_raw_os_error(13));
    assert!(matches!(denied, Error::Internal { .. }), "{denied:?}");
}
