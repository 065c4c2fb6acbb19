//! From a template to an answer: HTML with its content security policy, redirects, cookies.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::frame::Theme;
use crate::app::{self, sessions};
use crate::http::answer::Answer;
use crate::http::problem::Failure;

/// What a page may load and whom it may talk to: us.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Marks an answer that is a page already, whatever its status.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rendered;

/// A page.
pub(crate) fn page(template: &impl Template) -> Answer {
    page_with(StatusCode::OK, template)
}

/// A page with another status.
pub(crate) fn page_with(status: StatusCode, template: &impl Template) -> Answer {
    let html = template
        .render()
        .map_err(|error| app::Error::internal("rendering a page", error))?;
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // Not `no-referrer`, which would make browsers hide the origin of our own forms.
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "cookie"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response.extensions_mut().insert(Rendered);
    Ok(response)
}

/// Sends the browser elsewhere on this site; it asks there with GET.
pub(crate) fn redirect(to: &str) -> Answer {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let to = HeaderValue::from_str(to)
        .map_err(|error| app::Error::internal("writing an address", error))?;
    response.headers_mut().insert(header::LOCATION, to);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Adds a cookie that scripts cannot read; an empty value deletes it.
pub(crate) fn session_cookie(mut response: Response, https: bool, value: &str) -> Answer {
    let (name, secure) = (cookie_name(https), if https { "; Secure" } else { "" });
    let age_s = if value.is_empty() {
        0
    } else {
        sessions::LIFE_MS / 1000
    };
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age_s}{secure}");
    append(&mut response, &cookie)?;
    Ok(response)
}

/// Adds the cookie of the theme; script may set it as well.
pub(crate) fn theme_cookie(mut response: Response, theme: Theme) -> Answer {
    let cookie = format!(
        "theme={}; Path=/; SameSite=Lax; Max-Age=31536000",
        theme.as_str()
    );
    append(&mut response, &cookie)?;
    Ok(response)
}

fn append(response: &mut Response, cookie: &str) -> Result<(), Failure> {
    let cookie = HeaderValue::from_str(cookie)
        .map_err(|error| app::Error::internal("writing a cookie", error))?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(())
}

/// What the session's cookie is called: with https, a name that only this very host can set.
pub(crate) fn cookie_name(https: bool) -> &'static str {
    if https {
        "__Host-coreanvil"
    } else {
        "coreanvil"
    }
}

/// A path on this site to go to after signing in; anything that could lead elsewhere becomes the list of models.
pub(crate) fn way_back(asked: &str) -> &str {
    let one_slash = asked.starts_with('/') && !asked.starts_with("//");
    let plain = asked
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let useful = !asked.starts_with("/sign-");
    if one_slash && plain && useful {
        asked
    } else {
        "/models"
    }
}
