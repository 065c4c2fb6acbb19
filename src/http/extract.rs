//! What handlers take from a request: path segments, query parameters, JSON bodies, a few headers.
//!
//! Each refuses with a [`Failure`], so that what is malformed gets the same document as everything else. An impossible
//! name in a path is 404 before any query. It reads; what the values mean is the app's business.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use api::ids::{Fence, JobId, RevisionId, TokenId, UploadId};
use api::names::AliasName;
use api::page::{LIMIT_MAX, PageRequest};
use axum::body::Body;
use axum::extract::{FromRef, FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use futures::StreamExt as _;
use serde::de::DeserializeOwned;

use super::problem::Failure;
use crate::app::models::ModelRef;
use crate::app::projects::ProjectRef;
use crate::app::weights::WeightName;
use crate::app::{self, App};

/// Longest that a JSON body may take: a client that sends byte by byte must not hold a handler.
const BODY_WITHIN: Duration = Duration::from_secs(30);

/// A path segment with a meaning.
pub(crate) trait Segment: FromStr {
    /// What it names, for the 404.
    const NOUN: &'static str;
}

impl Segment for ModelRef {
    const NOUN: &'static str = "model";
}
impl Segment for RevisionId {
    const NOUN: &'static str = "revision";
}
impl Segment for UploadId {
    const NOUN: &'static str = "upload";
}
impl Segment for JobId {
    const NOUN: &'static str = "job";
}
impl Segment for Fence {
    const NOUN: &'static str = "attempt";
}
impl Segment for TokenId {
    const NOUN: &'static str = "token";
}
impl Segment for WeightName {
    const NOUN: &'static str = "weight";
}
impl Segment for ProjectRef {
    const NOUN: &'static str = "project";
}
impl Segment for AliasName {
    const NOUN: &'static str = "alias";
}

/// The one segment of the path that varies.
#[derive(Debug)]
pub(crate) struct At<T>(pub(crate) T);

/// The two segments of the path that vary.
#[derive(Debug)]
pub(crate) struct At2<A, B>(pub(crate) A, pub(crate) B);

fn segment<T: Segment>(text: Option<&String>) -> Result<T, Failure> {
    let text = text.map_or("", String::as_str);
    // The longest id or name has 100 bytes; more need not be repeated.
    text.parse().map_err(|_why| {
        app::Error::not_found(T::NOUN, text.chars().take(100).collect::<String>()).into()
    })
}

async fn segments<S: Send + Sync>(parts: &mut Parts, state: &S) -> Result<Vec<String>, Failure> {
    let params = RawPathParams::from_request_parts(parts, state).await;
    let params = params.map_err(|_why| app::Error::bad_request("the path is not UTF-8"))?;
    Ok(params.iter().map(|(_, value)| value.to_owned()).collect())
}

impl<S: Send + Sync, T: Segment> FromRequestParts<S> for At<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        Ok(Self(segment(segments(parts, state).await?.first())?))
    }
}

impl<S: Send + Sync, A: Segment, B: Segment> FromRequestParts<S> for At2<A, B> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let segments = segments(parts, state).await?;
        Ok(Self(segment(segments.first())?, segment(segments.get(1))?))
    }
}

/// The query, parameter by parameter. Each call of `take…` removes what it reads; [`Params::finish`] refuses the rest.
#[derive(Debug)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Of `a=1&b=2`.
    pub(crate) fn of(encoded: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// All values of a parameter, in order.
    pub(crate) fn take_all(&mut self, name: &str) -> Vec<String> {
        let taken = self.0.extract_if(.., |(key, _)| key == name);
        taken.map(|(_, value)| value).collect()
    }

    /// The value of a parameter that may come once.
    pub(crate) fn take<T>(&mut self, name: &str) -> Result<Option<T>, Failure>
    where
        T: FromStr<Err: std::fmt::Display>,
    {
        let mut values = self.take_all(name).into_iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => value
                .parse()
                .map(Some)
                .map_err(|why| refused(name, &format!("cannot be read: {why}"))),
            (Some(_), Some(_)) => Err(refused(name, "is given more than once")),
        }
    }

    /// `limit` and `cursor`.
    pub(crate) fn take_page(&mut self) -> Result<PageRequest, Failure> {
        Ok(PageRequest {
            limit: self.take_limit()?,
            after: self.take("cursor")?,
        })
    }

    /// `limit`.
    pub(crate) fn take_limit(&mut self) -> Result<u32, Failure> {
        let default = PageRequest::default();
        let limit = self.take::<u32>("limit")?.unwrap_or(default.limit);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(refused(
                "limit",
                &format!("is not between 1 and {LIMIT_MAX}"),
            ));
        }
        Ok(limit)
    }

    /// Refuses parameters that nobody took: a misspelt filter must not answer everything.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self.0.first() {
            None => Ok(()),
            Some((name, _)) => Err(refused(name, "is not a parameter of this call")),
        }
    }
}

