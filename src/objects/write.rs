//! Putting a file: hashed, sent, named.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use api::digest::Digest;
use bytes::Bytes;
use futures::TryStreamExt as _;
use futures::stream::FuturesUnordered;
use object_store::{MultipartUpload, ObjectStoreExt as _, PutMode, PutOptions, PutPayload};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt;

use super::error::{Error, Result};
use super::local;
use super::open::Objects;
use crate::clock::{Clock as _, SystemClock};

/// Bytes read at a time.
const CHUNK_BYTES: usize = 1 << 20;
/// Larger files go in parts.
const WHOLE_MAX_BYTES: u64 = 16 << 20;
/// Smallest part; a file has at most 9 000 (providers allow 10 000).
const PART_MIN_BYTES: u64 = 16 << 20;
const PARTS_MAX: u64 = 9_000;
/// How often a put is repeated, and milliseconds before the first time; doubles with each further one.
const PUTS: u32 = 3;
const PUT_AGAIN_MS: u64 = 200;
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

    /// Puts until the object is there, a few times. The library repeats each request; here the whole is repeated, since a
    /// create whose answer was lost, or an upload in parts that the store forgot, is a refusal that the next look heals.
    async fn put_remote(&self, path: &Path, hashed: &Stored) -> Result<bool> {
        let clock = SystemClock::new();
        let mut tries = 0;
        loop {
            // Also after a failure: it may have happened, and only its answer was lost.
            if let Some(found_bytes) = self.size_bytes(hashed.digest).await? {
                return same_length(hashed, found_bytes).map(|()| tries == 0);
            }
            let put = if hashed.size_bytes <= WHOLE_MAX_BYTES {
                self.put_whole(path, hashed).await
            } else {
                self.put_parts(path, hashed).await.map(|()| false)
            };
            match put {
                Err(error @ Error::Backend { .. }) if tries < PUTS => {
                    tracing::debug!(digest = %hashed.digest, %error, "a put failed and is repeated");
                    clock.sleep(PUT_AGAIN_MS << tries).await;
                    tries += 1;
                }
                done => return done,
            }
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
            Err(object_store::Error::AlreadyExists { .. }) => {
                let found_bytes = self.size_bytes(hashed.digest).await?;
                same_length(hashed, found_bytes.unwrap_or(hashed.size_bytes)).map(|()| true)
            }
            Err(source) => Err(Error::backend("put", hashed.digest, source)),
        }
    }

    /// Providers know no "create" for parts; overwriting is harmless, since the name says what the bytes are. What fails
    /// is aborted, so that its parts do not stay; those of a killed process go by the bucket's lifecycle rule.
    async fn put_parts(&self, path: &Path, hashed: &Stored) -> Result<()> {
        let part_bytes = PART_MIN_BYTES.max(hashed.size_bytes.div_ceil(PARTS_MAX));
        let mut upload = self
            .backend
            .put_multipart(&self.location(hashed.digest))
            .await
            .map_err(|source| Error::backend("put", hashed.digest, source))?;
        let sent = async {
            send_parts(path, hashed, part_bytes, upload.as_mut()).await?;
            let completed = upload.complete().await;
            completed.map_err(|source| Error::backend("put", hashed.digest, source))
        }
        .await;
        let Err(error) = sent else { return Ok(()) };
        // A completion whose answer was lost, and whose repetition finds nothing to complete.
        if matches!(self.size_bytes(hashed.digest).await, Ok(Some(found)) if found == hashed.size_bytes)
        {
            return Ok(());
        }
        if let Err(why) = upload.abort().await {
            tracing::warn!(digest = %hashed.digest, error = %why, "cannot abort an upload in parts");
        }
        Err(error)
    }
}

/// Reads and sends part after part, a few at once.
async fn send_parts(
    path: &Path,
    hashed: &Stored,
    part_bytes: u64,
    upload: &mut dyn MultipartUpload,
) -> Result<()> {
    let mut file = tokio::fs::File::open(path)
        .await
        .map_err(local::io("read", path))?;
    let failed = |source| Error::backend("put", hashed.digest, source);
    let mut sending = FuturesUnordered::new();
    let mut left_bytes = hashed.size_bytes;
    while left_bytes > 0 {
        if sending.len() == PARTS_AT_ONCE {
            sending.try_next().await.map_err(failed)?;
        }
        let length = part_bytes.min(left_bytes);
        let mut part = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
        let read = file.read_exact(&mut part).await;
        read.map_err(local::io("read", path))?;
        sending.push(upload.put_part(PutPayload::from(part)));
        left_bytes -= length;
    }
    while sending.try_next().await.map_err(failed)?.is_some() {}
    Ok(())
}

/// An object that is there must be as long as the file with its name.
fn same_length(hashed: &Stored, found_bytes: u64) -> Result<()> {
    if found_bytes == hashed.size_bytes {
        return Ok(());
    }
    Err(Error::WrongLength {
        digest: hashed.digest,
        expected_bytes: hashed.size_bytes,
        found_bytes,
    })
}

/// Reads the file once: CRC-32, length and, unless known, SHA-256.
pub(super) fn hash(path: &Path, known: Option<Digest>) -> Result<Stored> {
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
