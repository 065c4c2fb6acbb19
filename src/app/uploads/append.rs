//! Appending: the bytes of one request become pieces.
//!
//! The lock passes within seconds when no bytes come, so a dead connection keeps nobody out; one who lost the lock cannot
//! count pieces any more. The writing is a task of its own: when the client hangs up, what came is kept.

use std::sync::Arc;

use api::digest::Digest;
use api::ids::UploadId;
use api::tokens::Scope;
use api::uploads::{Upload, UploadState};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::finish::{finish, refusal};
use crate::app::access::Caller;
use crate::app::error::{Error, Result};
use crate::app::service::App;
use crate::app::upload::Stop;
use crate::store::{UploadLock, UploadPart};
use crate::telemetry::UPLOAD_BYTES;

/// Bytes of a piece; the last one of a request is shorter.
const PART_BYTES: usize = 4 << 20;
/// How long the lock holds without bytes coming, and after how long it is moved on.
pub(super) const LOCK_MS: i64 = 10_000;
const KEEP_MS: u64 = 3_000;

/// What the bytes of one request should sum up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checksum {
    /// SHA-1, which the protocol demands.
    Sha1([u8; 20]),
    /// SHA-256.
    Sha256([u8; 32]),
}

/// Appends bytes at `offset_bytes`; with the last one the upload becomes a revision. A request without bytes at the end
/// tries the latter again.
///
/// # Errors
/// [`Error::NotFound`], [`Error::WrongOffset`], [`Error::Locked`], [`Error::ChecksumMismatch`] (then none of the bytes
/// count), [`Error::TooLarge`], and at the end what every upload may be refused for.
pub async fn append<S>(
    app: &Arc<App>,
    caller: &Caller,
    id: UploadId,
    offset_bytes: u64,
    checksum: Option<Checksum>,
    chunks: S,
) -> Result<Upload>
where
    S: Stream<Item = std::result::Result<Bytes, Stop>> + Send + Unpin + 'static,
{
    caller.need(Scope::Writer)?;
    let seen = super::get(app, caller, id).await?.upload;
    check(&seen, offset_bytes)?;
    let Ok(place) = Arc::clone(&app.uploads).try_acquire_owned() else {
        return Err(Error::Unavailable {
            detail: "too many uploads at once",
            retry_after_s: 10,
        });
    };
    let lock = UploadLock {
        upload_id: id,
        lock_id: app.ids.uuid(),
    };
    let now = app.store.now(app.clock.as_ref()).await?;
    let locked = app.store.lock_upload(now, now.plus_ms(LOCK_MS), lock).await;
    let upload = locked.map_err(Error::about_upload)?.upload;
    let for_task = Arc::clone(app);
    let caller = *caller;
    let written = app.tasks.spawn(async move {
        let _place = place;
        let app = for_task;
        let written = write(&app, lock, upload, offset_bytes, checksum, chunks).await;
        // Also when it failed. That this fails is no loss: the lock passes by itself.
        if let Err(error) = app.store.keep_upload_lock(lock, now).await {
            tracing::warn!(upload_id = %id, %error, "cannot let go of an upload");
        }
        written?;
        Ok(super::get(&app, &caller, id).await?.upload)
    });
    written
        .await
        .map_err(|error| Error::internal("receiving a piece of an upload", error))?
}

/// Whether the request begins where the upload stands.
fn check(upload: &Upload, offset_bytes: u64) -> Result<()> {
    if let Some(error) = &upload.error {
        return Err(refusal(error));
    }
    if upload.offset_bytes != offset_bytes {
        return Err(Error::WrongOffset {
            expected: upload.offset_bytes,
            found: offset_bytes,
        });
    }
    Ok(())
}

async fn write<S>(
    app: &App,
    lock: UploadLock,
    upload: Upload,
    offset_bytes: u64,
    checksum: Option<Checksum>,
    chunks: S,
) -> Result<()>
where
    S: Stream<Item = std::result::Result<Bytes, Stop>> + Send + Unpin + 'static,
{
    check(&upload, offset_bytes)?;
    if upload.state == UploadState::Done {
        return Ok(());
    }
    let mut writer = Writer {
        app,
        lock,
        left_bytes: upload.size_bytes.saturating_sub(offset_bytes),
        offset_bytes,
        buffer: BytesMut::new(),
        waiting: Vec::new(),
        sum: checksum.as_ref().map(Sum::new),
        kept_ns: app.clock.monotonic_ns(),
    };
    writer.take_all(chunks).await?;
    if writer.left_bytes == 0 {
        finish(app, lock, &upload).await?;
    }
    Ok(())
}

