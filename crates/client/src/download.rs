//! Downloads: to a file, resumed by range when the connection breaks, verified against `Content-Digest`.
//!
//! It writes what it is told to write where it is told; temporary names and renaming are the caller's.

use std::path::Path;
use std::time::Duration;

use api::ids::RevisionId;
use reqwest::header::{CONTENT_TYPE, ETAG, HeaderMap, IF_RANGE, RANGE};
use reqwest::{Method, Response, StatusCode, Url};
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use crate::digest::sha256_member;
use crate::{Client, Error, content_digest};

/// How often a download may continue after a break without having received anything new.
const BREAKS_MAX: u32 = 5;

/// What arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// Bytes in all.
    pub size_bytes: u64,
    /// SHA-256 of them.
    pub sha256: [u8; 32],
    /// The media type: a zip, or the bytes of a `.mlmodel`.
    pub media_type: String,
    /// How often the connection broke on the way.
    pub breaks: u32,
}

/// A download on its way.
struct Transfer<'a> {
    file: File,
    path: &'a Path,
    url: Url,
    hash: Sha256,
    received_bytes: u64,
    total_bytes: Option<u64>,
    headers: HeaderMap,
}

impl Client {
    /// `GET /revisions/{id}/package` into a new file. `seen` hears received and total bytes.
    ///
    /// # Errors
    /// As every call; [`Error::Damaged`] when the digest differs; [`Error::File`].
    pub async fn download(
        &self,
        revision: RevisionId,
        path: &Path,
        mut seen: impl FnMut(u64, Option<u64>) + Send,
    ) -> Result<Downloaded, Error> {
        let url = self.url(&["revisions", &revision.to_string(), "package"])?;
        let file = File::create_new(path).await.map_err(|source| Error::File {
            path: path.to_owned(),
            source,
        })?;
        let mut transfer = Transfer {
            file,
            path,
            url,
            hash: Sha256::new(),
            received_bytes: 0,
            total_bytes: None,
            headers: HeaderMap::new(),
        };
        let mut breaks = 0;
        let mut idle_breaks = 0;
        loop {
            let before = transfer.received_bytes;
            let response = transfer.begin(self).await?;
            match transfer.receive(response, &mut seen).await {
                Ok(()) => return transfer.finish(breaks).await,
                Err(Error::Unreachable { .. }) if idle_breaks < BREAKS_MAX => {
                    breaks += 1;
                    idle_breaks = if transfer.received_bytes > before {
                        0
                    } else {
                        idle_breaks + 1
                    };
                    tokio::time::sleep(Duration::from_millis(200 << idle_breaks)).await;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

impl Transfer<'_> {
    /// Asks for what is missing.
    async fn begin(&mut self, client: &Client) -> Result<Response, Error> {
        let etag = self.headers.get(ETAG).cloned();
        let response = client
            .send(&self.url, || {
                let mut request = client.request(Method::GET, &self.url);
                if self.received_bytes > 0 {
                    request = request.header(RANGE, format!("bytes={}-", self.received_bytes));
                    if let Some(etag) = &etag {
                        request = request.header(IF_RANGE, etag);
                    }
                }
                request
            })
            .await?;
        if self.received_bytes > 0 && response.status() != StatusCode::PARTIAL_CONTENT {
            return Err(Error::Unexpected {
                url: self.url.to_string(),
                why: "the package changed while it was downloaded".to_owned(),
            });
        }
        if self.received_bytes == 0 {
            self.total_bytes = response.content_length();
            self.headers = response.headers().clone();
        }
        Ok(response)
    }

    /// Writes and hashes what comes.
    async fn receive(
        &mut self,
        mut response: Response,
        seen: &mut (impl FnMut(u64, Option<u64>) + Send),
    ) -> Result<(), Error> {
        loop {
            let chunk = response
                .chunk()
                .await
                .map_err(|source| Error::Unreachable {
                    url: self.url.to_string(),
                    source,
                })?;
            let Some(chunk) = chunk else { return Ok(()) };
            self.file
                .write_all(&chunk)
                .await
                .map_err(|source| Error::File {
                    path: self.path.to_owned(),
                    source,
                })?;
            self.hash.update(&chunk);
            self.received_bytes = self
                .received_bytes
                .saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            seen(self.received_bytes, self.total_bytes);
        }
    }

    /// Compares the digest, and makes the file durable.
    async fn finish(self, breaks: u32) -> Result<Downloaded, Error> {
        let sha256: [u8; 32] = self.hash.finalize().into();
        let found = content_digest(&sha256);
        let announced = self
            .headers
            .get("content-digest")
            .and_then(|value| value.to_str().ok());
        let announced = announced
            .and_then(sha256_member)
            .ok_or_else(|| Error::Unexpected {
                url: self.url.to_string(),
                why: "the answer has no Content-Digest to verify".to_owned(),
            })?;
        if announced != found {
            return Err(Error::Damaged {
                url: self.url.to_string(),
                announced: announced.to_owned(),
                found,
            });
        }
        self.file.sync_all().await.map_err(|source| Error::File {
            path: self.path.to_owned(),
            source,
        })?;
        let media_type = self
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Ok(Downloaded {
            size_bytes: self.received_bytes,
            sha256,
            media_type: media_type.to_owned(),
            breaks,
        })
    }
}
