//! Receiving: count, spool, verify, store.
//!
//! The async side only counts and hands over; one blocking thread writes and hashes, so that network and disk work side
//! by side. How many passes: weights that are stored in the zip (most are, they do not deflate) are written once, to
//! the file that becomes the object by a hard link; everything else is small and written twice, once packed and once
//! unpacked. What is refused, or breaks off, is removed with its folder; rows and objects come last.

use std::path::Path;
use std::sync::Arc;

use api::digest::Digest;
use api::ids::{ModelId, RevisionId};
use api::inspection::Inspection;
use api::revisions::{Revision, Tags};
use api::tokens::Scope;
use bytes::Bytes;
use coreml::package::archive::SetAside;
use coreml::package::{Package, Sums, TELLING_BYTES, begins_like_a_package};
use futures::{Stream, StreamExt as _};
use tokio::sync::mpsc;

use super::order::{Order, Stop};
use super::spool::{LargeBody, Received, Spool};
use crate::app::access::Caller;
use crate::app::blocking::run_blocking;
use crate::app::error::{Error, Result};
use crate::app::models::{self, ModelRef};
use crate::app::service::{App, Settings};
use crate::app::{inspections, packages};
use crate::store::NewRevision;
use crate::telemetry::UPLOAD_BYTES;

/// Chunks between network and disk; one has at most a few hundred kilobytes.
const CHUNKS: usize = 16;

/// Receives a package as a new revision of a model; `false` when the model has it already.
///
/// # Errors
/// [`Error::TooLarge`], [`Error::DigestMismatch`], [`Error::UnsupportedMediaType`], [`Error::BadPackage`],
/// [`Error::Unsupported`], and what every write may fail with. Then nothing is left.
pub async fn receive<S>(
    app: &Arc<App>,
    caller: &Caller,
    model: &ModelRef,
    order: Order,
    chunks: S,
) -> Result<(Revision, bool)>
where
    S: Stream<Item = std::result::Result<Bytes, Stop>> + Send + Unpin,
{
    caller.need(Scope::Writer)?;
    let model_id = models::find(app, caller, model).await?.model.id;
    let limit_bytes = app.settings.upload_bytes;
    if order
        .announced_bytes
        .is_some_and(|bytes| bytes > limit_bytes)
    {
        return Err(Error::TooLarge { limit_bytes });
    }
    let Ok(_place) = app.uploads.try_acquire() else {
        return Err(Error::Unavailable {
            detail: "too many uploads at once",
            retry_after_s: 10,
        });
    };
    let received = spool(app, order.promised_sha256.is_some(), chunks).await?;
    verify(order.promised_sha256, &received)?;
    // From here on a client that hangs up changes nothing: the upload is whole, and half-stored is no state.
    let for_task = Arc::clone(app);
    let stored = app
        .tasks
        .spawn(async move { keep(&for_task, model_id, order.tags, received).await });
    stored
        .await
        .map_err(|error| Error::internal("storing an upload", error))?
}

/// Stores a package whose bytes are all there as a new revision of a model; `false` when the model has it already.
///
/// # Errors
/// As [`receive`]. Then nothing is left.
pub(in crate::app) async fn store_whole<S, E>(
    app: &App,
    model_id: ModelId,
    tags: Tags,
    promised_sha256: Option<[u8; 32]>,
    chunks: S,
) -> Result<(Revision, bool)>
where
    S: Stream<Item = std::result::Result<Bytes, E>> + Send + Unpin,
    E: Into<Error> + Send,
{
    let received = spool(app, promised_sha256.is_some(), chunks).await?;
    verify(promised_sha256, &received)?;
    keep(app, model_id, tags, received).await
}

/// Compares what arrived with what was promised.
fn verify(promised: Option<[u8; 32]>, received: &Received) -> Result<()> {
    let hex = |digest| coreml::package::Digest(digest).hex();
    match (promised, received.sha256) {
        (Some(promised), Some(found)) if promised != found => Err(Error::DigestMismatch {
            promised: hex(promised),
            found: hex(found),
        }),
        (Some(_) | None, Some(_) | None) => Ok(()),
    }
}

