//! Revisions: upload, look, compare.

use std::pin::Pin;

use api::comparison::Comparison;
use api::ids::RevisionId;
use api::revisions::Revision;
use bytes::Bytes;
use futures::Stream;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use reqwest::{Body, Method};

use crate::{Client, Error, content_digest};

/// The bytes of an upload, from their beginning.
pub type Chunks = Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>;

/// A package to upload: its length and digest, and a way to read it, again if the first try fails.
pub struct Upload<'a> {
    /// Bytes in all.
    pub size_bytes: u64,
    /// SHA-256 of these bytes; the server verifies it.
    pub sha256: [u8; 32],
    /// `application/zip` or `application/octet-stream`.
    pub media_type: &'a str,
    /// Tags, key and value.
    pub tags: &'a [(String, String)],
    /// Starts reading from the beginning.
    pub chunks: &'a (dyn Fn() -> Chunks + Sync),
}

impl std::fmt::Debug for Upload<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Upload")
            .field("size_bytes", &self.size_bytes)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// `POST /models/{model}/revisions`. The same bytes again answer the same revision, so it is safe to repeat.
    ///
    /// # Errors
    /// As every call.
    pub async fn upload(&self, model: &str, upload: &Upload<'_>) -> Result<Revision, Error> {
        let mut url = self.url(&["models", model, "revisions"])?;
        if !upload.tags.is_empty() {
            let mut query = url.query_pairs_mut();
            for (key, value) in upload.tags {
                query.append_pair("tag", &format!("{key}:{value}"));
            }
        }
        self.json(&url, || {
            self.request(Method::POST, &url)
                .header(CONTENT_TYPE, upload.media_type)
                .header(CONTENT_LENGTH, upload.size_bytes)
                .header("content-digest", content_digest(&upload.sha256))
                .body(Body::wrap_stream((upload.chunks)()))
        })
        .await
    }

    /// `GET /revisions/{id}`.
    ///
    /// # Errors
    /// As every call.
    pub async fn revision(&self, revision: RevisionId) -> Result<Revision, Error> {
        self.get(&self.url(&["revisions", &revision.to_string()])?)
            .await
    }

    /// `GET /revisions/{a}/comparison/{b}`.
    ///
    /// # Errors
    /// As every call.
    pub async fn comparison(&self, a: RevisionId, b: RevisionId) -> Result<Comparison, Error> {
        self.get(&self.url(&["revisions", &a.to_string(), "comparison", &b.to_string()])?)
            .await
    }
}
