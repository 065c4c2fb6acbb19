//! The queue under seeded storms: servers and workers with clocks of their own that crash, stall, come back late and write
//! twice; users who submit, chain and cancel; sweepers; time that leaps. A seed decides all of it and is named when a
//! promise is broken: `COREANVIL_TEST_SIM_SEED=n cargo test --test it sim::` runs that one alone.
//!
//! The judge knows nothing but the history that the database itself keeps by triggers, row by row, and who did what in a
//! step. Processes take turns: one thread, one write at a time, so that a seed is the same run each time; in one seed of
//! four some steps are races of several.

mod acts;
mod arena;
mod deaths;
mod dice;
mod fleet;
mod history;
mod judge;
mod races;
mod seeds;
mod storm;
