//! One storm: who does what, in an order that the seed draws.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::AtomicU64;

use api::jobs::JobKind;
use coreanvil::clock::Ids;
use coreanvil::queue::Policy;

use super::arena::{Arena, Numbered};
use super::dice::Dice;
use super::fleet::Fleet;
use super::judge::{Act, Doing, Ledger};
use crate::store::world::START_MS;

/// Operations that are shown when a promise is broken.
const SHOWN: usize = 30;
/// Steps until all has ended, once it is calm.
const CALM_STEPS: usize = 500;

pub(super) struct Storm<'a> {
    pub(super) arena: &'a mut Arena,
    pub(super) dice: Dice,
    pub(super) fleet: Fleet,
    pub(super) ledger: Ledger,
    /// What is done in this step.
    pub(super) doings: Vec<Doing>,
    pub(super) seed: u64,
    step: usize,
    calm: bool,
    shown: VecDeque<String>,
    /// An answer of this step that no promise allows: said after what the database has to say.
    wrong: Option<String>,
    /// What the next package is made of.
    pub(super) next_digest: u64,
    pub(super) submitted: u64,
}

/// What the storm runs under: limits so low that it meets them.
fn policy(dice: &mut Dice) -> Policy {
    Policy {
        retry_limit: dice.pick(&[0, 1, 3, 5, 5]),
        backoff_max_ms: dice.pick(&[10_000, 120_000, 3_600_000]),
        loss_limit: dice.pick(&[1, 2, 3]),
        queue_timeout_ms: dice.pick(&[900_000, 86_400_000, 86_400_000]),
        run_timeout_ms: dice.pick(&[90_000, 600_000, 3_600_000]),
        run_grace_ms: dice.pick(&[0, 60_000]),
        total_timeout_ms: dice.pick(&[240_000, 6 * 3_600_000, 6 * 3_600_000]),
        running_per_project: dice.pick(&[0, 1, 2, 3]),
        jobs_in_flight: dice.pick(&[0, 0, 4, 8]),
        keep_ms: dice.pick(&[600_000, 30 * 86_400_000]),
        ..Policy::default()
    }
}

impl<'a> Storm<'a> {
    /// From beginning to end; gives what it met.
    pub(super) async fn run(arena: &'a mut Arena, seed: u64) -> BTreeMap<String, u64> {
        let mut dice = Dice::new(seed);
        let policy = policy(&mut dice);
        let ids = Numbered(AtomicU64::new((seed + 1) << 20));
        let fleet = Fleet::new(arena, &mut dice, policy.clone(), START_MS, ids);
        let mut storm = Self {
            arena,
            dice,
            fleet,
            ledger: Ledger::new(policy),
            doings: Vec::new(),
            seed,
            step: 0,
            calm: false,
            shown: VecDeque::new(),
            wrong: None,
            next_digest: 1_000,
            submitted: 0,
        };
        let steps = 40 + storm.dice.roll(41);
        for _ in 0..steps {
            storm.step().await;
        }
        storm.end().await;
        storm.arena.empty().await;
        storm.ledger.met
    }

    pub(super) fn is_calm(&self) -> bool {
        self.calm
    }

    /// Whether the step is one that is many transactions.
    pub(super) fn sweeps(&self) -> bool {
        self.doings.iter().any(|doing| doing.act == Act::Sweep)
    }

    /// What a process is about to do.
    pub(super) fn does(&mut self, who: usize, act: Act) {
        let now = self.fleet.processes[who].now();
        let line = format!(
            "{}: at {} process {who}: {act:?}",
            self.step,
            now - START_MS
        );
        self.show(line);
        self.doings.push(Doing {
            act,
            now,
            whole: true,
        });
    }

    pub(super) fn note(&mut self, line: &str) {
        self.show(format!("{}:   {line}", self.step));
    }

    fn show(&mut self, line: String) {
        self.shown.push_back(line);
        while self.shown.len() > SHOWN {
            self.shown.pop_front();
        }
    }

