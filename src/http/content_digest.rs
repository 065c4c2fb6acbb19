//! `Content-Digest` (RFC 9530): reading what a client promises about its body, writing what we promise about ours.
//!
//! Only `sha-256` is understood; members with other algorithms are ignored, as the RFC asks. It hashes nothing.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The field's value for a SHA-256: `sha-256=:…:`.
pub(crate) fn field(sha256: [u8; 32]) -> String {
    format!("sha-256=:{}:", encode(&sha256))
}

/// The SHA-256 that the field promises; `None` when it names only other algorithms.
///
/// # Errors
/// A phrase that says what is wrong with the field.
pub(crate) fn parse(value: &str) -> Result<Option<[u8; 32]>, &'static str> {
    let mut found = None;
    for member in value
        .split(',')
        .map(str::trim)
        .filter(|member| !member.is_empty())
    {
        let (algorithm, bytes) = member
            .split_once('=')
            .ok_or("a member is not `algorithm=:base64:`")?;
        if algorithm != "sha-256" {
            continue;
        }
        let base64 = bytes
            .strip_prefix(':')
            .and_then(|rest| rest.strip_suffix(':'))
            .ok_or("the bytes of `sha-256` do not stand between colons")?;
        let bytes = decode(base64).ok_or("the bytes of `sha-256` are not base64")?;
        found = Some(
            bytes
                .try_into()
                .map_err(|_bytes: Vec<u8>| "a SHA-256 has 32 bytes")?,
        );
    }
    Ok(found)
}

pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .fold(0u32, |word, byte| word << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let sextet = (word >> (18 - 6 * place) & 63) as usize;
            let letter = ALPHABET.get(sextet).copied().unwrap_or(b'=');
            text.push(if place > chunk.len() {
                '='
            } else {
                char::from(letter)
            });
        }
    }
    text
}

pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    if text.len() % 4 == 1 || text.len() > 64 {
        return None;
    }
    let (mut word, mut bits, mut bytes) = (0u32, 0u32, Vec::with_capacity(32));
    for letter in text.bytes() {
        let sextet = ALPHABET.iter().position(|known| *known == letter)?;
        word = word << 6 | u32::try_from(sextet).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((word >> bits & 0xff) as u8);
            word &= (1 << bits) - 1;
        }
    }
    Some(bytes)
}
