//! The types that a key may have: how each is read from TOML or from text, written and shown.
//!
//! A value is parsed once, here; behind this room it is valid. Secrets are hidden in `shown` and in `Debug`.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use url::Url;

/// A value as it was given.
#[derive(Debug, Clone)]
pub(super) enum Raw {
    /// A string of a TOML file.
    Text(String),
    /// An integer of a TOML file.
    Integer(i64),
    /// A boolean of a TOML file.
    Boolean(bool),
    /// Something else of a TOML file: a float, a date, a list, a table.
    Other(&'static str),
    /// Text of the environment or of a flag, which has no types.
    Untyped(String),
}

impl Raw {
    /// What it is, for an error.
    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Untyped(_) => "a string",
            Self::Integer(_) => "an integer",
            Self::Boolean(_) => "a boolean",
            Self::Other(kind) => kind,
        }
    }

    /// The characters of a string, or an error that says what is expected.
    fn string(&self, expected: &str) -> Result<&str, String> {
        match self {
            Self::Text(text) | Self::Untyped(text) => Ok(text),
            Self::Integer(_) | Self::Boolean(_) | Self::Other(_) => {
                Err(format!("expected {expected}, found {}", self.kind()))
            }
        }
    }
}

/// A type that a key may have.
pub(super) trait Setting: Sized {
    /// Takes a value over, or says what is expected.
    fn read(raw: &Raw) -> Result<Self, String>;
    /// As a TOML literal.
    fn written(&self) -> String;
    /// As a person may see it.
    fn shown(&self) -> String {
        self.written()
    }
}

/// Reads a whole number that is at least `least`.
fn integer(raw: &Raw, least: u64, most: u64) -> Result<u64, String> {
    let expected = || format!("expected a whole number from {least} to {most}");
    let number = match raw {
        Raw::Integer(number) => u64::try_from(*number).ok(),
        Raw::Untyped(text) => text.trim().replace('_', "").parse().ok(),
        Raw::Text(_) | Raw::Boolean(_) | Raw::Other(_) => {
            return Err(format!("{}, found {}", expected(), raw.kind()));
        }
    };
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(expected)
}

/// A number with `_` between groups of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

impl Setting for u64 {
    fn read(raw: &Raw) -> Result<Self, String> {
        integer(raw, 0, i64::MAX.unsigned_abs())
    }
    fn written(&self) -> String {
        grouped(*self)
    }
}

impl Setting for u32 {
    fn read(raw: &Raw) -> Result<Self, String> {
        let number = integer(raw, 0, u64::from(u32::MAX))?;
        Self::try_from(number).map_err(|error| error.to_string())
    }
    fn written(&self) -> String {
        grouped(u64::from(*self))
    }
}

impl Setting for usize {
    fn read(raw: &Raw) -> Result<Self, String> {
        let number = integer(raw, 0, i64::MAX.unsigned_abs())?;
        Self::try_from(number).map_err(|error| error.to_string())
    }
    fn written(&self) -> String {
        u64::try_from(*self).map_or_else(|_| self.to_string(), grouped)
    }
}

impl Setting for std::num::NonZeroUsize {
    fn read(raw: &Raw) -> Result<Self, String> {
        let number = integer(raw, 1, i64::MAX.unsigned_abs())?;
        usize::try_from(number)
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| "expected a whole number of at least 1".to_owned())
    }
    fn written(&self) -> String {
        self.get().written()
    }
}

impl Setting for bool {
    fn read(raw: &Raw) -> Result<Self, String> {
        match raw {
            Raw::Boolean(value) => Ok(*value),
            Raw::Untyped(text) => match text.trim() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => Err("expected true or false".to_owned()),
            },
            Raw::Text(_) | Raw::Integer(_) | Raw::Other(_) => {
                Err(format!("expected true or false, found {}", raw.kind()))
            }
        }
    }
    fn written(&self) -> String {
        self.to_string()
    }
}

impl Setting for SocketAddr {
    fn read(raw: &Raw) -> Result<Self, String> {
        let expected = "an address and port such as 127.0.0.1:8080";
        raw.string(expected)?
            .trim()
            .parse()
            .map_err(|error| format!("expected {expected}: {error}"))
    }
    fn written(&self) -> String {
        quoted(&self.to_string())
    }
}

impl Setting for PathBuf {
    fn read(raw: &Raw) -> Result<Self, String> {
        match raw.string("a path")? {
            "" => Err("expected a path, found nothing".to_owned()),
            path => Ok(Self::from(path)),
        }
    }
    fn written(&self) -> String {
        quoted(&self.to_string_lossy())
    }
}

