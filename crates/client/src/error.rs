//! What can go wrong with a call: the address, the network, the server's refusal, the answer, a local file.

use std::path::PathBuf;

use api::problem::{Code, Problem};

/// A call that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The server's address or the token cannot be used.
    #[error("wrong server address: {address}: {why}")]
    Address {
        /// As it was given.
        address: String,
        /// What is wrong.
        why: String,
    },
    /// No connection, or it broke, also after retries.
    #[error("cannot reach the server: {url}: {}", innermost(source))]
    Unreachable {
        /// What was called.
        url: String,
        /// Why.
        source: reqwest::Error,
    },
    /// The server refused: a status of 4xx.
    #[error("{}: {url}: {}", problem.title, reasons(problem))]
    Refused {
        /// What was called.
        url: String,
        /// Its problem document.
        problem: Box<Problem>,
    },
    /// The server failed: a status of 5xx, also after retries.
    #[error("the server failed: {url}: status {status}: {detail}")]
    Failed {
        /// What was called.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What it said.
        detail: String,
    },
    /// The answer is not what the API promises.
    #[error("unexpected answer: {url}: {why}")]
    Unexpected {
        /// What was called.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The bytes received are not those announced.
    #[error("the download is damaged: {url}: its digest is {found}, announced was {announced}")]
    Damaged {
        /// What was downloaded.
        url: String,
        /// In the form of `Content-Digest`.
        announced: String,
        /// In the same form.
        found: String,
    },
    /// A local file cannot be read or written.
    #[error("cannot write: {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Error {
    /// Whether the same may succeed a moment later: the network, the server's own trouble, and what another connection
    /// holds or has moved on.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Failed { .. } => true,
            Self::Refused { problem, .. } => matches!(
                problem.code,
                Code::Locked | Code::WrongOffset | Code::RateLimited
            ),
            Self::Address { .. }
            | Self::Unexpected { .. }
            | Self::Damaged { .. }
            | Self::File { .. } => false,
        }
    }
}

/// The last cause of a chain, which says most: "connection refused" rather than "error sending request".
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    one_line(&cause.to_string())
}

/// The detail of a problem and what it says about fields.
fn reasons(problem: &Problem) -> String {
    let mut text = one_line(&problem.detail);
    for field in &problem.errors {
        text.push_str("; ");
        text.push_str(&one_line(&format!("{} {}", field.pointer, field.detail)));
    }
    text
}

/// Without control characters: what a server says may not move the cursor of a terminal.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .take(2000)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
