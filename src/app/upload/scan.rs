//! Finds large stored entries in a zip while it arrives, so that their bytes are written once and not twice.
//!
//! A zip can be trusted only when its central directory, which stands at the end, has been read. The plain way is
//! therefore to spool the body and then copy every entry out of it: two writes of gigabytes. Weights do not
//! deflate and most writers store them, so this scanner walks the *local* headers as they pass by and says which
//! bytes are the body of a large stored entry. Those go straight into a file of their own, hashed on the way,
//! and leave a hole of the same length in the spool. Whether they were what they seemed is decided later, by the
//! reader of the central directory: a body counts only if the directory names exactly its place, length and CRC-32.
//!
//! Pure: it touches no file and trusts nothing. Whatever it does not understand goes to the spool, as do small
//! entries, deflated ones, and those whose length stands behind their bytes.

/// Smaller bodies are cheaper to copy out of the spool than to give a file.
pub(super) const LEAST_BODY_BYTES: u64 = 1 << 20;
const LOCAL_HEADER_BYTES: usize = 30;
const LOCAL_SIGNATURE: u32 = 0x0403_4b50;
const ZIP64_EXTRA: u16 = 1;
/// General purpose bits: 0 encrypted, 3 lengths follow the data, 5 patched data, 6 and 13 strong encryption.
const NOT_PLAIN: u16 = 1 | 1 << 3 | 1 << 5 | 1 << 6 | 1 << 13;

/// What to do with some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// They belong to the spool, at the present offset.
    Spool(&'a [u8]),
    /// A large body of so many bytes begins.
    Begin(u64),
    /// They belong to the body; the spool gets a hole.
    Body(&'a [u8]),
    /// The body is complete.
    End,
}

#[derive(Debug)]
enum State {
    /// Collecting a local header.
    Header,
    /// Collecting so many bytes of name and extra field.
    Names(usize),
    /// So many bytes of a body are still to come.
    Body { left: u64, large: bool },
    /// Not understood: all that follows is spooled.
    Rest,
}

/// Walks the local headers of a zip.
#[derive(Debug)]
pub(super) struct Scanner {
    state: State,
    head: Vec<u8>,
}

impl Scanner {
    /// At the first byte of a body.
    pub(super) fn new() -> Self {
        Self {
            state: State::Header,
            head: Vec::with_capacity(256),
        }
    }

    /// Takes the next bytes, however they were cut, and hands out pieces in order.
    ///
    /// # Errors
    /// Those of `sink`.
    pub(super) fn feed<'a, E>(
        &mut self,
        mut bytes: &'a [u8],
        sink: &mut impl FnMut(Piece<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        while !bytes.is_empty() {
            let appetite = usize::try_from(self.appetite()).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(appetite.min(bytes.len()));
            self.take(now, sink)?;
            bytes = later;
        }
        Ok(())
    }

    /// How many of the next bytes belong together; at least one.
    fn appetite(&self) -> u64 {
        match self.state {
            State::Header => LOCAL_HEADER_BYTES.saturating_sub(self.head.len()) as u64,
            State::Names(length) => {
                (LOCAL_HEADER_BYTES + length).saturating_sub(self.head.len()) as u64
            }
            State::Body { left, .. } => left,
            State::Rest => u64::MAX,
        }
    }

    fn take<'a, E>(
        &mut self,
        bytes: &'a [u8],
        sink: &mut impl FnMut(Piece<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        match self.state {
            State::Rest => sink(Piece::Spool(bytes)),
            State::Header => {
                sink(Piece::Spool(bytes))?;
                self.head.extend_from_slice(bytes);
                if self.head.len() == LOCAL_HEADER_BYTES {
                    self.state = match names_length(&self.head) {
                        Some(0) => return self.begin(sink),
                        Some(length) => State::Names(length),
                        None => State::Rest,
                    };
                }
                Ok(())
            }
            State::Names(length) => {
                sink(Piece::Spool(bytes))?;
                self.head.extend_from_slice(bytes);
                if self.head.len() == LOCAL_HEADER_BYTES + length {
                    self.begin(sink)
                } else {
                    Ok(())
                }
            }
            State::Body { left, large } => {
                sink(if large {
                    Piece::Body(bytes)
                } else {
                    Piece::Spool(bytes)
                })?;
                let left = left.saturating_sub(bytes.len() as u64);
                self.state = State::Body { left, large };
                if left > 0 {
                    Ok(())
                } else {
                    self.end(large, sink)
                }
            }
        }
    }

    fn begin<'a, E>(&mut self, sink: &mut impl FnMut(Piece<'a>) -> Result<(), E>) -> Result<(), E> {
        let Some(length) = body_length(&self.head) else {
            self.state = State::Rest;
            return Ok(());
        };
        let large = length.stored && length.bytes >= LEAST_BODY_BYTES;
        self.state = State::Body {
            left: length.bytes,
            large,
        };
        if large {
            sink(Piece::Begin(length.bytes))?;
        }
        if length.bytes == 0 {
            self.end(false, sink)
        } else {
            Ok(())
        }
    }

    fn end<'a, E>(
        &mut self,
        large: bool,
        sink: &mut impl FnMut(Piece<'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.state = State::Header;
        self.head.clear();
        if large { sink(Piece::End) } else { Ok(()) }
    }
}

/// The bytes between a local header and the next one.
struct BodyLength {
    bytes: u64,
    stored: bool,
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes
        .get(at..at + 2)?
        .try_into()
        .ok()
        .map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..at + 4)?
        .try_into()
        .ok()
        .map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes
        .get(at..at + 8)?
        .try_into()
        .ok()
        .map(u64::from_le_bytes)
}

/// Length of name and extra field; `None` where this is not a local header.
fn names_length(head: &[u8]) -> Option<usize> {
    (u32_at(head, 0)? == LOCAL_SIGNATURE)
        .then(|| Some(usize::from(u16_at(head, 26)?) + usize::from(u16_at(head, 28)?)))
        .flatten()
}

fn body_length(head: &[u8]) -> Option<BodyLength> {
    if u16_at(head, 6)? & NOT_PLAIN != 0 {
        return None;
    }
    let stored = u16_at(head, 8)? == 0;
    let (packed, plain) = (u32_at(head, 18)?, u32_at(head, 22)?);
    let (packed, plain) = if packed == u32::MAX || plain == u32::MAX {
        zip64_lengths(head.get(LOCAL_HEADER_BYTES + usize::from(u16_at(head, 26)?)..)?)?
    } else {
        (u64::from(packed), u64::from(plain))
    };
    (!stored || packed == plain).then_some(BodyLength {
        bytes: packed,
        stored,
    })
}

/// Compressed and plain length of the zip64 extra field, which in a local header has both.
fn zip64_lengths(mut extra: &[u8]) -> Option<(u64, u64)> {
    loop {
        let (id, length) = (u16_at(extra, 0)?, usize::from(u16_at(extra, 2)?));
        let field = extra.get(4..4 + length)?;
        if id == ZIP64_EXTRA {
            return Some((u64_at(field, 8)?, u64_at(field, 0)?));
        }
        extra = extra.get(4 + length..)?;
    }
}
