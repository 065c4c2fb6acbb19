//! The processes of a storm: servers and workers, each with a clock that is off by its own, and with what it believes to hold.

use std::sync::Arc;

use api::ids::WorkerId;
use api::jobs::JobKind;
use api::time::Time;
use coreanvil::clock::{Clock, Ids, ManualClock};
use coreanvil::queue::{Claimed, Policy, Queue};

use super::arena::{Arena, Numbered, STORES};
use super::dice::Dice;

/// Clocks are off by up to this much, either way.
const SKEW_MS: u64 = 4_000;

/// What workers do.
const KINDS: [&[JobKind]; 5] = [
    &[JobKind::Compress],
    &[JobKind::Compress],
    &[JobKind::Compress, JobKind::Evaluate],
    &[JobKind::Benchmark],
    &[JobKind::Compress, JobKind::Evaluate, JobKind::Benchmark],
];

/// A process. Leases it lost without knowing are still among those it holds.
pub(super) struct Process {
    pub(super) queue: Arc<Queue>,
    clock: Arc<ManualClock>,
    /// How much it is off.
    off: i64,
    pub(super) store: usize,
    pub(super) worker: WorkerId,
    pub(super) kinds: &'static [JobKind],
    pub(super) held: Vec<Claimed>,
}

impl Process {
    /// By its own clock.
    pub(super) fn now(&self) -> i64 {
        self.clock.now().unix_ms()
    }
}

pub(super) struct Fleet {
    /// The time that clocks are off from.
    base: i64,
    pub(super) ids: Arc<Numbered>,
    pub(super) policy: Policy,
    pub(super) processes: Vec<Process>,
}

impl Fleet {
    pub(super) fn new(
        arena: &Arena,
        dice: &mut Dice,
        policy: Policy,
        start: i64,
        ids: Numbered,
    ) -> Self {
        let mut fleet = Self {
            base: start,
            ids: Arc::new(ids),
            policy,
            processes: Vec::new(),
        };
        for _ in 0..4 {
            let process = fleet.start(arena, dice, fleet.processes.len() % STORES);
            fleet.processes.push(process);
        }
        fleet
    }

    /// A process that begins: it knows nothing of what its predecessor held.
    fn start(&self, arena: &Arena, dice: &mut Dice, store: usize) -> Process {
        let off = off(dice);
        let clock = Arc::new(ManualClock::new(time(self.base + off)));
        let queue = Queue::new(
            arena.stores[store].clone(),
            clock.clone(),
            self.ids.clone(),
            self.policy.clone(),
        );
        Process {
            queue: Arc::new(queue),
            clock,
            off,
            store,
            worker: WorkerId(self.ids.uuid()),
            kinds: dice.pick(&KINDS),
            held: Vec::new(),
        }
    }

    /// The process dies and another starts.
    pub(super) fn crash(&mut self, arena: &Arena, dice: &mut Dice, who: usize) {
        let store = self.processes[who].store;
        self.processes[who] = self.start(arena, dice, store);
    }

    /// The machine dies: its store with all processes on it; all start anew.
    pub(super) async fn reboot(&mut self, arena: &mut Arena, dice: &mut Dice, store: usize) {
        arena.reopen(store).await;
        for who in 0..self.processes.len() {
            if self.processes[who].store == store {
                self.crash(arena, dice, who);
            }
        }
    }

    /// A clock is set, perhaps back.
    pub(super) fn set_clock(&mut self, dice: &mut Dice, who: usize) {
        self.processes[who].off = off(dice);
        self.pass(0);
    }

    /// Time passes, for all the same.
    pub(super) fn pass(&mut self, ms: i64) {
        self.base += ms;
        for process in &self.processes {
            process.clock.set(time(self.base + process.off));
        }
    }

    /// All clocks agree, and one worker does everything.
    pub(super) fn calm(&mut self) {
        for process in &mut self.processes {
            process.off = 0;
            process.kinds = KINDS[4];
            process.held.clear();
        }
        self.pass(0);
    }
}

fn time(ms: i64) -> Time {
    Time::from_unix_ms(ms).unwrap()
}

fn off(dice: &mut Dice) -> i64 {
    i64::try_from(dice.roll(2 * SKEW_MS + 1)).unwrap() - i64::try_from(SKEW_MS).unwrap()
}
