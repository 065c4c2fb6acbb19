//! A row per code of the contract: its status and its document.

use api::problem::Code;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;

use super::super::problem::{Failure, MEDIA_TYPE, document, status, title};
use crate::app::{Error, Field};

/// One error per variant.
fn errors() -> Vec<Error> {
    vec![
        Error::BadRequest {
            detail: "/name: is empty".to_owned(),
            fields: vec![Field {
                pointer: "/name".to_owned(),
                detail: "is empty".to_owned(),
            }],
        },
        Error::BadPackage {
            detail: "no manifest: x.mlpackage".to_owned(),
        },
        Error::Unsupported {
            detail: "operation `fft` needs CoreML7".to_owned(),
        },
        Error::BadRecipe {
            detail: "unknown key `nbit`: line 3: did you mean `nbits`".to_owned(),
        },
        Error::At {
            pointer: "/then/0/recipe".to_owned(),
            error: Box::new(Error::BadRecipe {
                detail: "unknown recipe `int9`".to_owned(),
            }),
        },
        Error::DigestMismatch {
            promised: "00".to_owned(),
            found: "01".to_owned(),
        },
        Error::Unauthenticated {
            detail: "there is no `Authorization: Bearer ca_…`",
        },
        Error::Forbidden {
            needed: "writer",
            held: "reader",
        },
        Error::not_found("model", "m"),
        Error::NameTaken {
            what: "model",
            name: "m".to_owned(),
        },
        Error::InUse {
            detail: "the alias `prod` points to it".to_owned(),
        },
        Error::PreconditionFailed { what: "model" },
        Error::TooLarge { limit_bytes: 10 },
        Error::UnsupportedMediaType {
            detail: "neither a zip nor a model".to_owned(),
        },
        Error::IdempotencyKeyReused,
        Error::IdempotencyInFlight,
        Error::StaleLease,
        Error::NoRoom {
            in_flight: 9,
            asked: 2,
            limit: 10,
        },
        Error::Unavailable {
            detail: "shutting down",
            retry_after_s: 7,
        },
        Error::internal("storing a revision", std::io::Error::other("secret path")),
    ]
}

#[tokio::test]
async fn documents() {
    let mut lines = Vec::new();
    for error in errors() {
        let response = document(Failure::from(error).into_response(), "r-1");
        let media_type = response.headers()[header::CONTENT_TYPE].clone();
        assert_eq!(media_type, MEDIA_TYPE);
        let extra: Vec<String> = [header::WWW_AUTHENTICATE, header::RETRY_AFTER]
            .iter()
            .filter_map(|name| {
                Some(format!(
                    "{name}: {}",
                    response.headers().get(name)?.to_str().ok()?
                ))
            })
            .collect();
        let body = axum::body::to_bytes(response.into_body(), 10_000)
            .await
            .unwrap();
        lines.push(
            format!(
                "{} {}",
                String::from_utf8(body.to_vec()).unwrap(),
                extra.join(" ")
            )
            .trim_end()
            .to_owned(),
        );
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn what_the_framework_refuses_gets_a_document_too() {
    let mut lines = Vec::new();
    for number in [400, 404, 405, 408, 413, 415, 416, 429, 431, 500, 503] {
        let bare = StatusCode::from_u16(number).unwrap().into_response();
        let response = document(bare, "r-1");
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 10_000)
            .await
            .unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        lines.push(format!(
            "{number} -> {} {} {}",
            status.as_u16(),
            body["code"],
            body["detail"]
        ));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn what_is_not_an_error_passes() {
    let response = document((StatusCode::OK, "body").into_response(), "r-1");
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/plain; charset=utf-8"
    );
}

#[test]
fn every_code_has_a_status_and_words() {
    let rows: Vec<String> = Code::ALL
        .iter()
        .map(|code| format!("{} {code}: {}", status(*code).as_u16(), title(*code)))
        .collect();
    insta::assert_snapshot!(rows.join("\n"));
}
