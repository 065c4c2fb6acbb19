//! What may happen to a job: one pure function from where it stands and what happened to where it stands then.
//!
//! No clock, no database, no randomness: `now` and the spread of retries come in, so that every row of the table is a test.
//!
//! | from | event | to |
//! |---|---|---|
//! | queued | claimed | running |
//! | queued | cancel asked | cancelled |
//! | queued | waited too long | failed `expired` |
//! | running | completed | succeeded; cancelled if that was asked |
//! | running | failed | failed; queued again while a retry may help; cancelled if that was asked |
//! | running | released | queued, free of charge; cancelled if that was asked |
//! | running | lease lost | queued; failed `poison` the third time in a row; cancelled if that was asked |
//! | running | ran too long | failed `expired`; cancelled if that was asked |
//! | running | cancel asked | running, asked |
//! | final | anything | refused |

use api::jobs::{AttemptState, Fault, JobError, JobKind, JobState};
use api::problem::Code;
use api::time::Time;

/// The queue's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How long a lease lasts unless renewed.
    pub lease_ms: u32,
    /// How often a worker should renew it.
    pub renew_ms: u32,
    /// How often somebody should sweep.
    pub sweep_ms: u32,
    /// How often workers and waiters look when nobody tells them (another process may have written).
    pub poll_ms: u32,
    /// How many failed attempts that were not the user's fault are tried again.
    pub retry_limit: u32,
    /// The longest pause before a retry.
    pub backoff_max_ms: u32,
    /// How many attempts may lose their lease one after the other before the job is given up.
    pub loss_limit: u32,
    /// How long a job may wait.
    pub queue_timeout_ms: u32,
    /// How long an attempt of `compress` may run, whatever its heartbeats say.
    pub run_timeout_ms: u32,
    /// How much later than that the sweeper ends it, so that the worker can end it in order.
    pub run_grace_ms: u32,
    /// How long all attempts of a job may run together.
    pub total_timeout_ms: u64,
    /// How many jobs of a kind may run at once in a project; 0 is any number.
    pub running_per_project: u32,
    /// How many jobs a project may have in flight: not finished, or still to follow one that is not; 0 is any number.
    pub jobs_in_flight: u32,
    /// How long the events and logs of a finished job are kept.
    pub keep_ms: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            lease_ms: 60_000,
            renew_ms: 15_000,
            sweep_ms: 15_000,
            poll_ms: 1_000,
            retry_limit: 5,
            backoff_max_ms: 3_600_000,
            loss_limit: 3,
            queue_timeout_ms: 86_400_000,
            run_timeout_ms: 3_600_000,
            run_grace_ms: 60_000,
            total_timeout_ms: 6 * 3_600_000,
            running_per_project: 0,
            jobs_in_flight: 0,
            keep_ms: 30 * 86_400_000,
        }
    }
}

/// Where a job stands: what decides what may happen to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its kind.
    pub kind: JobKind,
    /// Its state.
    pub state: JobState,
    /// Whether somebody asked to stop it.
    pub cancel_requested: bool,
    /// Attempts that failed and were tried again.
    pub failures: u32,
    /// Attempts that lost their lease, one after the other.
    pub losses: u32,
    /// How long its attempts ran together, the one that ends now included.
    pub spent_ms: u64,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A worker took it.
    Claimed,
    /// The worker did it.
    Completed,
    /// The worker could not.
    Failed(JobError),
    /// The worker stops without an outcome: it was asked to, or it shuts down.
    Released,
    /// The lease ran out.
    LeaseLost,
    /// The attempt ran for too long.
    RanTooLong,
    /// No worker took it for too long.
    WaitedTooLong,
    /// Somebody asked to stop it.
    CancelAsked,
}

/// Where the job stands after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// Its state.
    pub state: JobState,
    /// How the attempt that holds the lease ends; `None` when it goes on, begins, or there is none.
    pub attempt: Option<AttemptState>,
    /// What the attempt that ends is marked with.
    pub attempt_error: Option<JobError>,
    /// Why it failed, when it did.
    pub error: Option<JobError>,
    /// Whether somebody asked to stop it.
    pub cancel_requested: bool,
    /// Attempts that failed and were tried again.
    pub failures: u32,
    /// Attempts that lost their lease, one after the other.
    pub losses: u32,
    /// Not to be claimed before, when it is queued.
    pub run_after: Option<Time>,
}

/// The event cannot happen to a job that stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

