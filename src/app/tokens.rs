//! Tokens: making, showing once, checking, revoking.

use api::digest::Digest;
use api::ids::{ProjectId, TokenId};
use api::page::{Page, PageRequest};
use api::tokens::{CreatedToken, NewToken, Scope, Token};

use super::access::{Caller, Guard};
use super::error::{Chain, Error, Result};
use super::models;
use super::secret::Secret;
use super::service::App;
use crate::clock::Ids;
use crate::store::{NewTokenRecord, Reach};

/// Longest name, in characters.
const NAME_MAX_CHARS: usize = 100;

/// Who bears this token.
///
/// # Errors
/// [`Error::Unauthenticated`].
pub async fn authenticate(app: &App, token: &str) -> Result<Caller> {
    const WORTHLESS: Error = Error::Unauthenticated {
        detail: "the token is not valid",
    };
    let secret = Secret::parse(token).ok_or(WORTHLESS)?;
    let record = app
        .store
        .token_by_hash(Digest(secret.sha256()))
        .await?
        .ok_or(WORTHLESS)?;
    if record.token.revoked_at.is_some() {
        return Err(WORTHLESS);
    }
    if let Err(error) = app.store.touch_token(app.clock.now(), &record).await {
        // When it was last used is a convenience; a busy database must not refuse readers for it.
        tracing::warn!(token_id = %record.token.id, error = %Chain(&error), "cannot note the use of a token");
    }
    Ok(Caller {
        token_id: record.token.id,
        scope: record.token.scope,
        reach: record.reach(),
    })
}

/// Makes a token. Its secret is in the answer and nowhere else.
///
/// # Errors
/// [`Error::Forbidden`]; [`Error::NotFound`] for a project out of reach.
pub async fn create(app: &App, caller: &Caller, new: NewToken) -> Result<CreatedToken> {
    caller.need(Scope::Admin)?;
    let name = new.name.trim();
    if name.is_empty()
        || name.chars().count() > NAME_MAX_CHARS
        || name.chars().any(char::is_control)
    {
        let detail =
            format!("has 1 to {NAME_MAX_CHARS} characters, none of them control characters");
        return Err(Error::bad_field("/name", detail));
    }
    let project_id = match (&new.project, caller.reach) {
        (None, Reach::All) => None,
        (None, Reach::Project(id)) => Some(id),
        (Some(_), _) => Some(models::project(app, caller, new.project.as_ref()).await?),
    };
    let secret = mint(app.ids.as_ref());
    let record = record(app.ids.as_ref(), &secret, name, new.scope, project_id);
    let record = app.store.insert_token(app.clock.now(), &record).await?;
    Ok(CreatedToken {
        token: record.token,
        secret: secret.reveal().to_owned(),
    })
}

/// Makes the first administrator's token, when there never was a token; then it is to be shown, once.
///
/// # Errors
/// Those of the database.
pub async fn create_first(app: &App, given: Option<Secret>) -> Result<Option<Secret>> {
    let secret = given.unwrap_or_else(|| mint(app.ids.as_ref()));
    let record = record(app.ids.as_ref(), &secret, "first token", Scope::Admin, None);
    let made = app
        .store
        .insert_first_token(app.clock.now(), &record)
        .await?;
    Ok(made.then_some(secret))
}

/// Tokens in reach, newest first.
///
/// # Errors
/// [`Error::Forbidden`].
pub async fn list(app: &App, caller: &Caller, page: PageRequest) -> Result<Page<Token>> {
    caller.need(Scope::Admin)?;
    Ok(app.store.tokens(caller.reach, page).await?)
}

/// The token.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`].
pub async fn get(app: &App, caller: &Caller, id: TokenId) -> Result<Token> {
    caller.need(Scope::Admin)?;
    let found = app.store.token(caller.reach, id).await;
    Ok(found
        .map_err(|error| Error::about(error, &id.to_string()))?
        .token)
}

/// Makes a token worthless, for good.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`], [`Error::PreconditionFailed`].
pub async fn revoke(
    app: &App,
    caller: &Caller,
    id: TokenId,
    guard: Guard<'_, Token>,
) -> Result<Token> {
    caller.need(Scope::Admin)?;
    let revoked = app
        .store
        .revoke_token(app.clock.now(), caller.reach, id, guard)
        .await;
    Ok(revoked
        .map_err(|error| Error::about(error, &id.to_string()))?
        .token)
}

/// A new secret.
pub fn mint(ids: &dyn Ids) -> Secret {
    Secret::mint(|| {
        let mut byte = [0];
        ids.fill_random(&mut byte);
        byte[0]
    })
}

fn record(
    ids: &dyn Ids,
    secret: &Secret,
    name: &str,
    scope: Scope,
    project_id: Option<ProjectId>,
) -> NewTokenRecord {
    let (id, hash) = (TokenId(ids.uuid()), Digest(secret.sha256()));
    NewTokenRecord {
        id,
        hash,
        name: name.to_owned(),
        scope,
        project_id,
    }
}
