//! The body and the idempotency key of `POST /jobs`.
//!
//! The key is bound to the bytes of the body, so they are hashed before they are read as JSON.

use api::jobs::NewJob;
use axum::http::HeaderName;
use axum::http::request::Parts;
use sha2::{Digest as _, Sha256};

use super::extract::{parse, text};
use super::problem::Failure;
use crate::app;
use crate::app::jobs::Key;

const KEY_MAX_BYTES: usize = 255;

/// Reads both.
pub(crate) fn order(parts: &Parts, body: &[u8]) -> Result<(NewJob, Option<Key>), Failure> {
    let key = text(&parts.headers, &HeaderName::from_static("idempotency-key"))?;
    let key = match key {
        None => None,
        // A structured string (RFC 8941) has quotes; many clients send it bare.
        Some(key) => match key.trim().trim_matches('"') {
            key if key.is_empty() || key.len() > KEY_MAX_BYTES => {
                let detail = format!("`Idempotency-Key` has 1 to {KEY_MAX_BYTES} characters");
                return Err(app::Error::bad_request(detail).into());
            }
            key => Some(Key {
                key: key.to_owned(),
                route: format!("{} {}", parts.method, parts.uri.path()),
                body_sha256: Sha256::digest(body).into(),
            }),
        },
    };
    Ok((parse(body)?, key))
}