    /// A promise was broken.
    pub(super) fn broken(&self, why: &str) -> ! {
        let shown: Vec<&str> = self.shown.iter().map(String::as_str).collect();
        panic!(
            "on {} seed {} step {}: {why}\npolicy: {:?}\nthe last operations:\n{}\nagain{}: COREANVIL_TEST_SIM_SEED={} cargo test --test it sim::",
            self.arena.dialect(),
            self.seed,
            self.step,
            self.fleet.policy,
            shown.join("\n"),
            if self.races() {
                " (it races: perhaps not the first time)"
            } else {
                ""
            },
            self.seed
        )
    }

    /// An answer that no promise allows.
    pub(super) fn expect(&mut self, holds: bool, why: &str) {
        if !holds && self.wrong.is_none() {
            self.wrong = Some(why.to_owned());
        }
    }

    /// Lets the judge see what has happened.
    pub(super) async fn judge(&mut self) {
        self.step += 1;
        if self.doings.is_empty() {
            return;
        }
        let changes = self.arena.changes().await;
        let doings = std::mem::take(&mut self.doings);
        if let Err(why) = self.ledger.judge(&doings, changes) {
            self.broken(&why);
        }
        if let Some(why) = self.wrong.take() {
            self.broken(&why);
        }
    }

    async fn step(&mut self) {
        if self.races() && self.dice.once_in(6) {
            return self.race().await;
        }
        let who = self.dice.index(self.fleet.processes.len());
        match self.dice.roll(40) {
            0..=6 => self.submit(who).await,
            7..=14 => self.claim(who).await,
            15..=18 => self.progress(who).await,
            19..=21 => self.complete(who).await,
            22 => self.complete_twice(who).await,
            23..=26 => self.fail(who).await,
            27 => self.release(who).await,
            28 => self.run_timed_out(who).await,
            29..=31 => self.sweep(who).await,
            32..=33 => self.cancel(who).await,
            34 => {
                self.note("a process crashes");
                self.fleet.crash(self.arena, &mut self.dice, who);
            }
            35 => {
                self.note("a clock is set");
                self.fleet.set_clock(&mut self.dice, who);
            }
            36 if self.dice.once_in(8) => {
                self.note("a machine starts anew");
                let store = self.fleet.processes[who].store;
                self.fleet.reboot(self.arena, &mut self.dice, store).await;
            }
            36..=38 => self.pass(30_000),
            _ => {
                let most = self.dice.pick(&[
                    120_000,
                    120_000,
                    1_000_000,
                    1_000_000,
                    4_000_000,
                    100_000_000,
                ]);
                self.pass(most);
            }
        }
        self.judge().await;
    }

    fn pass(&mut self, most: u64) {
        let ms = i64::try_from(self.dice.roll(most)).unwrap();
        self.note(&format!("{ms} ms pass"));
        self.fleet.pass(ms);
    }

    /// The storm is over: nothing fails any more, time goes on. Everything must come to its end.
    async fn end(&mut self) {
        self.calm = true;
        self.fleet.calm();
        for step in 0.. {
            if step == CALM_STEPS {
                self.broken("some jobs never end");
            }
            self.sweep(0).await;
            self.judge().await;
            loop {
                self.claim(0).await;
                self.judge().await;
                let Some(claimed) = self.fleet.processes[0].held.last() else {
                    break;
                };
                if claimed.record.job.kind == JobKind::Compress {
                    self.complete(0).await;
                } else {
                    self.fail(0).await;
                }
                self.judge().await;
                self.fleet.processes[0].held.clear();
            }
            let now = self.fleet.processes[0].now();
            let Some(due) = self.ledger.next_due(now) else {
                break;
            };
            self.fleet.pass(due);
        }
        let (jobs, attempts) = (
            self.arena.table("jobs").await,
            self.arena.table("attempts").await,
        );
        let events = self.arena.table("job_events").await;
        if let Err(why) = self.ledger.at_the_end(&jobs, &attempts, &events) {
            self.broken(&why);
        }
    }

    /// A new id.
    pub(super) fn id(&self) -> uuid::Uuid {
        self.fleet.ids.uuid()
    }
}
