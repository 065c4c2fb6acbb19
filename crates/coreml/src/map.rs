//! Files as memory: the only `unsafe` of the workspace.
//!
//! A package is mapped and not read, so that memory does not grow with the model and two readers share pages. The
//! price is a promise that Rust cannot check: nobody changes or cuts a mapped file while it is mapped. Files that we
//! unpack lie in folders that only we know; a user's own package is theirs not to overwrite while a command runs.
//!
//! This file deliberately does not write through mappings, and hands out nothing but shared byte slices.

use std::fmt;
use std::fs::File;
use std::io;
use std::ops::{Deref, Range};
use std::sync::Arc;

use memmap2::{Mmap, UncheckedAdvice};

/// The bytes of a file, shared and immutable.
#[derive(Clone)]
pub struct Mapped(Arc<Bytes>);

enum Bytes {
    Map(Mmap),
    /// An empty file, which cannot be mapped, or bytes that never were a file.
    Memory(Vec<u8>),
}

impl Mapped {
    /// Maps the whole file.
    ///
    /// # Errors
    /// What the operating system says, for example that it is out of maps.
    pub fn map(file: &File) -> io::Result<Self> {
        if file.metadata()?.len() == 0 {
            return Ok(Self::from(Vec::new()));
        }
        // SAFETY: the mapping is read-only and handed out as shared slices only. That the file is not changed or cut
        // meanwhile is the contract of this module (see its docs): there is no way to have the kernel promise it.
        #[expect(unsafe_code, reason = "memory mapping; see the SAFETY comment")]
        let map = unsafe { Mmap::map(file)? };
        Ok(Self(Arc::new(Bytes::Map(map))))
    }

    /// Tells the kernel that these bytes will not be needed soon: they stop counting as resident memory and come back
    /// from the file when touched. Only whole pages inside the range go; bytes in memory stay.
    pub fn release(&self, range: Range<usize>) {
        let Bytes::Map(map) = &*self.0 else { return };
        let end = range.end.min(map.len());
        let Some(length) = end.checked_sub(range.start).filter(|&length| length > 0) else {
            return;
        };
        // SAFETY: the mapping is shared, read-only and of a file, so discarded pages are read from the file again,
        // with the same bytes; `DontNeed` loses data only in private or writable mappings.
        #[expect(unsafe_code, reason = "memory mapping; see the SAFETY comment")]
        let advised =
            unsafe { map.unchecked_advise_range(UncheckedAdvice::DontNeed, range.start, length) };
        // A kernel that does not take the advice keeps the pages, which is what it would have done without it.
        drop(advised);
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &*self.0 {
            Bytes::Map(map) => map,
            Bytes::Memory(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<Vec<u8>> for Mapped {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Bytes::Memory(bytes)))
    }
}

impl fmt::Debug for Mapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mapped({} bytes)", self.len())
    }
}
