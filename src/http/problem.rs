//! Errors as problem documents (RFC 9457): the one place where an error becomes a status and a code.
//!
//! A handler's error travels as [`Failure`] in the extensions of an empty response; [`document`] turns it into the
//! document when the request id is known. What the framework itself refuses (unknown route, wrong method, a panic)
//! comes as a bare status and gets its document by [`of_status`]. What is ours alone is logged here, once.

use std::sync::Arc;

use api::problem::{Code, FieldError, Problem};
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::app;
use crate::app::jobs::Room;

/// The media type of problem documents.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// When it is worth asking again whether a project has room for a job: one ends every few seconds, or nobody knows when.
const ROOM_AFTER_S: u32 = 5;

/// What a handler or an extractor fails with.
#[derive(Debug, Clone)]
pub struct Failure(Arc<app::Error>);

impl From<app::Error> for Failure {
    fn from(error: app::Error) -> Self {
        Self(Arc::new(error))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = status(code(&self.0)).into_response();
        let headers = response.headers_mut();
        match &*self.0 {
            app::Error::Unauthenticated { .. } => {
                headers.insert(
                    header::WWW_AUTHENTICATE,
                    HeaderValue::from_static("Bearer realm=\"coreanvil\""),
                );
            }
            app::Error::Locked => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("3"));
            }
            app::Error::IdempotencyInFlight => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            app::Error::NoRoom {
                in_flight, limit, ..
            } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(ROOM_AFTER_S));
                let (limit, in_flight) = (*limit, *in_flight);
                response.extensions_mut().insert(Room { limit, in_flight });
            }
            app::Error::Unavailable { retry_after_s, .. }
            | app::Error::RateLimited { retry_after_s, .. } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_s));
            }
            app::Error::BadRequest { .. }
            | app::Error::At { .. }
            | app::Error::BadPackage { .. }
            | app::Error::Unsupported { .. }
            | app::Error::BadRecipe { .. }
            | app::Error::DigestMismatch { .. }
            | app::Error::Forbidden { .. }
            | app::Error::NotFound { .. }
            | app::Error::NameTaken { .. }
            | app::Error::InUse { .. }
            | app::Error::WrongOffset { .. }
            | app::Error::ChecksumMismatch
            | app::Error::WrongProtocol { .. }
            | app::Error::PreconditionFailed { .. }
            | app::Error::TooLarge { .. }
            | app::Error::UnsupportedMediaType { .. }
            | app::Error::IdempotencyKeyReused
            | app::Error::StaleLease
            | app::Error::Internal { .. } => {}
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// The code of an error.
pub(crate) fn code(error: &app::Error) -> Code {
    match error {
        app::Error::BadRequest { .. } => Code::BadRequest,
        app::Error::At { error, .. } => code(error),
        app::Error::BadPackage { .. } => Code::BadPackage,
        app::Error::Unsupported { .. } => Code::Unsupported,
        app::Error::BadRecipe { .. } => Code::BadRecipe,
        app::Error::DigestMismatch { .. } => Code::DigestMismatch,
        app::Error::Unauthenticated { .. } => Code::Unauthenticated,
        app::Error::Forbidden { .. } => Code::Forbidden,
        app::Error::NotFound { .. } => Code::NotFound,
        app::Error::NameTaken { .. } => Code::NameTaken,
        app::Error::InUse { .. } => Code::InUse,
        app::Error::WrongOffset { .. } => Code::WrongOffset,
        app::Error::Locked => Code::Locked,
        app::Error::ChecksumMismatch => Code::ChecksumMismatch,
        app::Error::WrongProtocol { .. } | app::Error::PreconditionFailed { .. } => {
            Code::PreconditionFailed
        }
        app::Error::TooLarge { .. } => Code::TooLarge,
        app::Error::UnsupportedMediaType { .. } => Code::UnsupportedMediaType,
        app::Error::IdempotencyKeyReused => Code::IdempotencyKeyReused,
        app::Error::IdempotencyInFlight => Code::IdempotencyInFlight,
        app::Error::StaleLease => Code::StaleLease,
        app::Error::RateLimited { .. } | app::Error::NoRoom { .. } => Code::RateLimited,
        app::Error::Unavailable { .. } => Code::Unavailable,
        app::Error::Internal { .. } => Code::Internal,
    }
}

/// The status of a code. `expired` and `poison` are codes of jobs and never the answer to a request.
pub(crate) fn status(code: Code) -> StatusCode {
    match code {
        Code::BadRequest | Code::DigestMismatch => StatusCode::BAD_REQUEST,
        Code::BadPackage | Code::Unsupported | Code::BadRecipe | Code::IdempotencyKeyReused => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::NameTaken | Code::InUse | Code::StaleLease | Code::IdempotencyInFlight => {
            StatusCode::CONFLICT
        }
        Code::WrongOffset => StatusCode::CONFLICT,
        Code::Locked => StatusCode::LOCKED,
        // tus gave it this number.
        Code::ChecksumMismatch => StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST),
        Code::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal | Code::Expired | Code::Poison => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The same words for every problem of one code.
pub(super) fn title(code: Code) -> &'static str {
    match code {
        Code::BadRequest => "The request is malformed",
        Code::BadPackage => "The package is malformed",
        Code::Unsupported => "Not supported",
        Code::BadRecipe => "The recipe is refused",
        Code::DigestMismatch => "The body is not what its digest promised",
        Code::Unauthenticated => "A valid token is needed",
        Code::Forbidden => "The token does not allow this",
        Code::NotFound => "Not found",
        Code::MethodNotAllowed => "The method is not allowed here",
        Code::NameTaken => "The name is taken",
        Code::InUse => "Still in use",
        Code::StaleLease => "The lease is no longer held",
        Code::WrongOffset => "The upload stands elsewhere",
        Code::Locked => "Another connection is writing",
        Code::ChecksumMismatch => "The bytes are not those of the checksum",
        Code::PreconditionFailed => "Changed since",
        Code::TooLarge => "Too large",
        Code::UnsupportedMediaType => "The media type is not supported",
        Code::IdempotencyKeyReused => "The idempotency key came with another request",
        Code::IdempotencyInFlight => "The first request with this key is still running",
        Code::RateLimited => "Too many requests",
        Code::Unavailable => "Not available now",
        Code::Internal => "The service failed",
        Code::Expired => "Out of time",
        Code::Poison => "Given up after lost workers",
    }
}

