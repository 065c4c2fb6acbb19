//! The sentence with which a page answers: words and figures, the figures strong.

use std::fmt::{self, Display, Formatter};

use askama::filters::HtmlSafe;

use super::charts::escaped;

/// A sentence in the making. What is put in is escaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sentence(String);

impl HtmlSafe for Sentence {}

impl Display for Sentence {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Sentence {
    /// Words.
    #[must_use]
    pub(crate) fn say(mut self, words: impl AsRef<str>) -> Self {
        self.0.push_str(&escaped(words.as_ref()));
        self
    }

    /// What matters.
    #[must_use]
    pub(crate) fn strong(mut self, words: impl AsRef<str>) -> Self {
        self.0.push_str("<b>");
        self.0.push_str(&escaped(words.as_ref()));
        self.0.push_str("</b>");
        self
    }

    /// A name of the model's own.
    #[must_use]
    pub(crate) fn code(mut self, words: impl AsRef<str>) -> Self {
        self.0.push_str("<code>");
        self.0.push_str(&escaped(words.as_ref()));
        self.0.push_str("</code>");
        self
    }
}
