//! A column's value as JSON, and back into the type that the other database has for it.
//!
//! Bytes and ids are hexadecimal; numbers with a fraction are text, which keeps every bit of them.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;

use super::super::error::{Error, Result};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Uuid,
    Bytes,
    Text,
    Integer,
    SmallInteger,
    Real,
    Boolean,
}

impl Kind {
    /// By the name of the type in either catalog.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "uuid" => Self::Uuid,
            "blob" | "bytea" => Self::Bytes,
            "text" => Self::Text,
            "integer" if name == "INTEGER" || name == "integer" => Self::Integer,
            // SQLite's; that of Postgres is told apart as int4 by whoever asks
            "integer" | "bigint" => Self::Integer,
            "int4" => Self::SmallInteger,
            "real" | "double precision" => Self::Real,
            "boolean" => Self::Boolean,
            _ => return None,
        })
    }
}

/// A value as the receiving column wants it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Uuid(Option<Uuid>),
    Bytes(Option<Vec<u8>>),
    Text(Option<String>),
    Integer(Option<i64>),
    SmallInteger(Option<i32>),
    Real(Option<f64>),
    Boolean(Option<bool>),
}

impl Value {
    /// As JSON.
    pub(super) fn json(self) -> Json {
        let or_null = |json: Option<Json>| json.unwrap_or(Json::Null);
        match self {
            Self::Uuid(id) => or_null(id.map(|id| hex(id.as_bytes()).into())),
            Self::Bytes(bytes) => or_null(bytes.map(|bytes| hex(&bytes).into())),
            Self::Text(text) => or_null(text.map(Json::from)),
            Self::Integer(number) => or_null(number.map(Json::from)),
            Self::SmallInteger(number) => or_null(number.map(Json::from)),
            Self::Real(number) => or_null(number.map(|number| number.to_string().into())),
            Self::Boolean(truth) => or_null(truth.map(Json::from)),
        }
    }

    /// From JSON, for a column of that kind.
    pub(super) fn from_json(json: &Json, kind: Kind) -> Result<Self> {
        let wrong = || Error::Corrupt {
            what: "backup",
            detail: format!("{json} is no {kind:?}"),
        };
        let there = |json: &Json| !json.is_null();
        let json = Some(json).filter(|json| there(json));
        Ok(match kind {
            Kind::Uuid => Self::Uuid(
                json.map(|json| {
                    json.as_str()
                        .and_then(unhex)
                        .and_then(|bytes| Uuid::from_slice(&bytes).ok())
                        .ok_or_else(wrong)
                })
                .transpose()?,
            ),
            Kind::Bytes => Self::Bytes(
                json.map(|json| json.as_str().and_then(unhex).ok_or_else(wrong))
                    .transpose()?,
            ),
            Kind::Text => Self::Text(
                json.map(|json| json.as_str().map(str::to_owned).ok_or_else(wrong))
                    .transpose()?,
            ),
            Kind::Integer => {
                Self::Integer(json.map(|json| whole(json).ok_or_else(wrong)).transpose()?)
            }
            Kind::SmallInteger => Self::SmallInteger(
                json.map(|json| {
                    whole(json)
                        .and_then(|number| i32::try_from(number).ok())
                        .ok_or_else(wrong)
                })
                .transpose()?,
            ),
            Kind::Real => Self::Real(
                json.map(|json| {
                    json.as_str()
                        .and_then(|text| text.parse().ok())
                        .ok_or_else(wrong)
                })
                .transpose()?,
            ),
            Kind::Boolean => Self::Boolean(
                json.map(|json| whole(json).map(|number| number != 0).ok_or_else(wrong))
                    .transpose()?,
            ),
        })
    }
}

/// A whole number, or a truth as one: SQLite has no truths.
fn whole(json: &Json) -> Option<i64> {
    json.as_i64().or(json.as_bool().map(i64::from))
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .flatten()
        .collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| match std::str::from_utf8(pair) {
            Ok(digits) if digits.len() == 2 => u8::from_str_radix(digits, 16).ok(),
            Ok(_) | Err(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    //! Every value survives the way through JSON.

    use super::*;

    #[test]
    fn every_kind_comes_back() {
        let rows = [
            (Kind::Uuid, Value::Uuid(Some(Uuid::from_u128(7)))),
            (Kind::Bytes, Value::Bytes(Some(vec![0, 255, 16]))),
            (
                Kind::Text,
                Value::Text(Some("a \"b\"\n\u{6570}".to_owned())),
            ),
            (Kind::Integer, Value::Integer(Some(i64::MIN))),
            (Kind::SmallInteger, Value::SmallInteger(Some(-3))),
            (Kind::Real, Value::Real(Some(0.1 + 0.2))),
            (Kind::Real, Value::Real(Some(5e-324))),
            (Kind::Boolean, Value::Boolean(Some(true))),
            (Kind::Bytes, Value::Bytes(None)),
        ];
        for (kind, value) in rows {
            let text = value.clone().json().to_string();
            let json: Json = serde_json::from_str(&text).unwrap();
            assert_eq!(Value::from_json(&json, kind).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn the_other_database_has_other_types() {
        let check = |json: Json, kind, value| {
            assert_eq!(Value::from_json(&json, kind).unwrap(), value);
        };
        check(true.into(), Kind::Integer, Value::Integer(Some(1)));
        check(0.into(), Kind::Boolean, Value::Boolean(Some(false)));
        for (json, kind) in [
            (Json::from("0g"), Kind::Bytes),
            ("abc".into(), Kind::Bytes),
            ("00".into(), Kind::Uuid),
            (1.into(), Kind::Text),
            (1.5.into(), Kind::Integer),
        ] {
            assert!(Value::from_json(&json, kind).is_err(), "{json} {kind:?}");
        }
    }
}
