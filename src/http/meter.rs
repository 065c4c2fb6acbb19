//! Requests a minute: counted where it is known who asks, announced in headers (draft-ietf-httpapi-ratelimit-headers-10).
//!
//! A valid token is counted by the extractor that finds it; who shows none is counted by address before anything else
//! happens. Probes (`/healthz`, `/readyz`) and the dashboard's pages are not counted.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, OnceLock};

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::problem::Failure;
use super::router::BASE;
use crate::app::jobs::Room;
use crate::app::{self, App, Caller, Client, Standing};

/// Where a connection comes from. Headers of proxies are not believed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// How the client stands, once it is known who it is.
#[derive(Debug, Clone, Default)]
struct Meter(Arc<OnceLock<Standing>>);

/// Runs a request; counts it when it shows nothing to be known by.
pub(crate) async fn around(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let unknown = shows_nothing(&request);
    let meter = Meter::default();
    request.extensions_mut().insert(meter.clone());
    let refused = if unknown {
        let client = Client::Address(address(request.extensions()));
        count(&app, request.extensions(), client).err()
    } else {
        None
    };
    let mut response = match refused {
        Some(failure) => failure.into_response(),
        None => next.run(request).await,
    };
    announce(&mut response, meter.0.get());
    response
}

/// Whether a request that is to be counted shows nothing by which its client could be known.
fn shows_nothing(request: &Request) -> bool {
    let path = request.uri().path();
    let known = [header::AUTHORIZATION, header::COOKIE]
        .iter()
        .any(|name| request.headers().contains_key(name));
    !known && (path.starts_with(BASE) || path == "/metrics")
}

/// Counts a request of somebody who is known.
pub(crate) fn known(app: &App, parts: &Parts, caller: &Caller) -> Result<(), Failure> {
    count(app, &parts.extensions, Client::Token(caller.token_id))
}

/// Counts a token that is worthless; what is answered then.
pub(crate) fn failed(app: &App, parts: &Parts, error: app::Error) -> Failure {
    if !matches!(error, app::Error::Unauthenticated { .. }) {
        return error.into();
    }
    let client = Client::Failure(address(&parts.extensions));
    count(app, &parts.extensions, client)
        .err()
        .unwrap_or_else(|| error.into())
}

fn count(app: &App, extensions: &axum::http::Extensions, client: Client) -> Result<(), Failure> {
    let standing = app.allowance.count(client, app.clock.monotonic_ns());
    if let Some(Meter(meter)) = extensions.get() {
        // The first to know who asks says it; nobody else does.
        let _set = meter.set(standing).is_ok();
    }
    Ok(standing.check()?)
}

fn address(extensions: &axum::http::Extensions) -> IpAddr {
    let peer = extensions.get::<Peer>();
    peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0)
}

/// Says how the client stands, and how the project does with its jobs in flight where that was looked at: two members of the
/// same lists.
fn announce(response: &mut Response, standing: Option<&Standing>) {
    if let Some(standing) = standing {
        let Standing {
            limit,
            quota,
            window_s,
            remaining,
            reset_s,
            ..
        } = standing;
        let policy = format!("\"{limit}\";q={quota};w={window_s}");
        let now = format!("\"{limit}\";r={remaining};t={reset_s}");
        add(response, &policy, &now);
    }
    if let Some(room) = response.extensions().get::<Room>().copied() {
        let policy = format!("\"jobs\";q={};qu=\"jobs\"", room.limit);
        let now = format!("\"jobs\";r={}", room.left());
        add(response, &policy, &now);
    }
}

fn add(response: &mut Response, policy: &str, now: &str) {
    for (name, value) in [("ratelimit-policy", policy), ("ratelimit", now)] {
        let before = response.headers().get(name);
        let before = before.and_then(|before| before.to_str().ok());
        let all = before.map_or_else(|| value.to_owned(), |before| format!("{before}, {value}"));
        if let Ok(all) = HeaderValue::from_str(&all) {
            let name = HeaderName::from_static(name);
            response.headers_mut().insert(name, all);
        }
    }
}
