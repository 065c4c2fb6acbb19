//! What can be told without a server; the rest is in `tests/it/http`.

mod conditional;
mod content_digest;
mod problem;
