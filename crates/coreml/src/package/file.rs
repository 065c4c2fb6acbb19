//! One file of a package: its path, its bytes, and their sums.

use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

use super::Digest;
use crate::map::Mapped;
use crate::number::wide;

/// One file of a package.
#[derive(Clone, Debug)]
pub struct PackageFile {
    /// The path in the package, with `/` between its parts; for a `.mlmodel`, the file's name.
    pub path: String,
    /// What is in it.
    pub bytes: Mapped,
    sums: OnceLock<Sums>,
}

/// What is stored about a file besides its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sums {
    /// The name of its bytes.
    pub sha256: Digest,
    /// The sum that a zip has in its headers.
    pub crc32: u32,
}

/// Bytes that are hashed between two releases of memory.
const WINDOW_BYTES: usize = 4 << 20;

impl PackageFile {
    /// A file with this content.
    pub fn new(path: impl Into<String>, bytes: Mapped) -> Self {
        Self {
            path: path.into(),
            bytes,
            sums: OnceLock::new(),
        }
    }

    /// Takes sums that were computed while the file was written.
    pub(crate) fn know(&mut self, sums: Sums) {
        self.sums = OnceLock::from(sums);
    }

    /// Length of its content.
    pub fn size_bytes(&self) -> u64 {
        wide(self.bytes.len())
    }

    /// SHA-256 of its bytes; computed once.
    pub fn sha256(&self) -> Digest {
        self.sums().sha256
    }

    /// CRC-32 of its bytes, as zip has it; computed once, together with [`Self::sha256`].
    pub fn crc32(&self) -> u32 {
        self.sums().crc32
    }

    /// Both sums, in one pass whose resident memory does not grow with the file.
    pub fn sums(&self) -> Sums {
        *self.sums.get_or_init(|| {
            let mut running = RunningSums::default();
            let mut start = 0_usize;
            for window in self.bytes.chunks(WINDOW_BYTES) {
                running.update(window);
                let end = start.saturating_add(window.len());
                self.bytes.release(start..end);
                start = end;
            }
            running.finish()
        })
    }
}

/// Both sums of bytes that come in pieces.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunningSums {
    sha256: Sha256,
    crc32: crc32fast::Hasher,
}

impl RunningSums {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.crc32.update(bytes);
    }

    pub(crate) fn finish(self) -> Sums {
        Sums {
            sha256: Digest(self.sha256.finalize().into()),
            crc32: self.crc32.finalize(),
        }
    }
}
