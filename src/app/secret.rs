//! The text of a token: `ca_`, 30 random letters of base62 (178 bits), and 6 letters of CRC-32 over them.
//!
//! The checksum lets a scanner tell a leaked token from a look-alike, and lets us refuse a typing error without a
//! query. The text is shown once; what is kept is its SHA-256, unsalted, which suffices for that many random bits.

use sha2::{Digest as _, Sha256};

const PREFIX: &str = "ca_";
const RANDOM_LETTERS: usize = 30;
const CHECK_LETTERS: usize = 6;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A token's text. Its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new one; `random_byte` must be uniform and not to be guessed.
    pub fn mint(mut random_byte: impl FnMut() -> u8) -> Self {
        let mut letters = String::with_capacity(RANDOM_LETTERS);
        while letters.len() < RANDOM_LETTERS {
            let byte = random_byte();
            // 248 = 4 · 62: the bytes above would favour the first letters.
            if byte < 248 {
                letters.push(letter(u32::from(byte)));
            }
        }
        Self(format!("{PREFIX}{letters}{}", check_letters(&letters)))
    }

    /// Reads a token's text; `None` where form or checksum are wrong.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX)?;
        let form = rest.len() == RANDOM_LETTERS + CHECK_LETTERS
            && rest.bytes().all(|byte| BASE62.contains(&byte));
        let (letters, check) = form.then(|| rest.split_at(RANDOM_LETTERS))?;
        (check_letters(letters) == check).then(|| Self(text.to_owned()))
    }

    /// What is shown once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(ca_…)")
    }
}

fn letter(value: u32) -> char {
    BASE62
        .get((value % 62) as usize)
        .copied()
        .map_or('0', char::from)
}

fn check_letters(letters: &str) -> String {
    let mut value = crc32fast::hash(letters.as_bytes());
    let mut check = [' '; CHECK_LETTERS];
    for place in check.iter_mut().rev() {
        *place = letter(value);
        value /= 62;
    }
    check.iter().collect()
}
