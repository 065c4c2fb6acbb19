//! What verification refuses: good models with one thing wrong, each with the words of its error.

#![expect(
    clippy::wildcard_enum_match_arm,
    clippy::too_many_lines,
    clippy::semicolon_if_nothing_returned,
    reason = "tables of changes to a decoded tree"
)]

mod damage;

mod constants;
mod description;
mod layers;
mod names;
mod weights;
