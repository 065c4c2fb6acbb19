//! Clocks: this machine's against the database's, and against what other machines have written.

use super::finding::Finding;
use crate::cli::exit::Failure;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::store::Store;

/// From here on it is worth knowing: times in logs and answers do not fit together.
const WARN_MS: i64 = 2_000;
/// From here on tokens and sessions expire visibly early or late.
const FAIL_MS: i64 = 60_000;

/// What was found; SQLite's clock is this machine's.
pub(super) async fn look(_config: &Config, store: &Store) -> Vec<Finding> {
    let clock = SystemClock::new();
    let before_ms = clock.now().unix_ms();
    let there = match store.database_time().await {
        Ok(there) => there.unix_ms(),
        Err(error) => {
            let next = "see `database` above";
            return vec![Finding::refused("clock", Failure::from(error), next)];
        }
    };
    let after_ms = clock.now().unix_ms();
    if store.dialect() != "postgres" {
        return Vec::new();
    }
    // Within the question and its answer nobody knows.
    let behind_ms = there.saturating_sub(after_ms).max(0);
    let ahead_ms = before_ms.saturating_sub(there).max(0);
    vec![judged(behind_ms, ahead_ms)]
}

fn judged(behind_ms: i64, ahead_ms: i64) -> Finding {
    let (most_ms, word) = if behind_ms > ahead_ms {
        (behind_ms, "behind")
    } else {
        (ahead_ms, "ahead of")
    };
    let detail = format!("this machine is {most_ms} ms {word} the database");
    let next = "synchronise both machines (chrony, systemd-timesyncd); leases go by the database's clock, tokens and sessions by this machine's";
    if most_ms >= FAIL_MS {
        Finding::fail("clock", detail, next)
    } else if most_ms >= WARN_MS {
        Finding::warn("clock", detail, next)
    } else {
        Finding::ok("clock", detail)
    }
}

#[cfg(test)]
mod tests {
    //! Where the lines are.

    use super::super::finding::State;
    use super::*;

    #[test]
    fn skew_is_judged_by_its_size() {
        for (behind_ms, ahead_ms, state, words) in [
            (0, 0, State::Ok, "0 ms ahead of"),
            (0, 1_999, State::Ok, "1999 ms ahead of"),
            (2_000, 0, State::Warn, "2000 ms behind"),
            (0, 60_000, State::Fail, "60000 ms ahead of"),
        ] {
            let found = judged(behind_ms, ahead_ms);
            assert_eq!(found.state, state, "{found:?}");
            assert!(found.detail.contains(words), "{found:?}");
            assert_eq!(found.next.is_some(), state != State::Ok);
        }
    }
}
