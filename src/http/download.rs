//! The answer to a download: whole, a range, nothing new, or a range that is not there.
//!
//! The bytes come from the app as a stream; this adds the headers of RFC 9110 and RFC 9530. A range has no
//! `Content-Digest`: it would have to speak of the bytes of that very message, which nobody has hashed.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::answer::{Answer, text};
use super::conditional::{Asked, EntityTag, asked, is_not_modified};
use super::content_digest;
use crate::app::App;
use crate::app::downloads::Download;

/// Answers with what of the download is asked for.
pub(crate) async fn answer(app: &App, headers: &HeaderMap, download: Download) -> Answer {
    let tag = EntityTag::of(&download.identity);
    if is_not_modified(headers, &tag) {
        return head(StatusCode::NOT_MODIFIED, &tag);
    }
    let size_bytes = download.size_bytes;
    let (status, range) = match asked(headers, &tag, size_bytes) {
        Asked::Whole => (StatusCode::OK, 0..size_bytes),
        Asked::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Asked::Nothing => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            response.headers_mut().insert(
                header::CONTENT_RANGE,
                text(&format!("bytes */{size_bytes}"))?,
            );
            return Ok(response);
        }
    };
    let mut response = head(status, &tag)?;
    let fields = response.headers_mut();
    fields.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(download.media_type),
    );
    fields.insert(
        header::CONTENT_LENGTH,
        HeaderValue::from(range.end - range.start),
    );
    let disposition = format!("attachment; filename=\"{}\"", download.file_name);
    fields.insert(header::CONTENT_DISPOSITION, text(&disposition)?);
    if status == StatusCode::PARTIAL_CONTENT {
        let content_range = format!("bytes {}-{}/{size_bytes}", range.start, range.end - 1);
        fields.insert(header::CONTENT_RANGE, text(&content_range)?);
    } else {
        let digest = text(&content_digest::field(download.sha256(app).await?))?;
        fields.insert(HeaderName::from_static("content-digest"), digest);
    }
    *response.body_mut() = Body::from_stream(download.read(range));
    Ok(response)
}

fn head(status: StatusCode, tag: &EntityTag) -> Answer {
    let mut response: Response = status.into_response();
    let fields = response.headers_mut();
    fields.insert(header::ETAG, text(tag.as_str())?);
    fields.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    Ok(response)
}
