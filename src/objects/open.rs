//! Opening a store by its address, and what is the same in every store: names, list, delete.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::digest::Digest;
use api::time::Time;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Location;
use object_store::{ObjectStore, ObjectStoreExt, ObjectStoreScheme};
use url::Url;

use super::error::{Error, Result};
use super::remote;

/// The folder that all objects lie in, so that other kinds of names may stand beside it one day.
const FOLDER: &str = "sha256";

/// The object store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Objects {
    pub(super) backend: Arc<dyn ObjectStore>,
    pub(super) prefix: Location,
    /// Root folder of a local store: what links and direct reads go by.
    pub(super) root: Option<PathBuf>,
}

/// An object as a list shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListedObject {
    /// Its name.
    pub digest: Digest,
    /// Its length.
    pub size_bytes: u64,
    /// When it was written.
    pub modified_at: Time,
}

impl Objects {
    /// Opens `file:///folder` (made when missing), `s3://bucket/prefix`, `gs://…` or `az://…`. Of `environment` the
    /// variables of the provider count (`AWS_…`, `GOOGLE_…`, `AZURE_…`).
    ///
    /// # Errors
    /// [`Error::Address`] when the address or a variable is not understood; [`Error::Io`] when the folder cannot be made.
    pub fn open(
        url: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self> {
        let address = |detail: String| Error::Address {
            url: url.to_owned(),
            detail,
        };
        let parsed = Url::parse(url).map_err(|why| address(why.to_string()))?;
        let (scheme, path) =
            ObjectStoreScheme::parse(&parsed).map_err(|why| address(why.to_string()))?;
        if scheme == ObjectStoreScheme::Local {
            if !url.starts_with("file:///") {
                return Err(address(
                    "expected an absolute path, as in file:///var/lib/coreanvil/objects".to_owned(),
                ));
            }
            let root = parsed
                .to_file_path()
                .or(Err(address("not a path".to_owned())))?;
            return Self::open_folder(&root);
        }
        let unknown = || address("expected file:///, s3://, gs:// or az://".to_owned());
        let variables = remote::variables(&scheme).ok_or_else(unknown)?;
        let options = environment
            .into_iter()
            .filter(|(name, _)| name.starts_with(variables));
        let prefix = Location::parse(path).map_err(|why| address(why.to_string()))?;
        let backend = remote::connect(&scheme, &parsed, options)
            .map_err(|why| address(why.to_string()))?
            .ok_or_else(unknown)?;
        Ok(Self {
            backend,
            prefix,
            root: None,
        })
    }

    fn open_folder(root: &Path) -> Result<Self> {
        let io = |doing, source| Error::Io {
            doing,
            path: root.to_owned(),
            source,
        };
        std::fs::create_dir_all(root).map_err(|source| io("make", source))?;
        let root = root.canonicalize().map_err(|source| io("open", source))?;
        let backend = LocalFileSystem::new_with_prefix(&root)
            .map_err(|source| Error::Backend {
                doing: "open",
                source: Box::new(source),
            })?
            .with_fsync(true);
        Ok(Self {
            backend: Arc::new(backend),
            prefix: Location::default(),
            root: Some(root),
        })
    }

    /// Where an object lies: `sha256/ab/abcdef…`.
    pub(super) fn location(&self, digest: Digest) -> Location {
        let hex = digest.hex();
        let shard = hex.get(..2).unwrap_or_default();
        self.prefix
            .clone()
            .join(FOLDER)
            .join(shard)
            .join(hex.as_str())
    }

    /// The file that holds an object, where the store is a folder: to be read, linked or mapped, never written.
    pub fn local_path(&self, digest: Digest) -> Option<PathBuf> {
        let root = self.root.as_ref()?;
        let hex = digest.hex();
        Some(
            root.join(FOLDER)
                .join(hex.get(..2).unwrap_or_default())
                .join(hex),
        )
    }

    /// Whether the store can be reached.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Backend`] when it cannot.
    pub async fn ping(&self) -> Result<()> {
        if let Some(root) = &self.root {
            tokio::fs::metadata(root)
                .await
                .map_err(|source| Error::Io {
                    doing: "open",
                    path: root.clone(),
                    source,
                })?;
        }
        self.size_bytes(Digest([0; 32])).await.map(|_| ())
    }

    /// The object's length; `None` when there is none.
    ///
    /// # Errors
    /// [`Error::Backend`] when the store cannot be reached.
    pub async fn size_bytes(&self, digest: Digest) -> Result<Option<u64>> {
        match self.backend.head(&self.location(digest)).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(source) => Err(Error::backend("look", digest, source)),
        }
    }

    /// Deletes the object; one that is not there is deleted already.
    ///
    /// # Errors
    /// [`Error::Backend`] when the store cannot be reached.
    pub async fn delete(&self, digest: Digest) -> Result<()> {
        match self.backend.delete(&self.location(digest)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(Error::backend("delete", digest, source)),
        }
    }

    /// All objects, in no particular order. What is not named like one is passed over.
    pub fn list(&self) -> BoxStream<'static, Result<ListedObject>> {
        self.backend
            .list(Some(&self.prefix.clone().join(FOLDER)))
            .map_err(|source| Error::Backend {
                doing: "list",
                source: Box::new(source),
            })
            .try_filter_map(|meta| async move {
                let digest = meta
                    .location
                    .filename()
                    .and_then(|name| Digest::from_hex(name).ok());
                Ok(digest.map(|digest| ListedObject {
                    digest,
                    size_bytes: meta.size,
                    modified_at: Time::new(meta.last_modified),
                }))
            })
            .boxed()
    }
}
