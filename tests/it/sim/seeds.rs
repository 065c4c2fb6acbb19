//! Which storms are run.

use super::storm::Storm;
use crate::store::world::on_every_database;

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
            let mut storm = Storm::new(&world, &source, seed);
            storm.rage().await;
            storm.calm().await;
            storm.check_the_end().await;
        }
    });
}
