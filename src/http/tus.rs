//! tus 1.0: its headers, in and out. What they mean is the app's business.

use std::str::FromStr as _;

use api::digest::Digest;
use api::names::parse_tag;
use api::revisions::Tags;
use api::uploads::Upload;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::answer::{self, Answer};
use super::extract::text;
use super::problem::Failure;
use super::router::BASE;
use crate::app;
use crate::app::uploads::{Begin, Checksum};

/// The one version that we speak.
const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
/// What we do beyond the core.
pub(crate) const EXTENSIONS: &str = "creation,creation-with-upload,expiration,checksum,termination";
/// The media type of a piece.
pub(crate) const PIECE: &str = "application/offset+octet-stream";
/// Longest `Upload-Metadata`.
const METADATA_MAX_BYTES: usize = 16_384;
/// Longest name of a file that is kept.
const FILE_NAME_MAX_CHARS: usize = 255;

pub(crate) const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");

/// The client speaks our version.
#[derive(Debug)]
pub(crate) struct Spoken;

impl<S: Send + Sync> FromRequestParts<S> for Spoken {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        if parts.headers.get(RESUMABLE) == Some(&VERSION) {
            return Ok(Self);
        }
        let detail = "this call needs `Tus-Resumable: 1.0.0`";
        Err(app::Error::WrongProtocol { detail }.into())
    }
}

/// Says on every answer, refusals too, which version we speak.
pub(crate) async fn around(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(RESUMABLE, VERSION);
    headers.insert(HeaderName::from_static("tus-version"), VERSION);
    response
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, Failure> {
    let value = text(headers, name)?
        .ok_or_else(|| app::Error::bad_request(format!("header `{name}` is missing")))?;
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.parse().ok().filter(|_| digits);
    number.ok_or_else(|| app::Error::bad_request(format!("header `{name}` is not a number")).into())
}

/// `Upload-Offset`.
pub(crate) fn offset(headers: &HeaderMap) -> Result<u64, Failure> {
    number(headers, &OFFSET)
}

/// Whether the body is a piece.
pub(crate) fn is_piece(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(PIECE.as_bytes()))
}

/// Refuses a body that is not a piece.
pub(crate) fn need_piece(headers: &HeaderMap) -> Result<(), Failure> {
    if is_piece(headers) {
        return Ok(());
    }
    let detail = format!("this call takes `Content-Type: {PIECE}`");
    Err(app::Error::UnsupportedMediaType { detail }.into())
}

/// `Upload-Checksum`: the name of an algorithm and base64.
pub(crate) fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, Failure> {
    let Some(value) = text(headers, &CHECKSUM)? else {
        return Ok(None);
    };
    let wrong =
        || app::Error::bad_request("`Upload-Checksum` is not `sha256 BASE64` or `sha1 BASE64`");
    let (algorithm, sum) = value.split_once(' ').ok_or_else(wrong)?;
    let sum = STANDARD.decode(sum.trim()).map_err(|_why| wrong())?;
    let checksum = match algorithm {
        "sha1" => sum.try_into().ok().map(Checksum::Sha1),
        "sha256" => sum.try_into().ok().map(Checksum::Sha256),
        _ => None,
    };
    Ok(Some(checksum.ok_or_else(wrong)?))
}

/// What a new upload announces.
pub(crate) fn begin(headers: &HeaderMap) -> Result<Begin, Failure> {
    let metadata = text(headers, &METADATA)?.unwrap_or_default();
    if metadata.len() > METADATA_MAX_BYTES {
        return Err(app::Error::bad_request("`Upload-Metadata` is too long").into());
    }
    let (mut model, mut file_name, mut tags, mut digest) = (None, String::new(), Tags::new(), None);
    for pair in metadata
        .split(',')
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
    {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let wrong = |why: &str| app::Error::bad_request(format!("`Upload-Metadata`: {key}: {why}"));
        let value = STANDARD
            .decode(value.trim())
            .map_err(|_why| wrong("is not base64"))?;
        let value = String::from_utf8(value).map_err(|_why| wrong("is not UTF-8"))?;
        match key {
            "model" => {
                let named = value.parse();
                model = Some(named.map_err(|_why| wrong("no id or name of a model"))?);
            }
            "filename" => {
                let shown = value.chars().filter(|c| !c.is_control());
                file_name = shown.take(FILE_NAME_MAX_CHARS).collect();
            }
            "digest" => {
                digest = Some(Digest::from_str(&value).map_err(|why| wrong(&why.to_string()))?);
            }
            "tags" => {
                for tag in value.lines() {
                    let parsed = parse_tag(tag);
                    let (name, value) = parsed.map_err(|why| wrong(&why.to_string()))?;
                    tags.insert(name, value);
                }
            }
            // Clients add what they like.
            _ => {}
        }
    }
    Ok(Begin {
        model: model.ok_or_else(|| app::Error::bad_request("`Upload-Metadata` has no `model`"))?,
        file_name,
        metadata: metadata.to_owned(),
        tags,
        digest,
        size_bytes: number(headers, &LENGTH)?,
    })
}

/// An answer without a body that says where the upload stands.
pub(crate) fn stands(status: StatusCode, upload: &Upload) -> Answer {
    let mut response = status.into_response();
    let headers = response.headers_mut();
    headers.insert(OFFSET, HeaderValue::from(upload.offset_bytes));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let expires = upload
        .expires_at
        .utc()
        .format("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    headers.insert(EXPIRES, answer::text(&expires)?);
    if let Some(revision) = upload.revision_id {
        headers.insert(
            header::LOCATION,
            answer::text(&format!("{BASE}/revisions/{revision}"))?,
        );
    }
    Ok(response)
}

/// As [`stands`], for one that was just begun.
pub(crate) fn begun(upload: &Upload) -> Answer {
    let mut response = stands(StatusCode::CREATED, upload)?;
    let location = answer::text(&format!("{BASE}/uploads/{}", upload.id))?;
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

/// As [`stands`], with all that is known.
pub(crate) fn head(upload: &Upload, metadata: &str) -> Answer {
    let mut response = stands(StatusCode::OK, upload)?;
    let headers = response.headers_mut();
    headers.insert(LENGTH, HeaderValue::from(upload.size_bytes));
    headers.insert(METADATA, answer::text(metadata)?);
    Ok(response)
}

/// What we can do.
pub(crate) fn abilities(most_bytes: u64) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    let mut say = |name, value| headers.insert(HeaderName::from_static(name), value);
    say("tus-extension", HeaderValue::from_static(EXTENSIONS));
    say(
        "tus-checksum-algorithm",
        HeaderValue::from_static("sha1,sha256"),
    );
    say("tus-max-size", HeaderValue::from(most_bytes));
    response
}