fn refused(name: &str, why: &str) -> Failure {
    let pointer = name.chars().take(100).collect::<String>();
    app::Error::BadRequest {
        detail: format!("query parameter `{pointer}` {why}"),
        fields: vec![app::Field {
            pointer,
            detail: why.to_owned(),
        }],
    }
    .into()
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(Self::of(parts.uri.query().unwrap_or_default().as_bytes()))
    }
}

/// The query of a call that has no parameters: any is refused, so that `?dry_run=1` never does the real thing.
#[derive(Debug)]
pub(crate) struct NoParams;

impl<S: Send + Sync> FromRequestParts<S> for NoParams {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        Params::from_request_parts(parts, state).await?.finish()?;
        Ok(Self)
    }
}

/// A JSON body.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

/// The bytes of a JSON body with the head of its request.
#[derive(Debug)]
pub(crate) struct JsonBytes {
    pub(crate) parts: Parts,
    pub(crate) bytes: Vec<u8>,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T>
where
    Arc<App>: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        parse(&JsonBytes::from_request(request, state).await?.bytes).map(Self)
    }
}

impl<S: Send + Sync> FromRequest<S> for JsonBytes
where
    Arc<App>: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let (parts, body) = request.into_parts();
        if !is_json(&parts.headers) {
            let detail = "this call takes `Content-Type: application/json`".to_owned();
            return Err(app::Error::UnsupportedMediaType { detail }.into());
        }
        let limit_bytes = Arc::<App>::from_ref(state).settings.request_bytes;
        let read = tokio::time::timeout(BODY_WITHIN, read(body, limit_bytes)).await;
        let bytes = read.map_err(|_late| {
            let seconds = BODY_WITHIN.as_secs();
            app::Error::bad_request(format!("the body took longer than {seconds} s"))
        })??;
        Ok(Self { parts, bytes })
    }
}

async fn read(body: Body, limit_bytes: u64) -> Result<Vec<u8>, Failure> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_why| app::Error::bad_request("the body broke off"))?;
        if (bytes.len() + chunk.len()) as u64 > limit_bytes {
            return Err(app::Error::TooLarge { limit_bytes }.into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Reads JSON; a refusal says which field.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    // serde reads structs from arrays too, field by field; nobody means that.
    if bytes.trim_ascii_start().first() == Some(&b'[') {
        return Err(
            app::Error::bad_request("the body is a JSON array; an object is expected").into(),
        );
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let pointer = pointer(error.path());
        let why = error.into_inner().to_string();
        if pointer.is_empty() {
            return app::Error::bad_request(format!(
                "the body is not the JSON of this call: {why}"
            ));
        }
        app::Error::bad_field(pointer, why)
    })?;
    json.end()
        .map_err(|error| app::Error::bad_request(format!("behind the JSON: {error}")))?;
    Ok(value)
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment as Part;
    let mut text = String::new();
    for part in path {
        let part = match part {
            Part::Seq { index } => index.to_string(),
            Part::Map { key } => key.replace('~', "~0").replace('/', "~1"),
            Part::Enum { variant } => variant.clone(),
            Part::Unknown => continue,
        };
        text.push('/');
        text.push_str(&part);
    }
    text
}

/// Whether the body says that it is JSON.
fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// A header's text; one that is not visible ASCII is refused.
pub(crate) fn text<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a str>, Failure> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let text = value
        .to_str()
        .map_err(|_why| app::Error::bad_request(format!("header `{name}` is not ASCII")))?;
    Ok(Some(text))
}
