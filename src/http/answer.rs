//! Answers that succeed: JSON with an entity tag, `Location`, pages, and 304.
//!
//! The tag of a single resource is the hash of its JSON, so that it changes exactly when what the client sees does.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use super::conditional::{EntityTag, is_not_modified, may_write};
use super::problem::Failure;
use crate::app;

/// What a handler answers.
pub(crate) type Answer = Result<Response, Failure>;

/// A single resource: 200, or 304 when the client has it.
pub(crate) fn one<T: Serialize>(headers: &HeaderMap, value: &T) -> Answer {
    let (json, tag) = represent(value)?;
    if is_not_modified(headers, &tag) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        response
            .headers_mut()
            .insert(header::ETAG, text(tag.as_str())?);
        return Ok(response);
    }
    with_tag(StatusCode::OK, json, &tag)
}

/// As [`one`], of what never changes: the client may keep it for an hour without asking. It is for this client alone.
pub(crate) fn immutable<T: Serialize>(headers: &HeaderMap, value: &T) -> Answer {
    let mut response = one(headers, value)?;
    response.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=3600, immutable"),
    );
    response.headers_mut().insert(
        header::VARY,
        HeaderValue::from_static("authorization, cookie"),
    );
    Ok(response)
}

/// A resource that was just changed.
pub(crate) fn changed<T: Serialize>(value: &T) -> Answer {
    let (json, tag) = represent(value)?;
    with_tag(StatusCode::OK, json, &tag)
}

/// A resource that now exists, or existed, or was accepted, at `location`.
pub(crate) fn located<T: Serialize>(status: StatusCode, location: &str, value: &T) -> Answer {
    let (json, tag) = represent(value)?;
    let mut response = with_tag(status, json, &tag)?;
    response
        .headers_mut()
        .insert(header::LOCATION, text(location)?);
    Ok(response)
}

/// JSON without a tag: a page of a list.
pub(crate) fn plain<T: Serialize>(value: &T) -> Answer {
    let (json, _) = represent(value)?;
    Ok(json_response(StatusCode::OK, json))
}

/// Deleted.
pub(crate) fn gone() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// The condition of a write: `If-Match` against the tag of what is there.
pub(crate) fn guard<T: Serialize>(headers: &HeaderMap) -> impl Fn(&T) -> bool + Send + Sync + '_ {
    move |present| represent(present).is_ok_and(|(_, tag)| may_write(headers, &tag))
}

/// As [`guard`], for what may not be there: nothing has no tag, so that `If-Match` refuses to make it.
pub(crate) fn guard_maybe<T: Serialize>(
    headers: &HeaderMap,
) -> impl Fn(&Option<T>) -> bool + Send + Sync + '_ {
    move |present| match present {
        Some(present) => guard(headers)(present),
        None => !headers.contains_key(header::IF_MATCH),
    }
}

fn represent<T: Serialize>(value: &T) -> Result<(Vec<u8>, EntityTag), Failure> {
    let json =
        serde_json::to_vec(value).map_err(|error| app::Error::internal("writing JSON", error))?;
    let tag = EntityTag::of(&json);
    Ok((json, tag))
}

fn with_tag(status: StatusCode, json: Vec<u8>, tag: &EntityTag) -> Answer {
    let mut response = json_response(status, json);
    response
        .headers_mut()
        .insert(header::ETAG, text(tag.as_str())?);
    Ok(response)
}

fn json_response(status: StatusCode, json: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(json));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

/// A header's value; ids, names and tags are all visible ASCII.
pub(crate) fn text(value: &str) -> Result<HeaderValue, Failure> {
    HeaderValue::from_str(value)
        .map_err(|error| app::Error::internal("writing a header", error).into())
}
