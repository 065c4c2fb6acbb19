//! The queue under a seeded storm: workers that crash, stall, come back late and write twice, sweepers that race, users who
//! cancel, a clock that jumps. A seed decides all of it and is named when a promise is broken:
//! `COREANVIL_TEST_SIM_SEED=n cargo test --test it sim` runs that one alone.
//!
//! Promises: every accepted job ends exactly once and then never changes; no lease is held twice; a stale write is refused
//! and changes nothing; fences grow by one; progress does not go back within an attempt; what a job says it made is there,
//! and nothing is there that no job says it made.

mod storm;

use super::store::world::on_every_database;

/// Storms per database. Each is a few hundred steps.
const SEEDS: std::ops::Range<u64> = 1..11;

#[test]
fn every_accepted_job_ends_exactly_once() {
    let seeds = match std::env::var("COREANVIL_TEST_SIM_SEED") {
        Ok(seed) => {
            let seed = seed.parse().unwrap();
            seed..seed + 1
        }
        Err(_) => SEEDS,
    };
    on_every_database(async |world| {
        let source = world.source().await.revision;
        for seed in seeds.clone() {
            let mut storm = storm::Storm::new(&world, &source, seed);
            storm.rage().await;
            storm.calm().await;
            storm.check_the_end().await;
        }
    });
}
