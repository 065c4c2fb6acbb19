//! One attempt: the work beside its lease, and the one write that ends it.
//!
//! Whatever ends first decides: the work, a wish to cancel, the loss of the lease, the time limit, the process's own
//! end. The work is always awaited before the attempt ends, so that nothing runs on behind the queue's back and its
//! folders are gone.

use std::sync::Arc;

use api::jobs::{JobKind, JobState, LogLevel};
use tracing::Instrument as _;
use tracing::field::Empty;

use super::board::Board;
use super::executor::Executor;
use super::failure::Failure;
use super::keeper::{Keeper, Kept};
use super::run::Settings;
use crate::app::{App, Chain};
use crate::queue::{Claimed, Completed, Error as QueueError, StopReason};
use crate::telemetry;

/// How often the write that ends an attempt is tried while the database is away.
const END_TRIES: u32 = 10;
/// Pause between two of them.
const END_PAUSE_MS: u64 = 1_000;

/// Why the work was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Somebody cancelled the job, or the process ends: the queue knows which from the job.
    Release,
    /// The lease is gone: nothing may be written.
    Lost,
    /// It took too long.
    TimedOut,
}

impl Stop {
    /// For the attempt's log.
    fn why(self) -> &'static str {
        match self {
            Self::Release => {
                "asked to stop: the job is cancelled, or handed back by a worker that ends"
            }
            Self::Lost => "the lease is lost",
            Self::TimedOut => "it ran longer than it may",
        }
    }
}

/// Works on a claimed job until it has ended.
pub(super) async fn run(
    app: &Arc<App>,
    claimed: Claimed,
    executor: &dyn Executor,
    keeper: &Keeper,
    settings: Settings,
) {
    let lease = claimed.lease;
    let span = tracing::info_span!("attempt", job_id = %lease.job_id, attempt_id = %lease.attempt_id, fence = %lease.fence,
        otel.kind = Empty, trace_id = Empty);
    if telemetry::sends_traces() {
        let trace = app.store.job_traceparent(lease.job_id).await;
        let trace = trace.unwrap_or_else(|error| {
            tracing::debug!(error = %Chain(&error), "cannot read the job's trace");
            None
        });
        telemetry::continue_from(&span, "consumer", trace.as_deref());
    }
    Box::pin(supervise(app, claimed, executor, keeper, settings))
        .instrument(span)
        .await;
}

async fn supervise(
    app: &Arc<App>,
    claimed: Claimed,
    executor: &dyn Executor,
    keeper: &Keeper,
    settings: Settings,
) {
    let started_ns = app.clock.monotonic_ns();
    let lease = claimed.lease;
    let kind = claimed.record.job.kind;
    let run_timeout_ms = u64::from(claimed.run_timeout_ms);
    let waited_ms = app
        .clock
        .now()
        .unix_ms()
        .saturating_sub(claimed.record.queued_at.unix_ms());
    let waited = std::time::Duration::from_millis(u64::try_from(waited_ms).unwrap_or(0));
    metrics::histogram!(telemetry::JOB_WAIT, "kind" => kind.as_str()).record(waited.as_secs_f64());
    tracing::info!(kind = kind.as_str(), "the attempt begins");
    let board = Arc::new(Board::new());
    board.note(
        app.clock.now(),
        LogLevel::Info,
        format!("attempt {} begins", lease.fence),
    );
    let mut kept = keeper.keep(lease, &board);
    let asked = app.queue.stop_requested(&lease);
    let work = executor.perform(Arc::clone(app), claimed, Arc::clone(&board), settings);
    tokio::pin!(work);
    let stopped = tokio::select! {
        done = &mut work => Err(done),
        stop = reason(app, asked, &mut kept, run_timeout_ms, settings.grace_ms) => Ok(stop),
    };
    if let Ok(stop) = stopped {
        board.stop();
        board.note(app.clock.now(), LogLevel::Warn, stop.why());
        // What it still makes, or why it stops, does not count any more.
        drop((&mut work).await);
    }
    kept.end().await;
    if let Err(Err(Failure::Error(error))) = &stopped {
        board.note(app.clock.now(), LogLevel::Error, error.message.clone());
    }
    // What is left of the attempt's log is written with its end.
    let lines = board.lines();
    let queue = &app.queue;
    let ended = match stopped {
        Err(Ok(outcome)) => retried(app, || queue.complete(&lease, &outcome, &lines))
            .await
            .map(Ended::With),
        Err(Err(Failure::Error(error))) => {
            retried(app, || queue.fail(&lease, error.clone(), &lines))
                .await
                .map(Ended::Not)
        }
        Err(Err(Failure::Stopped)) | Ok(Stop::Release) => {
            retried(app, || queue.release(&lease, &lines))
                .await
                .map(Ended::Not)
        }
        Ok(Stop::TimedOut) => retried(app, || queue.run_timed_out(&lease, &lines))
            .await
            .map(Ended::Not),
        Ok(Stop::Lost) => Err(QueueError::StaleLease {
            job_id: lease.job_id,
            fence: lease.fence,
        }),
    };
    tell(app, kind, &ended, started_ns);
}

