//! Putting a file: hashed, sent, named.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use api::digest::Digest;
use bytes::Bytes;
use object_store::{ObjectStoreExt, PutMode, PutOptions, PutPayload, WriteMultipart};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt;

use super::error::{Error, Result};
use super::local;
use super::open::Objects;

/// Bytes read at a time.
const CHUNK_BYTES: usize = 1 << 20;
/// Larger files go in parts.
const WHOLE_MAX_BYTES: u64 = 16 << 20;
/// Smallest part; a file has at most 9 000 (providers allow 10 000).
const PART_MIN_BYTES: u64 = 16 << 20;
const PARTS_MAX: u64 = 9_000;
/// Parts under way at once.
const PARTS_AT_ONCE: usize = 4;

/// A file that was stored: what a row of a revision's file needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// SHA-256: the object's name.
    pub digest: Digest,
    /// Its length.
    pub size_bytes: u64,
    /// CRC-32 as zip uses it.
    pub crc32: u32,
    /// Whether the store had it already.
    pub existed: bool,
}

impl Objects {
    /// Stores the file's bytes; when this returns they survive a power cut. The file must not change any more, also later:
    /// a local store may link to it. `known` is its SHA-256 where that was computed already (by whoever is trusted to).
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be read or the disk is full; [`Error::Backend`] when the store cannot be reached.
    pub async fn put_file(&self, path: &Path, known: Option<Digest>) -> Result<Stored> {
        let hashed = blocking({
            let path = path.to_owned();
            move || hash(&path, known)
        })
        .await?;
        let existed = match (&self.root, self.local_path(hashed.digest)) {
            (Some(root), Some(target)) => {
                let (root, source): (PathBuf, PathBuf) = (root.clone(), path.to_owned());
                blocking(move || {
                    local::store(&root, &source, &target, hashed.digest, hashed.size_bytes)
                })
                .await?
            }
            (None, _) | (_, None) => self.put_remote(path, &hashed).await?,
        };
        Ok(Stored { existed, ..hashed })
    }

    async fn put_remote(&self, path: &Path, hashed: &Stored) -> Result<bool> {
        if let Some(found_bytes) = self.size_bytes(hashed.digest).await? {
            return same_length(hashed, found_bytes);
        }
        if hashed.size_bytes <= WHOLE_MAX_BYTES {
            self.put_whole(path, hashed).await
        } else {
            self.put_parts(path, hashed).await.map(|()| false)
        }
    }

    async fn put_whole(&self, path: &Path, hashed: &Stored) -> Result<bool> {
        let bytes = Bytes::from(
            tokio::fs::read(path)
                .await
                .map_err(local::io("read", path))?,
        );
        let location = self.location(hashed.digest);
        let mode = PutOptions {
            mode: PutMode::Create,
            ..PutOptions::default()
        };
        match self
            .backend
            .put_opts(&location, PutPayload::from(bytes), mode)
            .await
        {
            Ok(_) => Ok(false),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(true),
            // A create whose answer was lost is not repeated by the library: look whether it happened.
            Err(source) => match self.size_bytes(hashed.digest).await? {
                Some(found_bytes) => same_length(hashed, found_bytes),
                None => Err(Error::backend("put", hashed.digest, source)),
            },
        }
    }

    /// Providers know no "create" for parts; overwriting is harmless, since the name says what the bytes are.
    async fn put_parts(&self, path: &Path, hashed: &Stored) -> Result<()> {
        let backend = |source| Error::backend("put", hashed.digest, source);
        let part_bytes = PART_MIN_BYTES.max(hashed.size_bytes.div_ceil(PARTS_MAX));
        let part_bytes = usize::try_from(part_bytes).unwrap_or(usize::MAX);
        let upload = self
            .backend
            .put_multipart(&self.location(hashed.digest))
            .await
            .map_err(backend)?;
        let mut writer = WriteMultipart::new_with_chunk_size(upload, part_bytes);
        let mut file = tokio::fs::File::open(path)
            .await
            .map_err(local::io("read", path))?;
        let mut buffer = vec![0; CHUNK_BYTES];
        loop {
            writer
                .wait_for_capacity(PARTS_AT_ONCE)
                .await
                .map_err(backend)?;
            let read = file
                .read(&mut buffer)
                .await
                .map_err(local::io("read", path))?;
            match buffer.get(..read) {
                Some(bytes) if read > 0 => writer.write(bytes),
                Some(_) | None => break,
            }
        }
        writer.finish().await.map(|_| ()).map_err(backend)
    }
}

/// An object that is there must be as long as the file with its name.
fn same_length(hashed: &Stored, found_bytes: u64) -> Result<bool> {
    if found_bytes == hashed.size_bytes {
        return Ok(true);
    }
    Err(Error::WrongLength {
        digest: hashed.digest,
        expected_bytes: hashed.size_bytes,
        found_bytes,
    })
}

/// Reads the file once: CRC-32, length and, unless known, SHA-256.
fn hash(path: &Path, known: Option<Digest>) -> Result<Stored> {
    let mut file = File::open(path).map_err(local::io("read", path))?;
    let mut sha256 = Sha256::new();
    let mut crc32 = crc32fast::Hasher::new();
    let mut size_bytes = 0_u64;
    let mut buffer = vec![0; CHUNK_BYTES];
    loop {
        let read = file.read(&mut buffer).map_err(local::io("read", path))?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        if known.is_none() {
            sha256.update(bytes);
        }
        crc32.update(bytes);
        size_bytes = size_bytes.saturating_add(u64::try_from(read).unwrap_or(0));
    }
    let digest = known.unwrap_or_else(|| Digest(sha256.finalize().into()));
    Ok(Stored {
        digest,
        size_bytes,
        crc32: crc32.finalize(),
        existed: false,
    })
}

/// Runs what blocks where that is allowed.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|source| {
            Err(Error::Backend {
                doing: "run a task",
                source: Box::new(source),
            })
        })
}
