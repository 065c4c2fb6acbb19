//! Sessions of browsers: a person shows a token once and gets a secret for a cookie instead.
//!
//! A session may what its token may, ends with it, and ends by itself. Its secret is 256 random bits, kept as a hash;
//! the secret of its forms is derived from it, so that nothing more is kept. It knows no cookies.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use api::digest::Digest;
use api::ids::TokenId;
use api::tokens::Token;
use sha2::{Digest as _, Sha256};

use super::access::Caller;
use super::error::{Chain, Error, Result};
use super::service::App;
use super::tokens;
use crate::store::TokenRecord;

/// Longest life of a session.
pub const LIFE_MS: i64 = 30 * 24 * 3_600_000;
/// Longest time that a session is not used.
const IDLE_MS: i64 = 7 * 24 * 3_600_000;
/// Life of a code that signs in once.
const CODE_LIFE_MS: i64 = 15 * 60_000;
/// Failed sign-ins that get a plain answer per minute, in all; more are told to wait.
const FAILURES_PER_MINUTE: u64 = 30;

/// A session's secret, for the cookie. Its `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionSecret(String);

impl SessionSecret {
    fn mint(app: &App) -> Self {
        let mut bytes = [0; 32];
        app.ids.fill_random(&mut bytes);
        Self(hex(&bytes))
    }

    /// As it came in a cookie or a code; `None` where it cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let form = text.len() == 64
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        form.then(|| Self(text.to_owned()))
    }

    /// What the cookie holds.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> Digest {
        Digest(Sha256::digest(self.0.as_bytes()).into())
    }

    /// What the forms of this session carry: only who has the cookie's page can know it.
    fn form_secret(&self) -> String {
        hex(&Sha256::digest(format!("form:{}", self.0)))
    }
}

impl std::fmt::Debug for SessionSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionSecret(…)")
    }
}

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct Session {
    /// What they may.
    pub caller: Caller,
    /// The token that they showed.
    pub token: Token,
    /// What their forms carry.
    pub form_secret: String,
}

impl Session {
    /// Whether a form came from a page of this session. Hashes are compared, so that timing tells nothing.
    pub fn owns_form(&self, given: &str) -> bool {
        Sha256::digest(given.as_bytes()) == Sha256::digest(self.form_secret.as_bytes())
    }
}

/// Counts failed sign-ins, minute by minute.
#[derive(Debug, Default)]
pub(super) struct Failures {
    minute: AtomicU64,
    count: AtomicU64,
}

impl Failures {
    /// Counts one, and says whether it is still among the admitted.
    fn admit(&self, now_ms: i64) -> bool {
        let minute = u64::try_from(now_ms / 60_000).unwrap_or_default();
        if self.minute.swap(minute, Ordering::Relaxed) != minute {
            self.count.store(0, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed) < FAILURES_PER_MINUTE
    }
}

/// Begins a session for who shows a token.
///
/// # Errors
/// [`Error::Unauthenticated`]; [`Error::RateLimited`] after too many failures within a minute.
pub async fn sign_in(app: &App, token: &str) -> Result<SessionSecret> {
    let refused = match tokens::authenticate(app, token.trim()).await {
        Ok(caller) => return begin(app, caller.token_id).await,
        Err(refused) => refused,
    };
    // Whoever has a good token gets in, however many others guess: 178 random bits are not guessed.
    if app.sign_in_failures.admit(app.clock.now().unix_ms()) {
        return Err(refused);
    }
    Err(Error::RateLimited {
        detail: "too many failed sign-ins; wait a minute".to_owned(),
        retry_after_s: 60,
    })
}

/// The session of a secret, if it has not ended.
///
/// # Errors
/// Those of the database.
pub async fn resume(app: &App, secret: &SessionSecret) -> Result<Option<Session>> {
    let now = app.clock.now();
    let found = app
        .store
        .session(now, now.plus_ms(-IDLE_MS), secret.hash())
        .await?;
    let Some(record) = found else { return Ok(None) };
    if let Err(error) = app.store.touch_session(now, &record).await {
        // When it was last used is a convenience; a busy database must not refuse readers for it.
        tracing::warn!(error = %Chain(&error), "cannot note the use of a session");
    }
    Ok(Some(Session {
        caller: caller(&record.token),
        token: record.token.token,
        form_secret: secret.form_secret(),
    }))
}

/// Ends a session.
///
/// # Errors
/// Those of the database.
pub async fn sign_out(app: &App, secret: &SessionSecret) -> Result<()> {
    Ok(app.store.delete_session(secret.hash()).await?)
}

/// Makes a code that signs one browser in, once, within minutes.
///
/// # Errors
/// Those of the database.
pub async fn offer_code(app: &App, token_id: TokenId) -> Result<SessionSecret> {
    let code = SessionSecret::mint(app);
    let until = app.clock.now().plus_ms(CODE_LIFE_MS);
    app.store
        .insert_sign_in_code(code.hash(), token_id, until)
        .await?;
    Ok(code)
}

/// Begins a session with a code; it is worthless afterwards.
///
/// # Errors
/// [`Error::Unauthenticated`].
pub async fn redeem(app: &App, code: &str) -> Result<SessionSecret> {
    const WORTHLESS: Error = Error::Unauthenticated {
        detail: "this link was used before or is too old",
    };
    let code = SessionSecret::parse(code).ok_or(WORTHLESS)?;
    let taken = app
        .store
        .take_sign_in_code(app.clock.now(), code.hash())
        .await?;
    begin(app, taken.ok_or(WORTHLESS)?).await
}

async fn begin(app: &App, token_id: TokenId) -> Result<SessionSecret> {
    let (secret, now) = (SessionSecret::mint(app), app.clock.now());
    app.store
        .insert_session(now, secret.hash(), token_id, now.plus_ms(LIFE_MS))
        .await?;
    Ok(secret)
}

fn caller(record: &TokenRecord) -> Caller {
    Caller {
        token_id: record.token.id,
        scope: record.token.scope,
        reach: record.reach(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}