/// How the attempt's last write left the job.
#[derive(Debug)]
enum Ended {
    With(Completed),
    Not(JobState),
}

/// Ends when there is a reason to stop.
async fn reason(
    app: &App,
    asked: impl Future<Output = StopReason>,
    kept: &mut Kept,
    run_timeout_ms: u64,
    grace_ms: u64,
) -> Stop {
    let stopping = async {
        app.stopping.cancelled().await;
        app.clock.sleep(grace_ms).await;
    };
    tokio::select! {
        stop = asked => match stop {
            StopReason::Cancelled => Stop::Release,
            StopReason::LeaseLost => Stop::Lost,
        },
        stop = kept.stop() => stop,
        () = app.clock.sleep(run_timeout_ms) => Stop::TimedOut,
        () = stopping => Stop::Release,
    }
}

/// Tries a last write again while the database is away; a lost lease is final.
async fn retried<T, F: Future<Output = Result<T, QueueError>>>(
    app: &App,
    write: impl Fn() -> F,
) -> Result<T, QueueError> {
    let mut tries = 1;
    loop {
        match write().await {
            Err(error) if tries < END_TRIES && !matches!(error, QueueError::StaleLease { .. }) => {
                tracing::warn!(error = %Chain(&error), "cannot end the attempt, trying again");
                tries += 1;
                app.clock.sleep(END_PAUSE_MS).await;
            }
            result => return result,
        }
    }
}

/// One line of log and the metrics.
fn tell(app: &App, kind: JobKind, ended: &Result<Ended, QueueError>, started_ns: u64) {
    let took_ms = app.clock.monotonic_ns().saturating_sub(started_ns) / 1_000_000;
    let state = match ended {
        Ok(Ended::With(Completed::Succeeded(_))) => JobState::Succeeded,
        Ok(Ended::With(Completed::Cancelled)) => JobState::Cancelled,
        Ok(Ended::Not(state)) => *state,
        Err(QueueError::StaleLease { .. }) => {
            tracing::warn!(took_ms, "the lease was lost; nothing was written");
            return;
        }
        Err(error) => {
            tracing::error!(took_ms, error = %Chain(error), "the end of the attempt could not be written");
            return;
        }
    };
    tracing::info!(took_ms, state = state.as_str(), "the attempt has ended");
    let seconds = std::time::Duration::from_millis(took_ms).as_secs_f64();
    metrics::histogram!(telemetry::JOB_SECONDS, "kind" => kind.as_str(), "outcome" => state.as_str()).record(seconds);
    if state.is_final() {
        metrics::counter!(telemetry::JOBS_FINISHED, "kind" => kind.as_str(), "state" => state.as_str()).increment(1);
    }
}
