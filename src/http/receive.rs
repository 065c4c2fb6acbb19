//! An upload's headers, query and body, as the app takes them.
//!
//! The body stays a stream; nothing here holds more than the chunk at hand.

use std::time::Duration;

use api::names::parse_tag;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, header};
use futures::{Stream, StreamExt as _};

use super::content_digest;
use super::extract::{Params, text};
use super::problem::Failure;
use crate::app;
use crate::app::upload::{Order, Stop};

/// An upload that sends nothing for so long is given up: a dead connection must not hold a spool for ever.
const SILENCE: Duration = Duration::from_mins(1);
/// So many bytes have to come in that time.
const BYTES: usize = 64 << 10;

/// What is asked for besides the bytes.
pub(crate) fn order(headers: &HeaderMap, mut params: Params) -> Result<Order, Failure> {
    let mut order = Order::default();
    for tag in params.take_all("tag") {
        let (key, value) =
            parse_tag(&tag).map_err(|why| app::Error::bad_field("tag", why.to_string()))?;
        if order.tags.insert(key, value).is_some() {
            return Err(app::Error::bad_field("tag", format!("`{tag}` repeats a key")).into());
        }
    }
    params.finish()?;
    if let Some(value) = text(headers, &HeaderName::from_static("content-digest"))? {
        order.promised_sha256 = content_digest::parse(value)
            .map_err(|why| app::Error::bad_request(format!("`Content-Digest`: {why}")))?;
    }
    order.announced_bytes =
        text(headers, &header::CONTENT_LENGTH)?.and_then(|length| length.parse().ok());
    Ok(order)
}

/// The body, chunk by chunk. A client that is slower than [`BYTES`] in [`SILENCE`] is given up; only the time that we wait
/// for it counts, not the time that we take.
pub(crate) fn chunks(body: Body) -> impl Stream<Item = Result<Bytes, Stop>> + Send + Unpin {
    let begun = (body.into_data_stream(), SILENCE, 0);
    Box::pin(futures::stream::unfold(
        begun,
        |(mut stream, left, bytes)| async move {
            let asked = tokio::time::Instant::now();
            let chunk = match tokio::time::timeout(left, stream.next()).await {
                Ok(None) => return None,
                Ok(Some(Ok(chunk))) => Ok(chunk),
                Ok(Some(Err(_))) => Err(Stop::BrokenOff),
                Err(_) => Err(Stop::Silent),
            };
            let bytes = bytes + chunk.as_ref().map_or(0, Bytes::len);
            if bytes >= BYTES {
                return Some((chunk, (stream, SILENCE, 0)));
            }
            let left = left.saturating_sub(asked.elapsed());
            Some((chunk, (stream, left, bytes)))
        },
    ))
}