impl Setting for String {
    fn read(raw: &Raw) -> Result<Self, String> {
        Ok(raw.string("a string")?.to_owned())
    }
    fn written(&self) -> String {
        quoted(self)
    }
}

/// A value that follows from the others unless it is given; written `"auto"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Auto<T> {
    /// Not given.
    Auto,
    /// Given.
    Given(T),
}

impl<T> Auto<T> {
    /// The given value, if there is one.
    pub fn given(&self) -> Option<&T> {
        match self {
            Self::Auto => None,
            Self::Given(value) => Some(value),
        }
    }
}

impl<T: Setting> Setting for Auto<T> {
    fn read(raw: &Raw) -> Result<Self, String> {
        match raw {
            Raw::Text(text) | Raw::Untyped(text) if text == "auto" => Ok(Self::Auto),
            Raw::Text(_) | Raw::Integer(_) | Raw::Boolean(_) | Raw::Other(_) | Raw::Untyped(_) => {
                T::read(raw)
                    .map(Self::Given)
                    .map_err(|why| format!("{why}, or \"auto\""))
            }
        }
    }
    fn written(&self) -> String {
        self.given()
            .map_or_else(|| quoted("auto"), Setting::written)
    }
    fn shown(&self) -> String {
        self.given().map_or_else(|| quoted("auto"), Setting::shown)
    }
}

/// A value that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The value itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(hidden)")
    }
}

impl Setting for Secret {
    fn read(raw: &Raw) -> Result<Self, String> {
        match raw.string("a string")? {
            "" => Err("expected a secret, found nothing".to_owned()),
            text => Ok(Self(text.to_owned())),
        }
    }
    fn written(&self) -> String {
        quoted(&self.0)
    }
    fn shown(&self) -> String {
        "(hidden)".to_owned()
    }
}

/// Where the database is: `sqlite:PATH` or `postgres://…`.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// As it was given, password and all.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For people: without a password.
    pub fn without_password(&self) -> String {
        without_password(&self.0)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DatabaseUrl({})", self.without_password())
    }
}

impl Setting for DatabaseUrl {
    fn read(raw: &Raw) -> Result<Self, String> {
        let expected = "sqlite:PATH or postgres://USER@HOST/NAME";
        let text = raw.string(expected)?;
        let known = ["sqlite:", "postgres://", "postgresql://"];
        match known.iter().find_map(|scheme| text.strip_prefix(scheme)) {
            Some(rest) if !rest.is_empty() => Ok(Self(text.to_owned())),
            Some(_) | None => Err(format!("expected {expected}")),
        }
    }
    fn written(&self) -> String {
        quoted(&self.0)
    }
    fn shown(&self) -> String {
        quoted(&self.without_password())
    }
}

/// Where objects are stored: `file:///PATH`, `s3://BUCKET/PREFIX`, `gs://…`, `az://…`.
#[derive(Clone, PartialEq, Eq)]
pub struct ObjectsUrl(Url);

impl ObjectsUrl {
    /// As a URL.
    pub fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for ObjectsUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "ObjectsUrl({})",
            without_password(self.0.as_str())
        )
    }
}

impl Setting for ObjectsUrl {
    fn read(raw: &Raw) -> Result<Self, String> {
        let expected =
            "file:///PATH, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX";
        let url = Url::parse(raw.string(expected)?)
            .map_err(|error| format!("expected {expected}: {error}"))?;
        match url.scheme() {
            "file" | "s3" | "gs" | "az" => Ok(Self(url)),
            other => Err(format!("expected {expected}, found the scheme {other}")),
        }
    }
    fn written(&self) -> String {
        quoted(self.0.as_str())
    }
    fn shown(&self) -> String {
        quoted(&without_password(self.0.as_str()))
    }
}

/// The address under which people reach the service: `http://` or `https://`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// Without a slash at its end.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }
}

impl Setting for PublicUrl {
    fn read(raw: &Raw) -> Result<Self, String> {
        let expected = "an address such as https://coreanvil.example";
        let url = Url::parse(raw.string(expected)?)
            .map_err(|error| format!("expected {expected}: {error}"))?;
        match url.scheme() {
            "http" | "https" if url.host().is_some() => Ok(Self(url)),
            _ => Err(format!("expected {expected}")),
        }
    }
    fn written(&self) -> String {
        quoted(self.as_str())
    }
}

/// Replaces the password of a URL by stars, also one given as a parameter.
fn without_password(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else {
        return "(hidden)".to_owned();
    };
    if url.password().is_some() && url.set_password(Some("****")).is_err() {
        return "(hidden)".to_owned();
    }
    if url
        .query_pairs()
        .any(|(name, _)| name.to_lowercase().contains("pass"))
    {
        url.set_query(Some("(hidden)"));
    }
    url.to_string()
}

/// A TOML string.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
