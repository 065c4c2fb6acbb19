//! A finding: what was looked at, how it is, what to do.

use crate::cli::exit::Failure;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// It works, but somebody should look at it.
    Warn,
    /// It does not work.
    Fail,
}

impl State {
    /// In JSON.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone)]
pub(super) struct Finding {
    /// What.
    pub(super) check: &'static str,
    /// How it is.
    pub(super) state: State,
    /// What was found.
    pub(super) detail: String,
    /// What to do next; not where all is well.
    pub(super) next: Option<String>,
}

impl Finding {
    /// All is well.
    pub(super) fn ok(check: &'static str, detail: impl Into<String>) -> Self {
        Self {
            check,
            state: State::Ok,
            detail: detail.into(),
            next: None,
        }
    }

    /// Somebody should look at it.
    pub(super) fn warn(
        check: &'static str,
        detail: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self {
            check,
            state: State::Warn,
            detail: detail.into(),
            next: Some(next.into()),
        }
    }

    /// It does not work.
    pub(super) fn fail(
        check: &'static str,
        detail: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self {
            check,
            state: State::Fail,
            detail: detail.into(),
            next: Some(next.into()),
        }
    }

    /// What a room refuses; its own hint comes first.
    pub(super) fn refused(check: &'static str, failure: Failure, next: &str) -> Self {
        let next = failure.hint.unwrap_or_else(|| next.to_owned());
        Self::fail(check, failure.line, next)
    }
}
