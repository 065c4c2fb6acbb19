//! Uploads that survive cut connections, restarts of the server and of this program: tus 1.0.
//!
//! It keeps nothing on this machine. An upload of the same bytes to the same model is found by its digest on the server,
//! whoever began it. The server verifies that digest at the end, so no piece needs a checksum of its own.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use api::digest::Digest;
use api::ids::ModelId;
use api::page::Page;
use api::problem::Code;
use api::revisions::{Revision, RevisionPatch, Tags};
use api::uploads::{Upload as Begun, UploadState};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use reqwest::{Body, Method, Response, Url};

use crate::revisions::Chunks;
use crate::{Client, Error};

/// Bytes of one request, so that a slow line does not make it outlast the patience of anybody between.
const REQUEST_BYTES: u64 = 64 << 20;
/// Tries without any progress, as a multiple of the attempts of a call.
const TRIES: u32 = 4;

/// A package to push: its length and digest, and a way to read it from anywhere.
pub struct Push<'a> {
    /// The model that gets the revision.
    pub model_id: ModelId,
    /// What the file is called.
    pub file_name: &'a str,
    /// Bytes in all.
    pub size_bytes: u64,
    /// SHA-256 of these bytes.
    pub sha256: [u8; 32],
    /// Tags, key and value.
    pub tags: &'a [(String, String)],
    /// Starts reading at a byte.
    pub chunks: &'a (dyn Fn(u64) -> Chunks + Sync),
    /// Hears how many bytes are on their way or there; may go back.
    pub seen: &'a (dyn Fn(u64) + Sync),
}

impl std::fmt::Debug for Push<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Push")
            .field("size_bytes", &self.size_bytes)
            .finish_non_exhaustive()
    }
}

/// Bytes of a request that count themselves.
type Counted = Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>;

impl Client {
    /// The revision of a model with this digest of the package, with these tags added where it lacks them.
    ///
    /// # Errors
    /// As every call.
    pub async fn known_revision(
        &self,
        model_id: ModelId,
        digest: &str,
        tags: &[(String, String)],
    ) -> Result<Option<Revision>, Error> {
        let mut url = self.url(&["models", &model_id.to_string(), "revisions"])?;
        url.query_pairs_mut().append_pair("digest", digest);
        let page: Page<Revision> = self.get(&url).await?;
        let Some(revision) = page.items.into_iter().next() else {
            return Ok(None);
        };
        let mut merged: Tags = revision.tags.clone();
        for (key, value) in tags {
            if let (Ok(key), Ok(value)) = (key.parse(), value.parse()) {
                merged.entry(key).or_insert(value);
            }
        }
        if merged == revision.tags {
            return Ok(Some(revision));
        }
        let patch = RevisionPatch {
            tags: Some(merged),
            notes: None,
        };
        let url = self.url(&["revisions", &revision.id.to_string()])?;
        let patched = self.json(&url, || self.request(Method::PATCH, &url).json(&patch));
        Ok(Some(patched.await?))
    }

    /// Uploads, going on where an earlier try of anybody stopped; tries again as long as there is progress now and then.
    ///
    /// # Errors
    /// As every call; what is worth another try is an error only after many.
    pub async fn push(&self, push: &Push<'_>) -> Result<Revision, Error> {
        let most = self.patience.attempts.saturating_mul(TRIES);
        let (mut tries, mut reached) = (0, 0);
        loop {
            let step = self.step(push).await;
            let error = match step {
                Ok(Step::Done(revision)) => return Ok(*revision),
                Ok(Step::At(offset)) => {
                    tries = 0;
                    reached = offset.max(reached);
                    continue;
                }
                Err(error) => error,
            };
            if !error.may_pass() || tries >= most {
                return Err(error);
            }
            // A cut request may have brought something all the same.
            if let Ok(Some(upload)) = self.find(push).await
                && upload.offset_bytes > reached
            {
                (tries, reached) = (0, upload.offset_bytes);
            }
            tries += 1;
            let delay_ms = self.patience.delay_ms(tries, None);
            tokio::time::sleep(Duration::from_millis(delay_ms)).await;
        }
    }

    /// Sends what comes next.
    async fn step(&self, push: &Push<'_>) -> Result<Step, Error> {
        let mut found = self.find(push).await?;
        if let Some(id) = found.as_ref().and_then(|upload| upload.revision_id) {
            match self.revision(id).await {
                Ok(revision) => return Ok(Step::Done(Box::new(revision))),
                // It was deleted since.
                Err(Error::Refused { problem, .. }) if problem.code == Code::NotFound => {
                    found = None;
                }
                Err(error) => return Err(error),
            }
        }
        let upload = match found {
            Some(upload) => upload,
            None => self.begin(push).await?,
        };
        let response = self.append(push, &upload).await?;
        drop(response);
        let url = self.upload_url(&upload)?;
        let upload: Begun = self.get(&url).await?;
        match upload.revision_id {
            Some(id) => Ok(Step::Done(Box::new(self.revision(id).await?))),
            None => Ok(Step::At(upload.offset_bytes)),
        }
    }

