//! What went wrong: RFC 9457 problem documents and the one enumeration of codes.
//!
//! Which status a code has is decided in the service's `http/problem.rs`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::words;

words! {
    /// Why something was refused or failed; stable, for programs.
    Code, "problem code" {
        /// The request is malformed.
        BadRequest = "bad_request",
        /// The package is malformed or hostile.
        BadPackage = "bad_package",
        /// The package or recipe is fine, but this version or this opset does not support it.
        Unsupported = "unsupported",
        /// The recipe is wrong.
        BadRecipe = "bad_recipe",
        /// The bytes received do not have the digest that was announced.
        DigestMismatch = "digest_mismatch",
        /// No token, or one that is not valid.
        Unauthenticated = "unauthenticated",
        /// The token does not allow this.
        Forbidden = "forbidden",
        /// There is no such thing, or it may not be seen.
        NotFound = "not_found",
        /// The path exists, the method does not.
        MethodNotAllowed = "method_not_allowed",
        /// The name is in use.
        NameTaken = "name_taken",
        /// An alias or an unfinished job holds it.
        InUse = "in_use",
        /// The lease ran out or was taken over; the write changed nothing.
        StaleLease = "stale_lease",
        /// The bytes do not begin where the upload stands.
        WrongOffset = "wrong_offset",
        /// Another connection writes to the upload.
        Locked = "locked",
        /// The bytes of this request are not those that its checksum promises.
        ChecksumMismatch = "checksum_mismatch",
        /// `If-Match` does not match.
        PreconditionFailed = "precondition_failed",
        /// Larger than a limit.
        TooLarge = "too_large",
        /// Neither a zip, nor a model, nor JSON where that was expected.
        UnsupportedMediaType = "unsupported_media_type",
        /// The idempotency key was used with another body.
        IdempotencyKeyReused = "idempotency_key_reused",
        /// The first request with this idempotency key is not finished.
        IdempotencyInFlight = "idempotency_in_flight",
        /// Too many requests.
        RateLimited = "rate_limited",
        /// Not now; try again.
        Unavailable = "unavailable",
        /// A fault of the service.
        Internal = "internal",
        /// Of jobs: out of time.
        Expired = "expired",
        /// Of jobs: three attempts lost their lease, so it is not tried again.
        Poison = "poison",
    }
}

/// An `application/problem+json` document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// A URI that names the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What and where, in one sentence.
    pub detail: String,
    /// The kind of problem for programs.
    pub code: Code,
    /// To quote when asking for help.
    pub request_id: String,
    /// The fields that were refused.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// A field that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// JSON pointer into the body (`/name`), or the name of a query parameter.
    pub pointer: String,
    /// Why.
    pub detail: String,
}