/// Writes the stream to the disk.
async fn spool<S, E>(app: &App, promised: bool, mut chunks: S) -> Result<Received>
where
    S: Stream<Item = std::result::Result<Bytes, E>> + Send + Unpin,
    E: Into<Error> + Send,
{
    let (sender, receiver) = mpsc::channel::<Bytes>(CHUNKS);
    let scratch = app.settings.scratch.clone();
    let writing = run_blocking("spooling an upload", move || {
        write(&scratch, promised, receiver)
    });
    let counting = async move {
        let mut received_bytes = 0_u64;
        let mut first = Vec::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(Into::into)?;
            received_bytes += chunk.len() as u64;
            if received_bytes > app.settings.upload_bytes {
                return Err(Error::TooLarge {
                    limit_bytes: app.settings.upload_bytes,
                });
            }
            if first.len() < TELLING_BYTES {
                first.extend(chunk.iter().take(TELLING_BYTES - first.len()));
                if first.len() == TELLING_BYTES && !begins_like_a_package(&first) {
                    return Err(Error::not_a_package());
                }
            }
            if sender.send(chunk).await.is_err() {
                break; // The writer failed and says why.
            }
        }
        metrics::counter!(UPLOAD_BYTES).increment(received_bytes);
        Ok(())
    };
    let (counted, written) = tokio::join!(counting, writing);
    counted.and(written)
}

fn write(scratch: &Path, promised: bool, mut chunks: mpsc::Receiver<Bytes>) -> Result<Received> {
    let failed = |error: std::io::Error| {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        if !matches!(error.kind(), StorageFull | QuotaExceeded) {
            return Error::internal("spooling an upload", error);
        }
        // The client may try again; the operator has to do something.
        tracing::error!(%error, "the disk for uploads is full");
        Error::Unavailable {
            detail: "the disk for uploads is full",
            retry_after_s: 60,
        }
    };
    let mut spool = Spool::begin(scratch, promised).map_err(failed)?;
    while let Some(chunk) = chunks.blocking_recv() {
        spool.write(&chunk).map_err(failed)?;
    }
    spool.finish().map_err(failed)
}

/// Opens what arrived, and proves that it is a package that we can work with.
fn open(received: &Received, settings: &Settings) -> Result<(Package, Inspection)> {
    let aside: Vec<SetAside> = received.bodies.iter().map(aside).collect();
    let opened = Package::open_received(
        &received.path,
        received.folder.path(),
        &settings.package,
        &aside,
    );
    let package = opened.map_err(|error| without_place(error.into(), received))?;
    let inspection =
        inspections::look(&package, settings).map_err(|error| without_place(error, received))?;
    Ok((package, inspection))
}

fn aside(body: &LargeBody) -> SetAside {
    let sums = Sums {
        sha256: coreml::package::Digest(body.sha256),
        crc32: body.crc32,
    };
    SetAside {
        offset: body.offset,
        size_bytes: body.size_bytes,
        sums,
        path: body.path.clone(),
    }
}

/// The same refusal without the folder of the spool, which is nobody's business.
fn without_place(error: Error, received: &Received) -> Error {
    let folder = format!("{}/", received.folder.path().display());
    error.with_package_detail(|detail| detail.replace(&folder, ""))
}

/// Stores the objects, then the row. What is stored twice is stored once.
async fn keep(
    app: &App,
    model_id: ModelId,
    tags: Tags,
    received: Received,
) -> Result<(Revision, bool)> {
    let settings = app.settings.clone();
    let opened = run_blocking("opening an upload", move || {
        let (package, inspection) = open(&received, &settings)?;
        Ok((received, package, inspection))
    });
    let (received, package, inspection) = opened.await?;
    let root = package
        .unpacked_folder()
        .map_or_else(|| received.path.clone(), Path::to_owned);
    let stored = packages::store(app, &package, &root).await?;
    let content_digest = inspection.content_digest.parse();
    let new = NewRevision {
        id: RevisionId(app.ids.uuid()),
        model_id,
        digest: Digest(package.digest().0),
        content_digest: content_digest
            .map_err(|error| Error::internal("reading a content digest", error))?,
        kind: package.kind().as_str().to_owned(),
        size_bytes: package.size_bytes(),
        parent_id: None,
        recipe: None,
        job_id: None,
        tags,
        notes: String::new(),
        inspection,
        files: stored.files,
        wanted_at: stored.wanted_at,
    };
    let inserted = app.store.insert_revision(app.clock.now(), &new).await?;
    Ok((inserted.record.revision, !inserted.existed))
}
