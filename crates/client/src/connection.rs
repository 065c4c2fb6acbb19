//! One server and one token: builds requests, repeats those that a moment heals, reads the answers.

use std::time::Duration;

use api::problem::Problem;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;

use crate::Error;
use crate::error::one_line;

/// How often and how long a call is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Calls in all, at least one.
    pub attempts: u32,
    /// Milliseconds before the second call; doubles with each further one.
    pub first_delay_ms: u64,
    /// Most milliseconds between two calls, also when the server asks for more.
    pub longest_delay_ms: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 5,
            first_delay_ms: 250,
            longest_delay_ms: 5_000,
        }
    }
}

impl Patience {
    /// Milliseconds to wait after the call of this number (from 1), given what the server asked for.
    pub(crate) fn delay_ms(&self, attempt: u32, asked_ms: Option<u64>) -> u64 {
        let doubled = self
            .first_delay_ms
            .saturating_mul(1 << attempt.saturating_sub(1).min(16));
        asked_ms
            .unwrap_or(0)
            .max(doubled)
            .min(self.longest_delay_ms)
    }
}

/// A server and a token.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    pub(crate) patience: Patience,
}

impl Client {
    /// A client of the server at `address` (`https://host[:port][/prefix]`).
    ///
    /// # Errors
    /// When the address is not one, or the token holds characters that a header cannot.
    pub fn new(address: &str, token: Option<&str>, patience: Patience) -> Result<Self, Error> {
        let wrong = |why: String| Error::Address {
            address: one_line(address),
            why,
        };
        let mut base = Url::parse(address).map_err(|error| wrong(error.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
            return Err(wrong(
                "expected http://HOST[:PORT] or https://HOST[:PORT]".to_owned(),
            ));
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            let mut value =
                HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_invalid| {
                    wrong("the token holds characters that no token has".to_owned())
                })?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .user_agent(concat!("coreanvil/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_mins(2))
            .build()
            .map_err(|error| wrong(error.to_string()))?;
        Ok(Self {
            http,
            base,
            patience,
        })
    }

    /// The URL of a call: segments below `/api/v1`, each escaped.
    pub(crate) fn url(&self, segments: &[&str]) -> Result<Url, Error> {
        let mut url = self.base.clone();
        match url.path_segments_mut() {
            Ok(mut path) => {
                path.pop_if_empty().extend(["api", "v1"]).extend(segments);
            }
            Err(()) => {
                return Err(Error::Address {
                    address: self.base.to_string(),
                    why: "cannot have a path".to_owned(),
                });
            }
        }
        Ok(url)
    }

    /// A request before it is sent.
    pub(crate) fn request(&self, method: Method, url: &Url) -> RequestBuilder {
        self.http.request(method, url.clone())
    }

    /// Sends, and repeats as [`Patience`] says. `build` is called for each attempt.
    pub(crate) async fn send(
        &self,
        url: &Url,
        build: impl Fn() -> RequestBuilder + Send,
    ) -> Result<Response, Error> {
        let mut attempt = 1;
        loop {
            let sent = build().send().await;
            let last = attempt >= self.patience.attempts;
            let asked_ms = match &sent {
                Ok(response) if retry_may_help(response.status()) && !last => {
                    asked_delay_ms(response)
                }
                Err(error) if error.is_connect() && !last => None,
                Ok(_) | Err(_) => return judged(url, sent).await,
            };
            drop(sent);
            tokio::time::sleep(Duration::from_millis(
                self.patience.delay_ms(attempt, asked_ms),
            ))
            .await;
            attempt += 1;
        }
    }

    /// Sends and reads a JSON answer.
    pub(crate) async fn json<T: DeserializeOwned>(
        &self,
        url: &Url,
        build: impl Fn() -> RequestBuilder + Send,
    ) -> Result<T, Error> {
        let response = self.send(url, build).await?;
        read_json(url, response).await
    }

    /// `GET` of a JSON answer.
    pub(crate) async fn get<T: DeserializeOwned>(&self, url: &Url) -> Result<T, Error> {
        self.json(url, || self.request(Method::GET, url)).await
    }
}

/// Reads a JSON answer.
pub(crate) async fn read_json<T: DeserializeOwned>(
    url: &Url,
    response: Response,
) -> Result<T, Error> {
    let bytes = response
        .bytes()
        .await
        .map_err(|source| Error::Unreachable {
            url: url.to_string(),
            source,
        })?;
    serde_json::from_slice(&bytes).map_err(|error| Error::Unexpected {
        url: url.to_string(),
        why: one_line(&error.to_string()),
    })
}

/// Whether the same call may succeed a moment later.
fn retry_may_help(status: StatusCode) -> bool {
    status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS
}

/// What `Retry-After` asks for, when it is in seconds.
fn asked_delay_ms(response: &Response) -> Option<u64> {
    let seconds: u64 = response
        .headers()
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(seconds.saturating_mul(1000))
}

/// The answer, or the error that its status and body say.
async fn judged(url: &Url, sent: Result<Response, reqwest::Error>) -> Result<Response, Error> {
    let unreachable = |source| Error::Unreachable {
        url: url.to_string(),
        source,
    };
    let response = sent.map_err(unreachable)?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let body = response.bytes().await.map_err(unreachable)?;
    match serde_json::from_slice::<Problem>(&body) {
        Ok(problem) if status.is_client_error() => Err(Error::Refused {
            url: url.to_string(),
            problem: Box::new(problem),
        }),
        Ok(problem) => Err(Error::Failed {
            url: url.to_string(),
            status: status.as_u16(),
            detail: format!(
                "{} (request {})",
                one_line(&problem.detail),
                one_line(&problem.request_id)
            ),
        }),
        Err(_) if status.is_server_error() => Err(Error::Failed {
            url: url.to_string(),
            status: status.as_u16(),
            detail: status
                .canonical_reason()
                .unwrap_or("no explanation")
                .to_owned(),
        }),
        Err(_) => Err(Error::Unexpected {
            url: url.to_string(),
            why: format!(
                "status {} without a problem document; is this a coreanvil server?",
                status.as_u16()
            ),
        }),
    }
}
