//! The `Content-Digest` header of RFC 9530, SHA-256 only.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The header's value for these 32 bytes: `sha-256=:…:`.
pub fn content_digest(sha256: &[u8; 32]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(sha256))
}

/// The SHA-256 member of a header that may name several algorithms, in the form of [`content_digest`].
pub(crate) fn sha256_member(header: &str) -> Option<&str> {
    header
        .split(',')
        .map(str::trim)
        .find(|member| member.starts_with("sha-256=:") && member.ends_with(':'))
}