/// What the bytes sum up to so far, and should at the end.
enum Sum {
    Sha1(Sha1, [u8; 20]),
    Sha256(Sha256, [u8; 32]),
}

impl Sum {
    fn new(checksum: &Checksum) -> Self {
        match checksum {
            Checksum::Sha1(wanted) => Self::Sha1(Sha1::new(), *wanted),
            Checksum::Sha256(wanted) => Self::Sha256(Sha256::new(), *wanted),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hash, _) => hash.update(bytes),
            Self::Sha256(hash, _) => hash.update(bytes),
        }
    }

    fn matches(self) -> bool {
        match self {
            Self::Sha1(hash, wanted) => <[u8; 20]>::from(hash.finalize()) == wanted,
            Self::Sha256(hash, wanted) => <[u8; 32]>::from(hash.finalize()) == wanted,
        }
    }
}

/// One request on its way into the store.
struct Writer<'a> {
    app: &'a App,
    lock: UploadLock,
    /// Bytes that the upload may still take.
    left_bytes: u64,
    /// Where the buffer begins.
    offset_bytes: u64,
    buffer: BytesMut,
    /// Pieces that are stored and do not count yet.
    waiting: Vec<UploadPart>,
    sum: Option<Sum>,
    kept_ns: u64,
}

impl Writer<'_> {
    async fn take_all<S>(&mut self, mut chunks: S) -> Result<()>
    where
        S: Stream<Item = std::result::Result<Bytes, Stop>> + Send + Unpin,
    {
        let stopped = loop {
            let next = tokio::select! {
                next = chunks.next() => next,
                () = self.app.stopping.cancelled() => Some(Err(Stop::BrokenOff)),
            };
            match next {
                Some(Ok(bytes)) => self.take(bytes).await?,
                Some(Err(stop)) => break Some(stop),
                None => break None,
            }
        };
        match (stopped, self.sum.take()) {
            // What nobody can check does not count; the client sends it again.
            (Some(stop), Some(_)) => return Err(stop.into()),
            (None, Some(sum)) => {
                if !sum.matches() {
                    return Err(Error::ChecksumMismatch);
                }
            }
            (Some(_) | None, None) => {}
        }
        self.store().await?;
        self.count().await?;
        stopped.map_or(Ok(()), |stop| Err(stop.into()))
    }

    async fn take(&mut self, mut bytes: Bytes) -> Result<()> {
        let length = bytes.len() as u64;
        if length > self.left_bytes {
            return Err(Error::TooLarge {
                limit_bytes: self.offset_bytes + self.buffer.len() as u64 + self.left_bytes,
            });
        }
        self.left_bytes -= length;
        metrics::counter!(UPLOAD_BYTES).increment(length);
        if let Some(sum) = &mut self.sum {
            sum.update(&bytes);
        }
        while !bytes.is_empty() {
            let room = PART_BYTES.saturating_sub(self.buffer.len());
            self.buffer
                .extend_from_slice(&bytes.split_to(room.min(bytes.len())));
            if self.buffer.len() >= PART_BYTES {
                self.store().await?;
                if self.sum.is_none() {
                    self.count().await?;
                }
            }
        }
        self.keep().await
    }

    /// Moves the lock on, when it is time.
    async fn keep(&mut self) -> Result<()> {
        let now_ns = self.app.clock.monotonic_ns();
        if now_ns.saturating_sub(self.kept_ns) < KEEP_MS * 1_000_000 {
            return Ok(());
        }
        self.kept_ns = now_ns;
        if !self
            .app
            .store
            .keep_upload_lock(self.lock, self.until().await?)
            .await?
        {
            return Err(Error::Locked);
        }
        Ok(())
    }

    async fn until(&self) -> Result<api::time::Time> {
        let now = self.app.store.now(self.app.clock.as_ref()).await?;
        Ok(now.plus_ms(LOCK_MS))
    }

    /// Stores the buffer as a piece.
    async fn store(&mut self) -> Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.buffer).freeze();
        let size_bytes = bytes.len() as u64;
        let sha256: Digest = self
            .app
            .objects
            .put_part(self.lock.upload_id, bytes)
            .await?;
        self.waiting.push(UploadPart {
            offset_bytes: self.offset_bytes,
            size_bytes,
            sha256,
        });
        self.offset_bytes += size_bytes;
        Ok(())
    }

    /// Counts the stored pieces.
    async fn count(&mut self) -> Result<()> {
        let (until, parts) = (self.until().await?, std::mem::take(&mut self.waiting));
        let counted = self
            .app
            .store
            .add_upload_parts(self.lock, until, &parts)
            .await;
        counted.map_err(Error::about_upload)
    }
}
