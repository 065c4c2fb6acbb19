//! Signing in with a token, by a link that works once, and out; the theme's button.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use super::frame::{Frame, Theme};
use super::show;
use super::visitor::{self, Posted};
use crate::app::sessions;
use crate::app::{self, App};
use crate::http::answer::Answer;
use crate::http::extract::Params;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    frame: Frame,
    next: String,
    error: Option<String>,
}

/// `GET /sign-in`: who is signed in goes on, unless they want to be somebody else.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    mut params: Params,
    headers: HeaderMap,
) -> Answer {
    let next = params.take::<String>("next")?.unwrap_or_default();
    let other = params.take::<String>("other")?.is_some();
    let session = match visitor::secret(&app, &headers) {
        Some(secret) if !other => sessions::resume(&app, &secret).await?,
        Some(_) | None => None,
    };
    if session.is_some() {
        return show::redirect(show::way_back(&next));
    }
    show::page(&form(&headers, next, None))
}

/// `POST /sign-in`.
pub(crate) async fn submit(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Answer {
    if !visitor::from_here(&headers) {
        return Err(visitor::foreign().into());
    }
    let mut fields = visitor::fields(&app, &headers, body).await?;
    let next = fields.take::<String>("next")?.unwrap_or_default();
    let token = fields.take::<String>("token")?.unwrap_or_default();
    match sessions::sign_in(&app, &token).await {
        Ok(secret) => {
            let response = show::redirect(show::way_back(&next))?;
            show::session_cookie(response, app.settings.https, secret.reveal())
        }
        Err(error) => refused(&headers, next, error),
    }
}

/// `GET /sign-in/once?code=…`: the address that a demonstration prints.
pub(crate) async fn once(
    State(app): State<Arc<App>>,
    mut params: Params,
    headers: HeaderMap,
) -> Answer {
    let code = params.take::<String>("code")?.unwrap_or_default();
    let next = params.take::<String>("next")?.unwrap_or_default();
    params.finish()?;
    match sessions::redeem(&app, &code).await {
        Ok(secret) => {
            let response = show::redirect(show::way_back(&next))?;
            show::session_cookie(response, app.settings.https, secret.reveal())
        }
        Err(error) => refused(&headers, next, error),
    }
}

/// `POST /sign-out`.
pub(crate) async fn leave(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    _posted: Posted,
) -> Answer {
    if let Some(secret) = visitor::secret(&app, &headers) {
        sessions::sign_out(&app, &secret).await?;
    }
    let response = show::redirect("/sign-in")?;
    show::session_cookie(response, app.settings.https, "")
}

/// `POST /theme`: changes nothing but the colours, and asks for no session.
pub(crate) async fn theme(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Answer {
    let mut fields = visitor::fields(&app, &headers, body).await?;
    let theme = fields.take::<Theme>("theme")?.unwrap_or_default();
    let next = fields.take::<String>("next")?.unwrap_or_default();
    let response = show::redirect(show::way_back(&next))?;
    show::theme_cookie(response, theme)
}

fn form(headers: &HeaderMap, next: String, error: Option<String>) -> SignIn {
    let frame = Frame::bare(visitor::theme(headers), "Sign in");
    SignIn { frame, next, error }
}

/// The form again, with what is wrong; failures of ours become an error page.
fn refused(headers: &HeaderMap, next: String, error: app::Error) -> Answer {
    let status = if matches!(error, app::Error::Unauthenticated { .. }) {
        StatusCode::UNAUTHORIZED
    } else if matches!(error, app::Error::RateLimited { .. }) {
        StatusCode::TOO_MANY_REQUESTS
    } else {
        return Err(error.into());
    };
    show::page_with(status, &form(headers, next, Some(error.to_string())))
}
