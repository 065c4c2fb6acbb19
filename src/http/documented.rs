//! What every call's documentation has in common: the problem documents it may answer, and the parameters of lists.
//!
//! Documentation only; the router-walk test compares it with what is answered.

use std::collections::BTreeMap;

use api::problem::Problem;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{
    Content, KnownFormat, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, SchemaFormat, Type,
};
use utoipa::{IntoParams, IntoResponses, ToSchema as _};

/// Refusals of calls that only read.
#[derive(Debug)]
pub(crate) struct Reading;

/// Refusals of calls that change something.
#[derive(Debug)]
pub(crate) struct Writing;

/// Refusals of uploads.
#[derive(Debug)]
pub(crate) struct Uploading;

/// Refusals of resumable uploads.
#[derive(Debug)]
pub(crate) struct Resuming;

const READING: &[(&str, &str)] = &[
    ("400", "malformed: `bad_request`"),
    (
        "401",
        "no token, or one that is worthless: `unauthenticated`",
    ),
    ("403", "the token does not allow this: `forbidden`"),
    ("404", "does not exist or may not be seen: `not_found`"),
    ("429", "too many requests or streams: `rate_limited`"),
    ("500", "the service failed: `internal`"),
    ("503", "not now: `unavailable`"),
];

const WRITING: &[(&str, &str)] = &[
    (
        "409",
        "in conflict: `name_taken`, `in_use`, `idempotency_in_flight`",
    ),
    (
        "412",
        "`If-Match` names another version: `precondition_failed`",
    ),
    ("413", "larger than a limit: `too_large`"),
    ("415", "another media type: `unsupported_media_type`"),
    (
        "422",
        "refused: `bad_package`, `unsupported`, `bad_recipe`, `idempotency_key_reused`",
    ),
];

const RESUMING: &[(&str, &str)] = &[
    ("409", "the upload stands elsewhere: `wrong_offset`"),
    ("412", "another version of tus: `precondition_failed`"),
    ("423", "another connection is writing: `locked`"),
    (
        "460",
        "the bytes are not those of `Upload-Checksum`: `checksum_mismatch`",
    ),
];

fn refusals(rows: &[&[(&str, &str)]]) -> BTreeMap<String, RefOr<Response>> {
    let content = || Content::new(Some(Ref::from_schema_name(Problem::name())));
    let response = |what: &str| {
        ResponseBuilder::new()
            .description(what)
            .content(super::problem::MEDIA_TYPE, content())
            .build()
    };
    rows.iter()
        .flat_map(|rows| rows.iter())
        .map(|(status, what)| ((*status).to_owned(), RefOr::T(response(what))))
        .collect()
}

impl IntoResponses for Reading {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals(&[READING])
    }
}

impl IntoResponses for Writing {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals(&[READING, WRITING])
    }
}

impl IntoResponses for Resuming {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals(&[READING, WRITING, RESUMING])
    }
}

impl IntoResponses for Uploading {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        refusals(&[READING, WRITING])
    }
}

/// `limit` and `cursor`.
#[derive(Debug)]
pub(crate) struct Listing;

impl IntoParams for Listing {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let limit = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .minimum(Some(1))
            .maximum(Some(api::page::LIMIT_MAX))
            .default(Some(api::page::LIMIT_DEFAULT.into()));
        let cursor = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^c[0-9a-f]{32}$"));
        let query = |name: &str, what: &str| {
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Query)
                .description(Some(what))
        };
        vec![
            query("limit", "most items of the page")
                .schema(Some(limit))
                .build(),
            query("cursor", "`next_cursor` of the page before")
                .schema(Some(cursor))
                .build(),
        ]
    }
}
