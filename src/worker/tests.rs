//! What can be told without a database: how errors become the words of the API.

use api::jobs::Fault;
use api::problem::Code;

use super::failure::Failure;

#[test]
fn a_bad_package_is_the_users_and_is_not_tried_again() {
    let error = coreml::Error::NotAPackage {
        place: "x".into(),
        why: "it is not",
    };
    let Failure::Error(error) = Failure::from(error) else {
        panic!("stopped")
    };
    assert_eq!(
        (error.code, error.fault, error.retryable),
        (Code::BadPackage, Fault::User, false)
    );
}

#[test]
fn a_full_disk_is_ours_and_is_tried_again() {
    let Failure::Error(error) = Failure::disk("write", &std::io::Error::other("no space")) else {
        panic!("stopped")
    };
    assert_eq!(
        (error.code, error.fault, error.retryable),
        (Code::Internal, Fault::Service, true)
    );
}
