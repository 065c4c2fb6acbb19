//! What can be told without a database; the rest is in `tests/it/http`.

mod machine;
mod scratch;
mod secret;