/// What becomes of a job.
///
/// `spread` is any number that differs from job to job: it moves a retry by up to ±10 %, so that jobs which failed together
/// do not come back together.
///
/// # Errors
/// [`Refused`] when the event cannot happen there; nothing may change then.
pub fn next(
    standing: &Standing,
    event: Event,
    policy: &Policy,
    now: Time,
    spread: u64,
) -> Result<Next, Refused> {
    match (standing.state, event) {
        (JobState::Queued, Event::Claimed) => Ok(stay(standing, JobState::Running)),
        (JobState::Queued, Event::CancelAsked) => Ok(Next {
            cancel_requested: true,
            ..stay(standing, JobState::Cancelled)
        }),
        (JobState::Queued, Event::WaitedTooLong) => {
            let error = expired("no worker took it in time");
            Ok(Next {
                error: Some(error),
                ..stay(standing, JobState::Failed)
            })
        }
        (JobState::Running, Event::CancelAsked) => Ok(Next {
            cancel_requested: true,
            ..stay(standing, JobState::Running)
        }),
        (JobState::Running, Event::RanTooLong) => {
            let error = expired("it ran longer than it may");
            let ended = end(standing, JobState::Failed, AttemptState::Failed);
            let ended = Next {
                attempt_error: Some(error.clone()),
                ..ended
            };
            Ok(if standing.cancel_requested {
                Next {
                    state: JobState::Cancelled,
                    ..ended
                }
            } else {
                Next {
                    error: Some(error),
                    ..ended
                }
            })
        }
        (JobState::Running, Event::Completed) => Ok(if standing.cancel_requested {
            end(standing, JobState::Cancelled, AttemptState::Cancelled)
        } else {
            end(standing, JobState::Succeeded, AttemptState::Succeeded)
        }),
        (JobState::Running, Event::Released) => Ok(if standing.cancel_requested {
            end(standing, JobState::Cancelled, AttemptState::Cancelled)
        } else {
            let again = end(standing, JobState::Queued, AttemptState::Cancelled);
            Next {
                run_after: Some(now),
                ..again
            }
        }),
        (JobState::Running, Event::Failed(error)) => {
            Ok(failed(standing, error, policy, now, spread))
        }
        (JobState::Running, Event::LeaseLost) => Ok(lost(standing, policy, now)),
        (
            JobState::Queued,
            Event::Completed
            | Event::Failed(_)
            | Event::Released
            | Event::LeaseLost
            | Event::RanTooLong,
        )
        | (JobState::Running, Event::Claimed | Event::WaitedTooLong)
        | (JobState::Succeeded | JobState::Failed | JobState::Cancelled, _) => Err(Refused),
    }
}

/// The job in another state, nothing else changed.
fn stay(standing: &Standing, state: JobState) -> Next {
    Next {
        state,
        attempt: None,
        attempt_error: None,
        error: None,
        cancel_requested: standing.cancel_requested,
        failures: standing.failures,
        losses: standing.losses,
        run_after: None,
    }
}

/// The attempt ends; whatever it was, the row of lost leases is broken unless the caller says otherwise.
fn end(standing: &Standing, state: JobState, attempt: AttemptState) -> Next {
    let losses = if attempt == AttemptState::Cancelled {
        standing.losses
    } else {
        0
    };
    Next {
        attempt: Some(attempt),
        losses,
        ..stay(standing, state)
    }
}

fn failed(standing: &Standing, error: JobError, policy: &Policy, now: Time, spread: u64) -> Next {
    let ended = Next {
        attempt_error: Some(error.clone()),
        ..end(standing, JobState::Failed, AttemptState::Failed)
    };
    if standing.cancel_requested {
        return Next {
            state: JobState::Cancelled,
            ..ended
        };
    }
    let may_help = error.retryable
        && error.fault != Fault::User
        && standing.failures < retry_limit(standing.kind, policy);
    if !may_help {
        return Next {
            error: Some(error),
            ..ended
        };
    }
    if standing.spent_ms >= policy.total_timeout_ms {
        return Next {
            error: Some(expired("its attempts together ran longer than they may")),
            ..ended
        };
    }
    let failures = standing.failures.saturating_add(1);
    let run_after = now.plus_ms(i64::from(backoff_ms(failures, policy, spread)));
    Next {
        state: JobState::Queued,
        failures,
        run_after: Some(run_after),
        ..ended
    }
}

fn lost(standing: &Standing, policy: &Policy, now: Time) -> Next {
    let losses = standing.losses.saturating_add(1);
    let reason = JobError {
        code: Code::Unavailable,
        message: "the worker was not heard of until its lease ran out".to_owned(),
        fault: Fault::Service,
        retryable: true,
    };
    let ended = Next {
        losses,
        attempt_error: Some(reason),
        ..end(standing, JobState::Queued, AttemptState::Lost)
    };
    if standing.cancel_requested {
        return Next {
            state: JobState::Cancelled,
            ..ended
        };
    }
    if standing.spent_ms >= policy.total_timeout_ms {
        return Next {
            state: JobState::Failed,
            error: Some(expired("its attempts together ran longer than they may")),
            ..ended
        };
    }
    if losses < policy.loss_limit {
        return Next {
            run_after: Some(now),
            ..ended
        };
    }
    let poison = JobError {
        code: Code::Poison,
        message: format!("{losses} attempts in a row were lost: it may be what kills its workers"),
        fault: Fault::Service,
        retryable: false,
    };
    Next {
        state: JobState::Failed,
        error: Some(poison),
        ..ended
    }
}

fn expired(message: &str) -> JobError {
    JobError {
        code: Code::Expired,
        message: message.to_owned(),
        fault: Fault::Service,
        retryable: true,
    }
}

/// A failed benchmark says something: it is tried once more, not five times.
fn retry_limit(kind: JobKind, policy: &Policy) -> u32 {
    match kind {
        JobKind::Benchmark => policy.retry_limit.min(1),
        JobKind::Compress | JobKind::Evaluate | JobKind::Calibrate | JobKind::Search => {
            policy.retry_limit
        }
    }
}

/// Pause before retry number `failures`: its fourth power in seconds, at most the policy's, ±10 %.
pub fn backoff_ms(failures: u32, policy: &Policy, spread: u64) -> u32 {
    let base = failures
        .saturating_pow(4)
        .saturating_mul(1_000)
        .min(policy.backoff_max_ms);
    let tenth = u64::from(base / 10);
    let moved = u64::from(base) - tenth + spread % (2 * tenth + 1);
    u32::try_from(moved).unwrap_or(base)
}
