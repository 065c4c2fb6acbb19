//! Who calls: the extractor that turns `Authorization: Bearer ca_…` into a [`Caller`].
//!
//! A browser that is signed in calls with its cookie instead; see `dashboard::visitor` for when that is enough.
//! A handler that takes no [`Caller`] is open to everybody; the access table of the tests lists which those are.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::header;
use axum::http::request::Parts;

use super::dashboard::visitor;
use super::meter;
use super::problem::Failure;
use crate::app::{self, App, Caller};

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    Arc<App>: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let app = Arc::<App>::from_ref(state);
        let bearer = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim());
        let Some(token) = bearer else {
            if let Some(caller) = visitor::api_caller(&app, parts).await? {
                meter::known(&app, parts, &caller)?;
                return Ok(caller);
            }
            let detail = "this call needs the header `Authorization: Bearer ca_…`";
            let error = app::Error::Unauthenticated { detail };
            return Err(if parts.headers.contains_key(header::AUTHORIZATION) {
                meter::failed(&app, parts, error)
            } else {
                error.into()
            });
        };
        let caller = match app::tokens::authenticate(&app, token).await {
            Ok(caller) => caller,
            Err(error) => return Err(meter::failed(&app, parts, error)),
        };
        meter::known(&app, parts, &caller)?;
        Ok(caller)
    }
}
