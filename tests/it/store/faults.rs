//! Objects on a network that breaks: every put and get ends right or in a clear error, and in time.

use std::path::Path;
use std::time::Duration;

use api::digest::Digest;
use coreanvil::objects::{Error, Objects};
use futures::TryStreamExt as _;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::s3::{self, Proxy};

/// Longest that all operations of a row may take; one alone is over sooner.
const WITHIN: Duration = Duration::from_secs(50);

fn content(size: usize, seed: u8) -> Vec<u8> {
    let mut state = u32::from(seed);
    let mut byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(&mut byte).take(size).collect()
}

/// Puts and gets objects of several sizes; how many operations ended well and how many in an error.
async fn exercise(objects: &Objects, sure: &Objects, folder: &Path, rounds: u8) -> (u32, u32) {
    let (mut well, mut badly) = (0, 0);
    for round in 0..rounds {
        for size in [0, 5_000, 700_000, 17 << 20] {
            let bytes = content(size, round);
            let path = folder.join(format!("{size}-{round}"));
            std::fs::write(&path, &bytes).unwrap();
            let digest = Digest(Sha256::digest(&bytes).into());
            match objects.put_file(&path, None).await {
                Ok(stored) => {
                    assert_eq!(stored.digest, digest);
                    well += 1;
                }
                Err(error) => {
                    assert!(error.is_transient(), "{error:?}");
                    badly += 1;
                    sure.put_file(&path, None).await.unwrap();
                }
            }
            let target = folder.join(format!("{size}-{round}.out"));
            match objects.fetch(digest, size as u64, &target).await {
                Ok(()) => {
                    assert!(std::fs::read(&target).unwrap() == bytes, "{size}");
                    well += 1;
                }
                Err(error) => {
                    assert!(error.is_transient(), "{error:?}");
                    assert!(!target.exists(), "{size}: something is left");
                    badly += 1;
                }
            }
        }
    }
    (well, badly)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_network_is_survived_or_said() {
    let Some(endpoint) = s3::endpoint() else {
        return;
    };
    // What happens, which counter proves that it did, rounds, and the most operations that may end in an error.
    let rows: [(Value, &str, u8, u32); 5] = [
        (json!({"error": 0.2}), "errors", 4, 0),
        (json!({"lost_answer": 0.15}), "lost_answers", 4, 0),
        (json!({"reset": 0.003, "refuse": 0.1}), "resets", 4, 4),
        (json!({"stall": 0.002}), "stalls", 3, 4),
        (json!({"cut_after_bytes": 12_000_000}), "resets", 1, 2),
    ];
    for (number, (ways, counter, rounds, most_errors)) in (1_u32..).zip(rows) {
        let proxy = Proxy::before(&endpoint, number);
        let place = s3::place();
        let objects = Objects::open(&place, s3::variables(&proxy.endpoint())).unwrap();
        let sure = Objects::open(&place, s3::variables(&endpoint)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        proxy.set(ways.clone()).await;
        let work = exercise(&objects, &sure, folder.path(), rounds);
        let ended = tokio::time::timeout(WITHIN, work).await;
        let (well, badly) = ended.unwrap_or_else(|_| panic!("{ways}: not over in {WITHIN:?}"));
        let counters = proxy.set(json!({"heal": true})).await;
        crate::store::world::say(&format!(
            "{ways}: {well} well, {badly} badly, {counter} {}",
            counters[counter]
        ));
        assert!(counters[counter].as_u64() > Some(0), "{ways}: {counters}");
        assert!(badly <= most_errors, "{ways}: {well} well, {badly} badly");
        let listed: Vec<_> = sure.list().try_collect().await.unwrap();
        for found in listed {
            let bytes = sure.get(found.digest, found.size_bytes).await.unwrap();
            let _all: Vec<bytes::Bytes> = bytes.try_collect().await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_is_an_error_in_bounded_time() {
    let Some(endpoint) = s3::endpoint() else {
        return;
    };
    let proxy = Proxy::before(&endpoint, 1);
    let objects = Objects::open(&s3::place(), s3::variables(&proxy.endpoint())).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    std::fs::write(&path, b"hello").unwrap();
    proxy.set(json!({"down": true})).await;
    let put = tokio::time::timeout(WITHIN, objects.put_file(&path, None)).await;
    assert!(
        matches!(put, Ok(Err(Error::Backend { .. }))),
        "{put:?} within {WITHIN:?}"
    );
    let counters = proxy.set(json!({"heal": true})).await;
    assert!(counters["refused"].as_u64() > Some(1), "{counters}");
    objects.put_file(&path, None).await.unwrap();
}
