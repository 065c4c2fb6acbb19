//! An upload on its way to the disk: the spool, and beside it the large bodies that [`Scanner`] took out.
//!
//! Every byte is written once and hashed while it is in the cache. Whatever happens, dropping it removes the folder.
//! Nothing is made durable here: an upload becomes visible only when its objects are, and they are synced before.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::scan::{Piece, Scanner};

/// How the folder of an upload begins.
const FOLDER_PREFIX: &str = "upload-";
/// How the spool is called; it may stand in error messages.
const SPOOL: &str = "upload";

/// An upload that is being received.
#[derive(Debug)]
pub(super) struct Spool {
    folder: TempDir,
    zip: File,
    scanner: Scanner,
    hole_bytes: u64,
    received_bytes: u64,
    body: Option<Body>,
    bodies: Vec<LargeBody>,
    whole: Option<Sha256>,
}

/// A large body on its way.
#[derive(Debug)]
struct Body {
    file: File,
    path: PathBuf,
    offset: u64,
    size_bytes: u64,
    sha256: Sha256,
    crc32: crc32fast::Hasher,
}

/// The body of a large stored entry, in a file of its own, if the archive's directory agrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LargeBody {
    /// Where its first byte stands in the archive.
    pub(super) offset: u64,
    pub(super) size_bytes: u64,
    pub(super) sha256: [u8; 32],
    pub(super) crc32: u32,
    pub(super) path: PathBuf,
}

/// What has arrived.
#[derive(Debug)]
pub(super) struct Received {
    /// Holds all files; dropping it removes them.
    pub(super) folder: TempDir,
    /// The archive with holes where the large bodies stood, or the `.mlmodel`.
    pub(super) path: PathBuf,
    pub(super) bodies: Vec<LargeBody>,
    /// SHA-256 of all bytes, where it was wanted.
    pub(super) sha256: Option<[u8; 32]>,
}

impl Spool {
    /// Begins in a new folder under `scratch`; hashes the whole where `promised` says that somebody will compare.
    pub(super) fn begin(scratch: &Path, promised: bool) -> io::Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix(FOLDER_PREFIX)
            .tempdir_in(scratch)?;
        let zip = File::create_new(folder.path().join(SPOOL))?;
        Ok(Self {
            folder,
            zip,
            scanner: Scanner::new(),
            hole_bytes: 0,
            received_bytes: 0,
            body: None,
            bodies: Vec::new(),
            whole: promised.then(Sha256::new),
        })
    }

    /// Takes the next bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(whole) = &mut self.whole {
            whole.update(bytes);
        }
        let mut scanner = std::mem::replace(&mut self.scanner, Scanner::new());
        let taken = scanner.feed(bytes, &mut |piece| self.take(&piece));
        self.scanner = scanner;
        taken
    }

    fn take(&mut self, piece: &Piece<'_>) -> io::Result<()> {
        match piece {
            Piece::Spool(bytes) => {
                if self.hole_bytes > 0 {
                    self.zip.seek(SeekFrom::Start(self.received_bytes))?;
                    self.hole_bytes = 0;
                }
                self.received_bytes += bytes.len() as u64;
                self.zip.write_all(bytes)
            }
            Piece::Begin(size_bytes) => {
                let path = self
                    .folder
                    .path()
                    .join(format!("body-{}", self.bodies.len()));
                self.body = Some(Body {
                    file: File::create_new(&path)?,
                    path,
                    offset: self.received_bytes,
                    size_bytes: *size_bytes,
                    sha256: Sha256::new(),
                    crc32: crc32fast::Hasher::new(),
                });
                Ok(())
            }
            Piece::Body(bytes) => {
                self.received_bytes += bytes.len() as u64;
                self.hole_bytes += bytes.len() as u64;
                self.body.as_mut().map_or(Ok(()), |body| body.write(bytes))
            }
            Piece::End => {
                self.bodies.extend(self.body.take().map(Body::finish));
                Ok(())
            }
        }
    }

    /// No more bytes will come.
    pub(super) fn finish(self) -> io::Result<Received> {
        // A hole at the end, of an archive that broke off in a body: the length must be the true one.
        self.zip.set_len(self.received_bytes)?;
        Ok(Received {
            path: self.folder.path().join(SPOOL),
            folder: self.folder,
            bodies: self.bodies,
            sha256: self.whole.map(|whole| whole.finalize().into()),
        })
    }
}

impl Body {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sha256.update(bytes);
        self.crc32.update(bytes);
        self.file.write_all(bytes)
    }

    fn finish(self) -> LargeBody {
        LargeBody {
            offset: self.offset,
            size_bytes: self.size_bytes,
            sha256: self.sha256.finalize().into(),
            crc32: self.crc32.finalize(),
            path: self.path,
        }
    }
}
