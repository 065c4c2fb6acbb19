//! Downloads: the zip of a revision, made on the fly from what the rows say and the objects hold.
//!
//! Names, lengths and CRCs give the whole layout, so that any range is made without reading what stands before it, and
//! the same revision is the same zip for ever. Nothing is kept but the hashes of zips that were asked for as a whole.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use api::ids::RevisionId;
use bytes::Bytes;
use coreml::package::archive::{Segment, ZipEntry, ZipLayout};
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use sha2::{Digest as _, Sha256};

use super::access::Caller;
use super::error::{Error, Result};
use super::packages::MLMODEL_PATH;
use super::revisions;
use super::service::App;
use crate::objects::Objects;
use crate::store::RevisionFile;

/// The form of the zips; a change of any byte of the form needs a new one, or caches mix old and new.
const FORM: &str = "zip1";
/// Hashes that are kept.
const KEPT_HASHES: usize = 10_000;

/// SHA-256 of zips, by revision.
#[derive(Debug, Default)]
pub(super) struct ZipHashes(Mutex<BTreeMap<RevisionId, [u8; 32]>>);

/// What can be downloaded of a revision.
#[derive(Debug)]
pub struct Download {
    /// Changes exactly when the bytes do.
    pub identity: Vec<u8>,
    /// Length of the whole.
    pub size_bytes: u64,
    /// `application/zip`, or that of a `.mlmodel`.
    pub media_type: &'static str,
    /// What a browser calls it.
    pub file_name: String,
    id: RevisionId,
    objects: Objects,
    files: Arc<[RevisionFile]>,
    layout: Option<ZipLayout>,
}

/// What can be downloaded of the revision.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(app: &App, caller: &Caller, id: RevisionId) -> Result<Download> {
    let record = revisions::find(app, caller, id).await?;
    let files: Arc<[RevisionFile]> = app.store.revision_files(id).await?.into();
    let top = format!("{}.{}", record.package_name, record.revision.kind);
    let single = files.iter().any(|file| file.path == MLMODEL_PATH);
    let entry = |file: &RevisionFile| ZipEntry {
        path: file.path.clone(),
        size_bytes: file.size_bytes,
        crc32: file.crc32,
    };
    let layout =
        (!single).then(|| ZipLayout::new(&top, &files.iter().map(entry).collect::<Vec<_>>()));
    Ok(Download {
        identity: format!("{FORM} {} {top}", record.revision.digest).into_bytes(),
        size_bytes: layout
            .as_ref()
            .map_or(record.revision.size_bytes, ZipLayout::len),
        media_type: if single {
            "application/octet-stream"
        } else {
            "application/zip"
        },
        file_name: if single { top } else { format!("{top}.zip") },
        id,
        objects: app.objects.clone(),
        files,
        layout,
    })
}

impl Download {
    /// The bytes of a range.
    pub fn read(
        &self,
        range: Range<u64>,
    ) -> impl Stream<Item = Result<Bytes>> + Send + Unpin + 'static {
        let segments = match &self.layout {
            Some(layout) => layout.segments(range),
            None => vec![Segment::File { index: 0, range }],
        };
        let (objects, files) = (self.objects.clone(), Arc::clone(&self.files));
        let pieces = futures::stream::iter(segments).then(move |segment| {
            let (objects, files) = (objects.clone(), Arc::clone(&files));
            async move { piece(&objects, &files, segment).await }
        });
        Box::pin(pieces.try_flatten())
    }

    /// SHA-256 of the whole; computed at the first time, which reads it all.
    ///
    /// # Errors
    /// When an object cannot be read.
    pub async fn sha256(&self, app: &App) -> Result<[u8; 32]> {
        if self.layout.is_none() {
            // The only file is the download: its name is its hash.
            return self
                .files
                .first()
                .map(|file| file.sha256.0)
                .ok_or_else(|| Error::not_found("package", ""));
        }
        let known = || {
            app.zip_hashes
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Some(sha256) = known().get(&self.id) {
            return Ok(*sha256);
        }
        let mut hash = Sha256::new();
        let mut bytes = self.read(0..self.size_bytes);
        while let Some(chunk) = bytes.try_next().await? {
            hash.update(&chunk);
        }
        let sha256 = hash.finalize().into();
        let mut known = known();
        if known.len() >= KEPT_HASHES {
            known.clear();
        }
        known.insert(self.id, sha256);
        Ok(sha256)
    }
}

type Piece = futures::stream::BoxStream<'static, Result<Bytes>>;

async fn piece(objects: &Objects, files: &[RevisionFile], segment: Segment) -> Result<Piece> {
    match segment {
        Segment::Bytes(bytes) => Ok(futures::stream::iter([Ok(Bytes::from(bytes))]).boxed()),
        Segment::File { index, range } => {
            let file = files
                .get(index)
                .ok_or_else(|| Error::not_found("file", index.to_string()))?;
            let stream = if range == (0..file.size_bytes) {
                objects.get(file.sha256, file.size_bytes).await?
            } else {
                objects.get_range(file.sha256, range).await?
            };
            Ok(stream.map_err(Error::from).boxed())
        }
    }
}
