//! The one place where a length in memory becomes a number in a file.
//!
//! `as` is denied in this crate because it cuts silently; this widening cannot cut, and saying so once keeps the
//! callers readable.

/// A length in memory as the 64-bit number that files and limits use.
pub(crate) const fn wide(length: usize) -> u64 {
    #[expect(
        clippy::as_conversions,
        reason = "usize is at most 64 bits on every target Rust has"
    )]
    let wide = length as u64;
    wide
}
