//! Tokens, for administrators: who may call, made and shown once, revoked.

use std::sync::Arc;

use api::ids::TokenId;
use api::names::ProjectName;
use api::page::{LIMIT_MAX, PageRequest};
use api::time::Time;
use api::tokens::{NewToken, Scope, Token};
use askama::Template;
use axum::extract::State;

use super::frame::{Frame, Section};
use super::marks::{Ago, Mark};
use super::show;
use super::visitor::{Posted, Visitor};
use crate::app::{self, App, tokens};
use crate::http::answer::Answer;
use crate::http::extract::{At, NoParams};

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensPage {
    frame: Frame,
    rows: Vec<Row>,
    created: Option<Created>,
}

/// A token that was just made.
#[derive(Debug)]
struct Created {
    name: String,
    secret: String,
}

/// A token, as a row shows it.
#[derive(Debug)]
struct Row {
    id: TokenId,
    name: String,
    scope: Scope,
    project: String,
    mark: Mark,
    made: Ago,
    used: Option<Ago>,
    revoked: bool,
    own: bool,
}

/// `GET /tokens`.
pub(crate) async fn list(State(app): State<Arc<App>>, visitor: Visitor, _: NoParams) -> Answer {
    show::page(&of(&app, &visitor, None).await?)
}

/// `POST /tokens`: answers with the page that shows the secret, once.
pub(crate) async fn create(State(app): State<Arc<App>>, mut posted: Posted) -> Answer {
    let project = posted.fields.take::<String>("project")?.unwrap_or_default();
    let project = match project.trim() {
        "" => None,
        name => Some(
            name.parse::<ProjectName>()
                .map_err(|why| app::Error::bad_field("project", why.to_string()))?,
        ),
    };
    let new = NewToken {
        name: posted.fields.take::<String>("name")?.unwrap_or_default(),
        scope: posted
            .fields
            .take::<Scope>("scope")?
            .unwrap_or(Scope::Reader),
        project,
    };
    let made = tokens::create(&app, posted.visitor.caller(), new).await?;
    let created = Created {
        name: made.token.name,
        secret: made.secret,
    };
    show::page(&of(&app, &posted.visitor, Some(created)).await?)
}

/// `POST /tokens/{id}/revoke`.
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    At(id): At<TokenId>,
    posted: Posted,
) -> Answer {
    tokens::revoke(&app, posted.visitor.caller(), id, &|_| true).await?;
    show::redirect("/tokens")
}

async fn of(app: &App, visitor: &Visitor, created: Option<Created>) -> app::Result<TokensPage> {
    let page = PageRequest {
        limit: LIMIT_MAX,
        after: None,
    };
    let found = tokens::list(app, visitor.caller(), page).await?;
    let now = app.clock.now();
    let own = visitor.session.token.id;
    Ok(TokensPage {
        frame: Frame::new(visitor, Section::Tokens, "Tokens"),
        rows: found
            .items
            .iter()
            .map(|token| row(token, own, now))
            .collect(),
        created,
    })
}

fn row(token: &Token, own: TokenId, now: Time) -> Row {
    Row {
        id: token.id,
        name: token.name.clone(),
        scope: token.scope,
        project: token
            .project
            .as_ref()
            .map_or_else(|| "all".to_owned(), ToString::to_string),
        mark: if token.revoked_at.is_some() {
            Mark::new("cancelled", "stop", "revoked")
        } else {
            Mark::new("valid", "ok", "valid")
        },
        made: Ago {
            at: token.created_at,
            now,
        },
        used: token.last_used_at.map(|at| Ago { at, now }),
        revoked: token.revoked_at.is_some(),
        own: token.id == own,
    }
}
