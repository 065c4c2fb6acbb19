//! Pieces of uploads that are under way: small objects below the name of their upload, named by their SHA-256.
//!
//! A late writer of a piece can only write the same bytes again, so nothing here needs a lock. They go with their upload.

use api::digest::Digest;
use api::ids::UploadId;
use api::time::Time;
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path as Location;
use object_store::{ObjectStoreExt as _, PutPayload};
use sha2::{Digest as _, Sha256};

use super::error::{Error, Result};
use super::local;
use super::open::Objects;
use crate::clock::{Clock as _, SystemClock};

/// The folder of all uploads.
const FOLDER: &str = "uploads";
/// How often a read is repeated, and milliseconds before the first time; doubles with each further one.
const READS: u32 = 5;
const READ_AGAIN_MS: u64 = 100;

impl Objects {
    fn part(&self, upload: UploadId, digest: Digest) -> Location {
        self.parts(upload).join(digest.hex().as_str())
    }

    fn parts(&self, upload: UploadId) -> Location {
        let folder = self.prefix.clone().join(FOLDER);
        folder.join(upload.to_string().as_str())
    }

    /// Stores a piece; when this returns it survives a power cut.
    ///
    /// # Errors
    /// [`Error::Backend`] when the store cannot be reached or is full.
    pub async fn put_part(&self, upload: UploadId, bytes: Bytes) -> Result<Digest> {
        let digest = Digest(Sha256::digest(&bytes).into());
        self.backend
            .put(&self.part(upload, digest), PutPayload::from(bytes))
            .await
            .map_err(|source| Error::backend("put", digest, source))?;
        Ok(digest)
    }

    /// A piece, compared with its name.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Damaged`], [`Error::Backend`].
    pub async fn get_part(&self, upload: UploadId, digest: Digest) -> Result<Bytes> {
        let location = self.part(upload, digest);
        let clock = SystemClock::new();
        let mut tries = 0;
        let bytes = loop {
            let read = async { self.backend.get(&location).await?.bytes().await }.await;
            match read.map_err(|source| Error::backend("get", digest, source)) {
                Ok(bytes) => break bytes,
                Err(Error::Backend { .. }) if tries < READS => {
                    clock.sleep(READ_AGAIN_MS << tries).await;
                    tries += 1;
                }
                Err(error) => return Err(error),
            }
        };
        let found = Digest(Sha256::digest(&bytes).into());
        if found != digest {
            return Err(Error::Damaged { digest, found });
        }
        Ok(bytes)
    }

    /// Deletes all pieces of an upload; those that are not there are deleted already.
    ///
    /// # Errors
    /// [`Error::Backend`] when the store cannot be reached.
    pub async fn delete_parts(&self, upload: UploadId) -> Result<()> {
        let backend = |source| Error::Backend {
            doing: "delete",
            source: Box::new(source),
        };
        let folder = self.parts(upload);
        let listed: Vec<_> = self
            .backend
            .list(Some(&folder))
            .try_collect()
            .await
            .map_err(backend)?;
        for found in listed {
            match self.backend.delete(&found.location).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(source) => return Err(backend(source)),
            }
        }
        if let Some(root) = &self.root {
            let path = root.join(FOLDER).join(upload.to_string());
            match tokio::fs::remove_dir(&path).await {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(local::io("remove", &path)(error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }

    /// The uploads that have pieces, once per piece, with the time of the piece.
    pub fn list_parts(&self) -> BoxStream<'static, Result<(UploadId, Time)>> {
        self.backend
            .list(Some(&self.prefix.clone().join(FOLDER)))
            .map_err(|source| Error::Backend {
                doing: "list",
                source: Box::new(source),
            })
            .try_filter_map(|meta| async move {
                let upload = meta.location.parts().rev().nth(1);
                let upload = upload.and_then(|name| name.as_ref().parse().ok());
                Ok(upload.map(|upload| (upload, Time::new(meta.last_modified))))
            })
            .boxed()
    }
}
