//! Who looks: the extractors that turn a cookie into a session, and a form into one that came from our own page.
//!
//! A form is believed when its field `form` has the session's form secret and the browser does not say that another
//! site sent it. The API believes a cookie alone for calls that only read and come from our own pages; a call that
//! changes something needs the form secret in the header `x-form` as well.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{FromRef, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};

use super::frame::Theme;
use super::show;
use crate::app::sessions::{self, Session, SessionSecret};
use crate::app::{self, App, Caller};
use crate::http::extract::Params;
use crate::http::problem::Failure;

/// Somebody who is signed in and looks at a page.
#[derive(Debug)]
pub(crate) struct Visitor {
    /// Their session.
    pub(crate) session: Session,
    /// Light or dark.
    pub(crate) theme: Theme,
    /// Path and query of the page.
    pub(crate) at: String,
}

impl Visitor {
    /// For the functions of the app.
    pub(crate) fn caller(&self) -> &Caller {
        &self.session.caller
    }
}

/// A form of one of our pages, sent by somebody who is signed in.
#[derive(Debug)]
pub(crate) struct Posted {
    /// Who sent it.
    pub(crate) visitor: Visitor,
    /// Its fields.
    pub(crate) fields: Params,
}

/// Why there is no visitor.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Nobody is signed in: they sign in first, and come back.
    SignIn(String),
    /// Anything else.
    Failure(Failure),
}

impl From<app::Error> for Refusal {
    fn from(error: app::Error) -> Self {
        Self::Failure(error.into())
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Failure(failure) => failure.into_response(),
            Self::SignIn(at) => {
                let mut query = url::form_urlencoded::Serializer::new(String::new());
                query.append_pair("next", &at);
                show::redirect(&format!("/sign-in?{}", query.finish()))
                    .unwrap_or_else(IntoResponse::into_response)
            }
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor
where
    Arc<App>: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let app = Arc::<App>::from_ref(state);
        let at = parts
            .uri
            .path_and_query()
            .map_or("/", |at| at.as_str())
            .to_owned();
        match session(&app, &parts.headers).await? {
            Some(session) => Ok(Self {
                session,
                theme: theme(&parts.headers),
                at,
            }),
            None if parts.method.is_safe() => Err(Refusal::SignIn(at)),
            None => Err(Refusal::SignIn(String::new())),
        }
    }
}

impl<S: Send + Sync> FromRequest<S> for Posted
where
    Arc<App>: FromRef<S>,
{
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let app = Arc::<App>::from_ref(state);
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, state).await?;
        let mut fields = fields(&app, &parts.headers, body).await?;
        let form = fields.take_all("form").pop().unwrap_or_default();
        if !from_here(&parts.headers) || !visitor.session.owns_form(&form) {
            return Err(foreign().into());
        }
        Ok(Self { visitor, fields })
    }
}

/// The fields of a form, within the limit of small bodies.
pub(crate) async fn fields(
    app: &App,
    headers: &HeaderMap,
    body: axum::body::Body,
) -> Result<Params, Failure> {
    let media_type = text(headers, &header::CONTENT_TYPE);
    if !media_type.starts_with("application/x-www-form-urlencoded") {
        let detail = "a form is sent as `application/x-www-form-urlencoded`".to_owned();
        return Err(app::Error::UnsupportedMediaType { detail }.into());
    }
    let limit_bytes = app.settings.request_bytes;
    let limit = usize::try_from(limit_bytes).unwrap_or(usize::MAX);
    let bytes = to_bytes(body, limit)
        .await
        .map_err(|_why| app::Error::TooLarge { limit_bytes })?;
    Ok(Params::of(&bytes))
}

/// A form that is not ours.
pub(crate) fn foreign() -> app::Error {
    app::Error::bad_request(
        "this form is out of date or came from another site; open the page again and repeat",
    )
}

/// The session of the cookie.
async fn session(app: &App, headers: &HeaderMap) -> Result<Option<Session>, Failure> {
    match secret(app, headers) {
        None => Ok(None),
        Some(secret) => Ok(sessions::resume(app, &secret).await?),
    }
}

/// The secret in the cookie.
pub(crate) fn secret(app: &App, headers: &HeaderMap) -> Option<SessionSecret> {
    cookie(headers, show::cookie_name(app.settings.https)).and_then(SessionSecret::parse)
}

/// Light or dark, from the cookie.
pub(crate) fn theme(headers: &HeaderMap) -> Theme {
    cookie(headers, "theme")
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Whether the browser says, or at least does not deny, that one of our own pages sent this.
pub(crate) fn from_here(headers: &HeaderMap) -> bool {
    let site = text(headers, &HeaderName::from_static("sec-fetch-site"));
    if !site.is_empty() {
        return matches!(site, "same-origin" | "none");
    }
    let origin = text(headers, &header::ORIGIN);
    let host = text(headers, &header::HOST);
    origin.is_empty()
        || origin
            .split_once("://")
            .is_some_and(|(_, authority)| authority == host)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Who calls the API with a cookie.
pub(crate) async fn api_caller(app: &App, parts: &Parts) -> Result<Option<Caller>, Failure> {
    if !from_here(&parts.headers) {
        return Ok(None);
    }
    let Some(session) = session(app, &parts.headers).await? else {
        return Ok(None);
    };
    let form = text(&parts.headers, &HeaderName::from_static("x-form"));
    if parts.method.is_safe() || session.owns_form(form) {
        Ok(Some(session.caller))
    } else {
        Ok(None)
    }
}
