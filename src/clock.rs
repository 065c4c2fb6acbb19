//! Time, ids and randomness: the only place that asks the machine for them.
//!
//! Everything else takes a [`Clock`] and [`Ids`], so that tests own both. Moments are whole milliseconds (see `api::time`).
//! It does not decide how long anything may take.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use api::time::Time;
use tokio::sync::watch;
use uuid::Uuid;

/// A future that ends when a time has passed.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Tells the time.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Now, in whole milliseconds.
    fn now(&self) -> Time;
    /// Nanoseconds since some fixed moment; never goes back.
    fn monotonic_ns(&self) -> u64;
    /// Ends after so many milliseconds.
    fn sleep(&self, ms: u64) -> Sleep;
    /// Whether this is the machine's clock: then a database that several machines use trusts its own instead.
    fn is_system(&self) -> bool;
}

/// Draws ids and random bytes.
pub trait Ids: Debug + Send + Sync + 'static {
    /// A new `UUIDv7`; later ones sort behind earlier ones.
    fn uuid(&self) -> Uuid;
    /// A new `UUIDv7` of exactly that millisecond; of those with one moment, a higher `ordinal` (below 4,096) sorts behind.
    fn uuid_at(&self, at: Time, ordinal: usize) -> Uuid {
        let mut tail = [0; 10];
        self.fill_random(&mut tail);
        let ordinal = u16::try_from(ordinal).unwrap_or(u16::MAX).min(0x0fff);
        if let Some(high) = tail.first_chunk_mut::<2>() {
            *high = ordinal.to_be_bytes();
        }
        let ms = u64::try_from(at.unix_ms()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(ms, &tail).into_uuid()
    }
    /// Fills with bytes nobody can guess.
    fn fill_random(&self, bytes: &mut [u8]);
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// The machine's clock.
    #[expect(
        clippy::new_without_default,
        reason = "reading the clock is not a default"
    )]
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn now(&self) -> Time {
        Time::new(chrono::Utc::now())
    }

    fn monotonic_ns(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn sleep(&self, ms: u64) -> Sleep {
        Box::pin(tokio::time::sleep(Duration::from_millis(ms)))
    }

    fn is_system(&self) -> bool {
        true
    }
}

/// The machine's ids and randomness.
#[derive(Debug, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    #[expect(clippy::disallowed_methods, reason = "this is where ids are drawn")]
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        rand::fill(bytes);
    }
}

/// A clock that stands still until it is moved. For tests.
#[derive(Debug)]
pub struct ManualClock {
    /// Milliseconds since the Unix epoch.
    unix_ms: watch::Sender<i64>,
}

impl ManualClock {
    /// Stands at `start`.
    pub fn new(start: Time) -> Self {
        Self {
            unix_ms: watch::Sender::new(start.unix_ms()),
        }
    }

    /// Moves on; whoever sleeps shorter wakes up.
    pub fn advance(&self, ms: u64) {
        self.unix_ms
            .send_modify(|now| *now = now.saturating_add_unsigned(ms));
    }

    /// Stands elsewhere, perhaps earlier: what an administrator or a time server does to a machine's clock.
    pub fn set(&self, to: Time) {
        self.unix_ms.send_replace(to.unix_ms());
    }

    /// How many sleep on it: a test that wants to move time past a sleeper waits until it sleeps.
    pub fn sleepers(&self) -> usize {
        self.unix_ms.receiver_count()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Time {
        let unix_ms = *self.unix_ms.borrow();
        Time::from_unix_ms(unix_ms).unwrap_or_else(|| Time::new(chrono::DateTime::UNIX_EPOCH))
    }

    fn monotonic_ns(&self) -> u64 {
        u64::try_from(*self.unix_ms.borrow())
            .unwrap_or(0)
            .saturating_mul(1_000_000)
    }

    fn sleep(&self, ms: u64) -> Sleep {
        // In this order: who counts the sleepers may move the clock as soon as this one is counted.
        let until = self.unix_ms.borrow().saturating_add_unsigned(ms);
        let mut receiver = self.unix_ms.subscribe();
        Box::pin(async move {
            // The clock going away is the end of the test: nobody is left to wake up.
            let _moved = receiver.wait_for(|now| *now >= until).await.is_ok();
        })
    }

    fn is_system(&self) -> bool {
        false
    }
}

/// Ids in order and bytes from a seed: the same in every run. For tests.
#[derive(Debug)]
pub struct SequentialIds {
    next: AtomicU64,
    random: Mutex<u64>,
}

impl SequentialIds {
    /// Starts at `first`; `first` also seeds the bytes.
    pub fn new(first: u64) -> Self {
        Self {
            next: AtomicU64::new(first),
            random: Mutex::new(first),
        }
    }
}

impl Ids for SequentialIds {
    fn uuid(&self) -> Uuid {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut tail = [0; 10];
        if let Some(low) = tail.last_chunk_mut::<8>() {
            *low = number.to_be_bytes();
        }
        uuid::Builder::from_unix_timestamp_millis(1_700_000_000_000, &tail).into_uuid()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        let mut state = self
            .random
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        for byte in bytes {
            // splitmix64
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = *state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = mixed.to_be_bytes()[0];
        }
    }
}

#[cfg(test)]
mod tests {
    //! The clocks keep their promises.

    use super::*;

    #[test]
    fn ids_sort_in_the_order_drawn() {
        let kinds: [&dyn Ids; 2] = [&SystemIds, &SequentialIds::new(250)];
        for ids in kinds {
            let drawn: Vec<Uuid> = std::iter::repeat_with(|| ids.uuid()).take(1000).collect();
            assert!(drawn.is_sorted_by(|a, b| a < b), "{ids:?}");
            assert!(drawn.iter().all(|id| id.get_version_num() == 7), "{ids:?}");
        }
    }

    #[test]
    fn ids_of_a_moment_say_so_and_sort_by_their_number() {
        let kinds: [&dyn Ids; 2] = [&SystemIds, &SequentialIds::new(250)];
        let at = Time::from_unix_ms(1_800_000_000_123).unwrap();
        for ids in kinds {
            let drawn: Vec<Uuid> = (0..4096).map(|number| ids.uuid_at(at, number)).collect();
            assert!(drawn.is_sorted_by(|a, b| a < b), "{ids:?}");
            for id in drawn {
                let ms = id.as_u128() >> 80;
                assert_eq!((id.get_version_num(), ms), (7, 1_800_000_000_123));
            }
        }
    }

    #[tokio::test]
    async fn a_sleeper_wakes_when_the_time_has_come() {
        let clock = ManualClock::new(Time::from_unix_ms(1000).unwrap());
        let mut sleep = clock.sleep(10);
        clock.advance(9);
        assert!(futures::poll!(&mut sleep).is_pending());
        clock.advance(1);
        sleep.await;
        assert_eq!(clock.now().unix_ms(), 1010);
    }
}