/// Code and words for a status that the framework answered by itself.
fn of_status(status: StatusCode) -> (Code, &'static str) {
    match status {
        StatusCode::NOT_FOUND => (Code::NotFound, "there is no such path"),
        StatusCode::METHOD_NOT_ALLOWED => (
            Code::MethodNotAllowed,
            "the header `Allow` lists the methods of this path",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => {
            (Code::TooLarge, "the body is larger than this call takes")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => (
            Code::UnsupportedMediaType,
            "this call takes `Content-Type: application/json`",
        ),
        StatusCode::RANGE_NOT_SATISFIABLE => (Code::BadRequest, "the range begins behind the end"),
        StatusCode::TOO_MANY_REQUESTS => (Code::RateLimited, "wait as `Retry-After` says"),
        StatusCode::SERVICE_UNAVAILABLE => (Code::Unavailable, "the request took too long"),
        status if status.is_client_error() => (Code::BadRequest, "the request is malformed"),
        _ => (
            Code::Internal,
            "the service failed; the log has more under this request id",
        ),
    }
}

/// Gives an error response its document; leaves every other response as it is.
pub(crate) fn document(response: Response, request: &str) -> Response {
    if !(response.status().is_client_error() || response.status().is_server_error()) {
        return response;
    }
    let problem = describe(&response, request);
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts
        .headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    parts
        .headers
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if parts.status == StatusCode::SERVICE_UNAVAILABLE {
        parts
            .headers
            .entry(header::RETRY_AFTER)
            .or_insert(HeaderValue::from_static("5"));
    }
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    Response::from_parts(parts, Body::from(body))
}

/// What an error response is about; what is ours alone is logged.
pub(crate) fn describe(response: &Response, request: &str) -> Problem {
    if let Some(failure) = response.extensions().get::<Failure>() {
        return of_error(&failure.0, request);
    }
    let (code, detail) = of_status(response.status());
    Problem {
        status: response.status().as_u16(),
        ..problem(code, detail.to_owned(), Vec::new(), request)
    }
}

/// A document for what never became a request.
pub(crate) fn bare(code: Code, status: u16, detail: &str, request: &str) -> Vec<u8> {
    let problem = Problem {
        status,
        ..problem(code, detail.to_owned(), Vec::new(), request)
    };
    serde_json::to_vec(&problem).unwrap_or_default()
}

fn of_error(error: &app::Error, request: &str) -> Problem {
    match error {
        app::Error::Internal { doing, source } => {
            tracing::error!(request_id = request, error = %app::Chain(&**source), "failed at {doing}");
            let detail = "the service failed; the log has more under this request id".to_owned();
            problem(Code::Internal, detail, Vec::new(), request)
        }
        app::Error::BadRequest { detail, fields } => {
            let fields = fields
                .iter()
                .map(|field| FieldError {
                    pointer: field.pointer.clone(),
                    detail: field.detail.clone(),
                })
                .collect();
            problem(Code::BadRequest, detail.clone(), fields, request)
        }
        app::Error::At {
            pointer,
            error: inner,
        } => {
            let field = FieldError {
                pointer: pointer.clone(),
                detail: inner.to_string(),
            };
            problem(code(inner), error.to_string(), vec![field], request)
        }
        app::Error::BadPackage { .. }
        | app::Error::Unsupported { .. }
        | app::Error::BadRecipe { .. }
        | app::Error::DigestMismatch { .. }
        | app::Error::Unauthenticated { .. }
        | app::Error::Forbidden { .. }
        | app::Error::NotFound { .. }
        | app::Error::NameTaken { .. }
        | app::Error::InUse { .. }
        | app::Error::WrongOffset { .. }
        | app::Error::Locked
        | app::Error::ChecksumMismatch
        | app::Error::WrongProtocol { .. }
        | app::Error::PreconditionFailed { .. }
        | app::Error::TooLarge { .. }
        | app::Error::UnsupportedMediaType { .. }
        | app::Error::IdempotencyKeyReused
        | app::Error::IdempotencyInFlight
        | app::Error::StaleLease
        | app::Error::RateLimited { .. }
        | app::Error::NoRoom { .. }
        | app::Error::Unavailable { .. } => {
            problem(code(error), error.to_string(), Vec::new(), request)
        }
    }
}

fn problem(code: Code, detail: String, errors: Vec<FieldError>, request: &str) -> Problem {
    Problem {
        kind: format!("urn:coreanvil:problem:{code}"),
        title: title(code).to_owned(),
        status: status(code).as_u16(),
        detail,
        code,
        request_id: request.to_owned(),
        errors,
    }
}
