//! Which storms are run, and on what.
//!
//! `COREANVIL_TEST_SIM_SEEDS=n` runs so many on each database, `COREANVIL_TEST_SIM_SEED=n` that one alone.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use sqlx::{AssertSqlSafe, Connection};

use super::arena::Arena;
use super::storm::Storm;
use crate::store::world::say;

/// Storms unless asked otherwise: a minute of two cores for both databases.
const ON_SQLITE: u64 = 1_500;
/// See [`ON_SQLITE`].
const ON_POSTGRES: u64 = 600;
/// Threads per database, each with a database of its own.
const THREADS: usize = 2;

fn seeds(usual: u64) -> Range<u64> {
    let number = |name| {
        std::env::var(name)
            .ok()
            .map(|text| text.parse::<u64>().unwrap())
    };
    match number("COREANVIL_TEST_SIM_SEED") {
        Some(seed) => seed..seed + 1,
        None => 1..number("COREANVIL_TEST_SIM_SEEDS").unwrap_or(usual) + 1,
    }
}

/// What many storms have met together: each way in which a job or an attempt goes on or ends.
const MET: [&str; 27] = [
    "queued: running",
    "queued: cancelled",
    "queued: failed expired",
    "succeeded: succeeded",
    "succeeded: succeeded found",
    "cancelled: queued",
    "cancelled: cancelled",
    "failed: queued",
    "failed: failed internal",
    "failed: failed bad_package",
    "failed: failed expired",
    "failed: cancelled",
    "lost: queued",
    "lost: failed poison",
    "lost: failed expired",
    "lost: cancelled",
    "stale write",
    "follower enqueued",
    "held back by the limit",
    "pruned",
    "race",
    "no room",
    "key replayed",
    "key refused",
    "key forgotten",
    "death before",
    "death after",
];
/// So many meet all of that.
const MANY: u64 = 200;

/// Says to the others that one of them has failed.
struct Alarm<'a>(&'a AtomicBool);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

/// All storms, on databases that `address` makes, one per thread.
#[expect(clippy::disallowed_methods, reason = "how long it took is shown")]
fn run(usual: u64, address: impl Fn(usize) -> String + Sync) {
    let (seeds, begin) = (seeds(usual), Instant::now());
    let (next, failed) = (AtomicU64::new(seeds.start), AtomicBool::new(false));
    let met = Mutex::new(BTreeMap::<String, u64>::new());
    let thread = |number: usize| {
        let _alarm = Alarm(&failed);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut arena = Arena::new(address(number)).await;
            while !failed.load(Ordering::Relaxed) {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= seeds.end {
                    break;
                }
                let here = Storm::run(&mut arena, seed).await;
                let mut met = met.lock().unwrap();
                for (what, times) in here {
                    *met.entry(what).or_default() += times;
                }
            }
            arena.close().await;
        });
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|number| scope.spawn(move || thread(number)))
            .collect();
        for thread in threads {
            if let Err(why) = thread.join() {
                std::panic::resume_unwind(why);
            }
        }
    });
    let met = met.into_inner().unwrap();
    let many = seeds.end - seeds.start;
    let seconds = begin.elapsed().as_secs();
    say(&format!("{many} storms in {seconds} s met {met:#?}"));
    let missed: Vec<_> = MET
        .iter()
        .filter(|what| !met.contains_key(**what))
        .collect();
    assert!(many < MANY || missed.is_empty(), "no storm met {missed:?}");
}

#[test]
fn every_promise_holds_on_sqlite() {
    let memory = Path::new("/dev/shm");
    // Nothing here outlives a power cut anyway.
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    let folder = folder.unwrap();
    run(ON_SQLITE, |thread| {
        format!(
            "sqlite:{}",
            folder.path().join(format!("{thread}.db")).display()
        )
    });
}

#[test]
fn every_promise_holds_on_postgres() {
    let Ok(server) = std::env::var("COREANVIL_TEST_POSTGRES_URL") else {
        assert!(
            std::env::var_os("COREANVIL_TEST_ALL").is_none(),
            "Postgres would be left out"
        );
        say("postgres: left out, since COREANVIL_TEST_POSTGRES_URL is not set (tests/run sets it)");
        return;
    };
    let (front, _) = server.rsplit_once('/').unwrap();
    let mark = uuid::Builder::from_random_bytes(rand::random())
        .into_uuid()
        .simple();
    let admin = |text: String| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut admin = sqlx::PgConnection::connect(&server).await.unwrap();
            sqlx::raw_sql(AssertSqlSafe(text))
                .execute(&mut admin)
                .await
                .unwrap();
        });
    };
    let name = |thread: usize| format!("sim_{mark}_{thread}");
    (0..THREADS).for_each(|thread| admin(format!("create database {}", name(thread))));
    run(ON_POSTGRES, |thread| format!("{front}/{}", name(thread)));
    (0..THREADS).for_each(|thread| admin(format!("drop database {} with (force)", name(thread))));
}
