//! The queue under a seeded storm: workers that crash, stall, come back late and write twice, sweepers that race, users who
//! cancel, a clock that jumps. A seed decides all of it and is named when a promise is broken:
//! `COREANVIL_TEST_SIM_SEED=n cargo test --test it sim` runs that one alone.
//!
//! Promises: every accepted job ends exactly once and then never changes; no lease is held twice; a stale write is refused
//! and changes nothing; fences grow by one; progress does not go back within an attempt; what a job says it made is there,
//! and nothing is there that no job says it made.

mod seeds;
mod storm;
