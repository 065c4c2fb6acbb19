//! `?wait=30` and `Prefer: wait=30` (RFC 7240): how long a client would hold the line.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};

use super::extract::{Params, text};
use super::problem::Failure;
use crate::app;

/// The longest wait; more is refused in the query and cut in `Prefer`, which is a wish.
const WAIT_MAX_S: u64 = 60;

/// The wait that is asked for; the query goes before the header.
pub(crate) fn asked(mut params: Params, headers: &HeaderMap) -> Result<Option<Duration>, Failure> {
    let wait = params.take::<u64>("wait")?;
    params.finish()?;
    if let Some(seconds) = wait {
        if seconds > WAIT_MAX_S {
            return Err(app::Error::bad_field(
                "wait",
                format!("is more than {WAIT_MAX_S} seconds"),
            )
            .into());
        }
        return Ok(Some(Duration::from_secs(seconds)));
    }
    let prefer = text(headers, &HeaderName::from_static("prefer"))?.unwrap_or_default();
    let wish = prefer
        .split([',', ';'])
        .filter_map(|one| one.trim().split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("wait"))
        .and_then(|(_, value)| value.trim().trim_matches('"').parse::<u64>().ok());
    Ok(wish.map(|seconds| Duration::from_secs(seconds.min(WAIT_MAX_S))))
}
