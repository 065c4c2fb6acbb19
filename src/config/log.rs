//! Section `log`: what is written to standard error while the service runs.

use super::value::{Raw, Setting, quoted};

section! {
    /// Log lines of `serve` and `worker`, on standard error.
    pub struct Log in log {
        /// Least level, or a list such as `info,sqlx=warn,coreanvil::http=debug`.
        filter: String = "info,sqlx=warn".to_owned(),
        /// `text` for people, `json` for machines.
        format: LogFormat = LogFormat::Text,
    }
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Setting for LogFormat {
    fn read(raw: &Raw) -> Result<Self, String> {
        match String::read(raw)?.as_str() {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("expected \"text\" or \"json\"".to_owned()),
        }
    }
    fn written(&self) -> String {
        quoted(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}
