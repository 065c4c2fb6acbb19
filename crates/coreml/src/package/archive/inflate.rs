//! The data of one entry, written out: no more bytes than were announced, and exactly those that the CRC-32 knows.
//!
//! Memory stays at a window of input and a buffer of output, however long the entry is. The sums of the bytes are
//! taken on the way, so that nobody has to read them again.

use std::io::Write;
use std::ops::Range;

use flate2::{Decompress, FlushDecompress, Status};

use super::verify::{Method, Packed};
use crate::error::{Error, Shown};
use crate::map::Mapped;
use crate::number::wide;
use crate::package::Sums;
use crate::package::file::RunningSums;

/// Input that is used between two releases of memory.
const WINDOW_BYTES: usize = 4 << 20;
const OUTPUT_BYTES: usize = 256 << 10;

/// Writes an entry's content to `out` and answers its sums.
pub(super) fn write(zip: &Mapped, entry: &Packed, out: &mut impl Write) -> Result<Sums, Error> {
    let mut content = Content {
        entry,
        out,
        written_bytes: 0,
        sums: RunningSums::default(),
    };
    match entry.method {
        Method::Stored => stored(zip, &mut content)?,
        Method::Deflate => deflated(zip, &mut content)?,
    }
    if content.written_bytes != entry.unpacked_bytes {
        return Err(content.lies("fewer bytes come out than its headers say"));
    }
    let sums = content.sums.finish();
    if sums.crc32 != entry.crc32 {
        return Err(Error::ZipEntry {
            place: Shown::from(&entry.path),
            why: "its content does not have the CRC-32 of its headers",
        });
    }
    Ok(sums)
}

/// What has come out so far.
struct Content<'a, W> {
    entry: &'a Packed,
    out: &'a mut W,
    written_bytes: u64,
    sums: RunningSums,
}

impl<W: Write> Content<'_, W> {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.written_bytes = self.written_bytes.saturating_add(wide(bytes.len()));
        if self.written_bytes > self.entry.unpacked_bytes {
            return Err(self.lies("more bytes come out than its headers say"));
        }
        self.sums.update(bytes);
        self.out
            .write_all(bytes)
            .map_err(Error::io("write", &self.entry.path))
    }

    fn lies(&self, why: &'static str) -> Error {
        Error::ZipEntry {
            place: Shown::from(&self.entry.path),
            why,
        }
    }
}

/// The windows of an entry's data, as ranges of the archive.
fn windows(data: &Range<u64>) -> impl Iterator<Item = Range<usize>> {
    let narrow = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let (begin, end) = (narrow(data.start), narrow(data.end));
    (begin..end)
        .step_by(WINDOW_BYTES)
        .map(move |at| at..at.saturating_add(WINDOW_BYTES).min(end))
}

fn stored<W: Write>(zip: &Mapped, content: &mut Content<'_, W>) -> Result<(), Error> {
    for window in windows(&content.entry.data) {
        content.push(zip.get(window.clone()).unwrap_or_default())?;
        zip.release(window);
    }
    Ok(())
}

fn deflated<W: Write>(zip: &Mapped, content: &mut Content<'_, W>) -> Result<(), Error> {
    let mut inflater = Decompress::new(false);
    let mut buffer = vec![0; OUTPUT_BYTES];
    let mut ended = false;
    for window in windows(&content.entry.data) {
        let mut input = zip.get(window.clone()).unwrap_or_default();
        while !input.is_empty() {
            if ended {
                return Err(content.lies("there is data behind the end of its deflate stream"));
            }
            let (read_before, written_before) = (inflater.total_in(), inflater.total_out());
            let status = inflater
                .decompress(input, &mut buffer, FlushDecompress::None)
                .map_err(|_broken| content.lies("its deflate stream is broken"))?;
            let read = usize::try_from(inflater.total_in().saturating_sub(read_before))
                .unwrap_or(usize::MAX);
            let written = usize::try_from(inflater.total_out().saturating_sub(written_before))
                .unwrap_or(usize::MAX);
            content.push(buffer.get(..written).unwrap_or_default())?;
            input = input.get(read..).unwrap_or_default();
            ended = status == Status::StreamEnd;
            if !ended && read == 0 && written == 0 {
                return Err(content.lies("its deflate stream is broken"));
            }
        }
        zip.release(window);
    }
    // The input is used up, but the last of the output may still be inside.
    while !ended {
        let written_before = inflater.total_out();
        let status = inflater
            .decompress(&[], &mut buffer, FlushDecompress::Finish)
            .map_err(|_broken| content.lies("its deflate stream is broken"))?;
        let written = usize::try_from(inflater.total_out().saturating_sub(written_before))
            .unwrap_or(usize::MAX);
        content.push(buffer.get(..written).unwrap_or_default())?;
        ended = status == Status::StreamEnd;
        if !ended && written == 0 {
            return Err(content.lies("its deflate stream is cut"));
        }
    }
    Ok(())
}
