//! The store and the queue on every database, the objects on every store: one suite, many backends.

#![expect(
    clippy::future_not_send,
    reason = "a test stays on the thread that blocks on it"
)]

pub(crate) mod world;

mod schema;

mod nouns;

mod overviews;
mod tokens;

mod lists;

mod keys;

mod leases;

mod stops;

mod races;

mod turns;

mod chains;

mod room;

mod crashes;

mod objects;

mod faults;

mod sweeps;
