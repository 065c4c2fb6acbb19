//! Getting bytes: a range as a stream that is complete or ends in an error, and whole objects that are what their name says.
//!
//! A range cannot be compared with a hash of the whole; who asks for ranges compares what they make up.

use std::io::SeekFrom;
use std::ops::Range;
use std::path::{Path, PathBuf};

use api::digest::Digest;
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use object_store::{GetOptions, GetRange, ObjectStore};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio_util::io::ReaderStream;

use super::error::{Error, Result};
use super::local;
use super::open::Objects;
use super::write::blocking;
use crate::clock::{Clock as _, SystemClock};

/// Bytes of an object, in order. It holds exactly the range asked for, or ends in an error.
pub type ByteStream = BoxStream<'static, Result<Bytes>>;

/// Bytes read at a time from a local file.
const CHUNK_BYTES: usize = 256 << 10;
/// How often in a row a stream that breaks off without having brought anything is taken up again where it stopped.
const RESUMES: u32 = 5;
/// Milliseconds before the first of them; doubles with each further one.
const RESUME_MS: u64 = 100;

impl Objects {
    /// A range of an object.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such object; the stream ends in [`Error::WrongLength`] when it is shorter.
    pub async fn get_range(&self, digest: Digest, range: Range<u64>) -> Result<ByteStream> {
        match self.local_path(digest) {
            Some(path) => read_file(path, digest, range).await,
            None => Ok(exactly(
                self.read_remote(digest, range.clone()).await?,
                digest,
                range,
            )),
        }
    }

    /// A whole object. Its last bytes come only when all of them are those that the name promises.
    ///
    /// # Errors
    /// As [`Self::get_range`]; the stream ends in [`Error::Damaged`] when the bytes are others.
    pub async fn get(&self, digest: Digest, size_bytes: u64) -> Result<ByteStream> {
        Ok(verified(
            self.get_range(digest, 0..size_bytes).await?,
            digest,
        ))
    }

    /// Puts the object's bytes into a new file at `target`: a link where that is possible, so nobody may write to it. They
    /// are compared with their name on the way.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such object; [`Error::WrongLength`] and [`Error::Damaged`] when it is not what it
    /// should be; [`Error::Io`] when `target` exists or cannot be written. Then there is nothing of it at `target`.
    pub async fn fetch(&self, digest: Digest, size_bytes: u64, target: &Path) -> Result<()> {
        if let Some(object) = self.local_path(digest) {
            let target = target.to_owned();
            return blocking(move || local::fetch(&object, &target, digest, size_bytes)).await;
        }
        let file = tokio::fs::File::create_new(target)
            .await
            .map_err(local::io("write", target))?;
        let fetched = self.fill(digest, size_bytes, file, target).await;
        if fetched.is_err() {
            tokio::fs::remove_file(target)
                .await
                .map_err(local::io("remove", target))?;
        }
        fetched
    }

    async fn fill(
        &self,
        digest: Digest,
        size_bytes: u64,
        mut file: tokio::fs::File,
        target: &Path,
    ) -> Result<()> {
        let mut stream = self.get(digest, size_bytes).await?;
        while let Some(bytes) = stream.try_next().await? {
            file.write_all(&bytes)
                .await
                .map_err(local::io("write", target))?;
        }
        file.flush().await.map_err(local::io("write", target))
    }

    /// A range from a remote store; taken up again where a connection breaks off.
    async fn read_remote(&self, digest: Digest, range: Range<u64>) -> Result<ByteStream> {
        let location = self.location(digest);
        let backend = std::sync::Arc::clone(&self.backend);
        let open =
            async move |from: u64| -> Result<BoxStream<'static, object_store::Result<Bytes>>> {
                if from >= range.end {
                    return Ok(futures::stream::empty().boxed());
                }
                let options = GetOptions {
                    range: Some(GetRange::Bounded(from..range.end)),
                    ..GetOptions::default()
                };
                let got = backend
                    .get_opts(&location, options)
                    .await
                    .map_err(|why| Error::backend("get", digest, why))?;
                Ok(got.into_stream())
            };
        let mut position = range.start;
        let mut stream = open(position).await?;
        let clock = SystemClock::new();
        let resumed = async_stream::try_stream! {
            let mut idle = 0;
            loop {
                match stream.try_next().await {
                    Ok(Some(bytes)) => {
                        idle = 0;
                        position = position.saturating_add(u64::try_from(bytes.len()).unwrap_or(0));
                        yield bytes;
                    }
                    Ok(None) => break,
                    Err(why) if idle == RESUMES => Err(Error::backend("get", digest, why))?,
                    Err(why) => {
                        tracing::debug!(%digest, position, error = %why, "a read broke off and is taken up again");
                        clock.sleep(RESUME_MS << idle).await;
                        idle += 1;
                        stream = open(position).await?;
                    }
                }
            }
        };
        Ok(resumed.boxed())
    }
}

async fn read_file(path: PathBuf, digest: Digest, range: Range<u64>) -> Result<ByteStream> {
    let opened = tokio::fs::File::open(&path).await;
    let mut file = opened.map_err(|source| {
        let absent = source.kind() == std::io::ErrorKind::NotFound;
        if absent {
            Error::NotFound { digest }
        } else {
            local::io("read", &path)(source)
        }
    })?;
    if range.start > 0 {
        file.seek(SeekFrom::Start(range.start))
            .await
            .map_err(local::io("read", &path))?;
    }
    let wanted = file.take(range.end.saturating_sub(range.start));
    let stream = ReaderStream::with_capacity(wanted, CHUNK_BYTES)
        .map_err(move |source| local::io("read", &path)(source))
        .boxed();
    Ok(exactly(stream, digest, range))
}

/// Ends in an error when there were fewer bytes, or more.
fn exactly(mut stream: ByteStream, digest: Digest, range: Range<u64>) -> ByteStream {
    async_stream::try_stream! {
        let expected_bytes = range.end.saturating_sub(range.start);
        let mut found_bytes = 0_u64;
        while let Some(bytes) = stream.try_next().await? {
            found_bytes = found_bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(0));
            if found_bytes > expected_bytes {
                break;
            }
            yield bytes;
        }
        if found_bytes != expected_bytes {
            Err(Error::WrongLength { digest, expected_bytes, found_bytes })?;
        }
    }
    .boxed()
}

/// Keeps the last bytes back until all are known to be those that the name promises.
fn verified(mut stream: ByteStream, digest: Digest) -> ByteStream {
    async_stream::try_stream! {
        let mut hash = Sha256::new();
        let mut last: Option<Bytes> = None;
        while let Some(bytes) = stream.try_next().await? {
            hash.update(&bytes);
            if let Some(before) = last.replace(bytes) {
                yield before;
            }
        }
        let found = Digest(hash.finalize().into());
        if found != digest {
            Err(Error::Damaged { digest, found })?;
        }
        if let Some(bytes) = last {
            yield bytes;
        }
    }
    .boxed()
}