    fn upload_url(&self, upload: &Begun) -> Result<Url, Error> {
        self.url(&["uploads", &upload.id.to_string()])
    }

    /// The upload of these bytes to this model that has come furthest, a finished one too: its last answer may be lost.
    async fn find(&self, push: &Push<'_>) -> Result<Option<Begun>, Error> {
        let mut url = self.url(&["uploads"])?;
        let digest = Digest(push.sha256).to_string();
        url.query_pairs_mut().append_pair("digest", &digest);
        let page: Page<Begun> = self.get(&url).await?;
        let tags = wanted(push.tags);
        let usable = page.items.into_iter().filter(|upload| {
            upload.model_id == push.model_id
                && upload.size_bytes == push.size_bytes
                && upload.tags == tags
                && upload.state != UploadState::Failed
        });
        Ok(usable.max_by_key(|upload| upload.offset_bytes))
    }

    async fn begin(&self, push: &Push<'_>) -> Result<Begun, Error> {
        let url = self.url(&["uploads"])?;
        let pair = |key: &str, value: &str| format!("{key} {}", STANDARD.encode(value));
        let tags: Vec<String> = push
            .tags
            .iter()
            .map(|(key, value)| format!("{key}:{value}"))
            .collect();
        let metadata = [
            pair("model", &push.model_id.to_string()),
            pair("filename", push.file_name),
            pair("tags", &tags.join("\n")),
            pair("digest", &Digest(push.sha256).to_string()),
        ];
        let metadata = metadata.join(",");
        let request = || {
            self.request(Method::POST, &url)
                .header("tus-resumable", "1.0.0")
                .header("upload-length", push.size_bytes)
                .header("upload-metadata", &metadata)
        };
        let response = self.send(&url, request).await?;
        let location = response
            .headers()
            .get(LOCATION)
            .and_then(|value| value.to_str().ok());
        let id = location.and_then(|location| location.rsplit('/').next());
        let Some(id) = id else {
            return Err(Error::Unexpected {
                url: url.to_string(),
                why: "the answer has no Location".to_owned(),
            });
        };
        self.get(&self.url(&["uploads", id])?).await
    }

    /// Sends bytes from where the upload stands; none, when all are there and only the end is missing.
    async fn append(&self, push: &Push<'_>, upload: &Begun) -> Result<Response, Error> {
        let url = self.upload_url(upload)?;
        let offset = upload.offset_bytes;
        let length = REQUEST_BYTES.min(push.size_bytes.saturating_sub(offset));
        (push.seen)(offset);
        let (sent, heard) = (std::sync::Arc::new(AtomicU64::new(offset)), push.seen);
        let request = || {
            sent.store(offset, Ordering::Relaxed);
            let sent = std::sync::Arc::clone(&sent);
            let body = limited((push.chunks)(offset), length).inspect_ok(move |bytes: &Bytes| {
                sent.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            });
            self.request(Method::PATCH, &url)
                .header("tus-resumable", "1.0.0")
                .header("upload-offset", offset)
                .header(CONTENT_TYPE, "application/offset+octet-stream")
                .header(CONTENT_LENGTH, length)
                .body(Body::wrap_stream(body))
        };
        let sending = self.send(&url, request);
        tokio::pin!(sending);
        loop {
            tokio::select! {
                answer = &mut sending => return answer,
                () = tokio::time::sleep(Duration::from_millis(100)) => heard(sent.load(Ordering::Relaxed)),
            }
        }
    }
}

/// What a step led to.
enum Step {
    Done(Box<Revision>),
    At(u64),
}

/// The first so many bytes of a stream.
fn limited(chunks: Chunks, length: u64) -> Counted {
    let state = (chunks, length);
    Box::pin(futures::stream::try_unfold(
        state,
        |(mut chunks, left)| async move {
            if left == 0 {
                return Ok(None);
            }
            let Some(mut bytes) = chunks.next().await.transpose()? else {
                return Ok(None);
            };
            bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            let left = left.saturating_sub(bytes.len() as u64);
            Ok(Some((bytes, (chunks, left))))
        },
    ))
}

fn wanted(tags: &[(String, String)]) -> Tags {
    let parsed = tags
        .iter()
        .filter_map(|(key, value)| Some((key.parse().ok()?, value.parse().ok()?)));
    parsed.collect()
}
