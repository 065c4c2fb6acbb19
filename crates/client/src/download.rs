//! Downloads: to a file, resumed by range when the connection breaks or an earlier process did not end, verified against
//! `Content-Digest`.
//!
//! It writes what it is told to write where it is told; temporary names and renaming are the caller's.

use std::path::Path;
use std::time::Duration;

use api::ids::RevisionId;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, IF_RANGE, RANGE};
use reqwest::{Method, Response, StatusCode, Url};
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _};

use crate::digest::sha256_member;
use crate::{Client, Error, content_digest};

/// How often a download may continue after a break without having received anything new.
const BREAKS_MAX: u32 = 5;

/// Bytes read at a time of what an earlier download left.
const READ_BYTES: usize = 1 << 20;

/// What arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// Bytes in all.
    pub size_bytes: u64,
    /// SHA-256 of them.
    pub sha256: [u8; 32],
    /// The media type: a zip, or the bytes of a `.mlmodel`.
    pub media_type: String,
    /// Bytes that were there already.
    pub found_bytes: u64,
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
    /// `GET /revisions/{id}/package` into a file. What is in the file already is taken for the beginning, which an earlier
    /// download left; what comes of both is verified as a whole. `seen` hears received and total bytes.
    ///
    /// # Errors
    /// As every call; [`Error::Damaged`] when the digest differs; [`Error::File`]. The file keeps what has arrived.
    pub async fn download(
        &self,
        revision: RevisionId,
        path: &Path,
        mut seen: impl FnMut(u64, Option<u64>) + Send,
    ) -> Result<Downloaded, Error> {
        let url = self.url(&["revisions", &revision.to_string(), "package"])?;
        let mut transfer = Transfer::open(path, url).await?;
        let found_bytes = transfer.received_bytes;
        if found_bytes > 0 {
            transfer.ask(self).await?;
            seen(found_bytes, transfer.total_bytes);
        }
        let mut breaks = 0;
        let mut idle_breaks = 0;
        loop {
            if transfer.received_bytes > 0 && transfer.is_complete() {
                return transfer.finish(found_bytes, breaks).await;
            }
            let before = transfer.received_bytes;
            let response = transfer.begin(self).await?;
            match transfer.receive(response, &mut seen).await {
                Ok(()) => return transfer.finish(found_bytes, breaks).await,
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

impl<'a> Transfer<'a> {
    /// Opens the file and reads what is in it.
    async fn open(path: &'a Path, url: Url) -> Result<Self, Error> {
        let failed = |source| Error::File {
            path: path.to_owned(),
            source,
        };
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path).await.map_err(failed)?;
        let (mut hash, mut received_bytes) = (Sha256::new(), 0_u64);
        let mut bytes = vec![0; READ_BYTES];
        loop {
            let read = file.read(&mut bytes).await.map_err(failed)?;
            if read == 0 {
                break;
            }
            hash.update(bytes.get(..read).unwrap_or_default());
            received_bytes += u64::try_from(read).unwrap_or(0);
        }
        Ok(Self {
            file,
            path,
            url,
            hash,
            received_bytes,
            total_bytes: None,
            headers: HeaderMap::new(),
        })
    }

    /// Asks what the whole is, of which the beginning is here. More than the whole is thrown away.
    async fn ask(&mut self, client: &Client) -> Result<(), Error> {
        let asked = client.send(&self.url, || client.request(Method::HEAD, &self.url));
        self.headers = asked.await?.headers().clone();
        let length = self.headers.get(CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        self.total_bytes = length;
        if length.is_none_or(|length| length < self.received_bytes) {
            let emptied = async {
                self.file.set_len(0).await?;
                self.file.rewind().await
            };
            emptied.await.map_err(|source| Error::File {
                path: self.path.to_owned(),
                source,
            })?;
            self.hash = Sha256::new();
            self.received_bytes = 0;
        }
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.total_bytes == Some(self.received_bytes)
    }

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
    async fn finish(self, found_bytes: u64, breaks: u32) -> Result<Downloaded, Error> {
        // Also before a refusal: what is still on its way to the file must not arrive after its end.
        self.file.sync_all().await.map_err(|source| Error::File {
            path: self.path.to_owned(),
            source,
        })?;
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
        let media_type = self
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        Ok(Downloaded {
            size_bytes: self.received_bytes,
            sha256,
            media_type: media_type.to_owned(),
            found_bytes,
            breaks,
        })
    }
}
