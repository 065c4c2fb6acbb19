//! The loops of a worker process: claiming, and sweeping what is overdue.

use std::sync::Arc;

use api::ids::WorkerId;
use api::jobs::JobKind;

use super::attempt;
use super::executor::{Engine, Executor};
use super::keeper::Keeper;
use crate::app::App;
use crate::telemetry::LEASES_LOST;

/// Kinds that this version can do.
const KINDS: [JobKind; 1] = [JobKind::Compress];

/// What a worker may use.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Jobs at once.
    pub concurrency: usize,
    /// Engine threads, all jobs together.
    pub threads: usize,
    /// How long a running job may go on after the process was asked to stop, before it is handed back.
    pub grace_ms: u64,
}

impl Settings {
    /// Engine threads of one job.
    pub(super) fn threads_per_job(self) -> usize {
        (self.threads / self.concurrency.max(1)).max(1)
    }
}

/// Claims and works until `app.stopping`; ends when the last job has ended or was handed back.
pub async fn run(app: Arc<App>, settings: Settings) {
    run_with(app, settings, Arc::new(Engine)).await;
}

/// As [`run`], with something else that does the work.
pub async fn run_with(app: Arc<App>, settings: Settings, executor: Arc<dyn Executor>) {
    let keeper = match Keeper::start(&app, &KINDS) {
        Ok(keeper) => Arc::new(keeper),
        Err(error) => {
            tracing::error!(%error, "no thread to keep leases: this process works on nothing");
            return;
        }
    };
    let loops = tokio_util::task::TaskTracker::new();
    for _ in 0..settings.concurrency.max(1) {
        let (app, executor, keeper) = (app.clone(), executor.clone(), keeper.clone());
        loops.spawn(async move { claim_loop(app, settings, &*executor, &keeper).await });
    }
    loops.close();
    loops.wait().await;
    if let Some(keeper) = Arc::into_inner(keeper) {
        keeper.end().await;
    }
}

/// Tells other processes on the same database what changes here and hears them, until `app.stopping`; with `probe` it
/// gives up where LISTEN turns out not to work. Nothing on SQLite.
pub async fn exchange(app: Arc<App>, probe: bool) {
    let both = async { tokio::join!(app.queue.tell_others(), app.queue.hear_others(probe)) };
    tokio::select! {
        _never = both => {}
        () = app.stopping.cancelled() => {}
    }
}

/// One job at a time. Each loop is a worker of its own, with an id that no earlier process had.
async fn claim_loop(app: Arc<App>, settings: Settings, executor: &dyn Executor, keeper: &Keeper) {
    let worker_id = WorkerId(app.ids.uuid());
    while !app.stopping.is_cancelled() {
        match app.queue.claim(worker_id, &KINDS).await {
            Ok(Some(claimed)) => {
                attempt::run(&app, claimed, executor, keeper, settings).await;
            }
            Ok(None) => or_stopping(&app, app.queue.wait_for_work()).await,
            Err(error) => {
                tracing::warn!(%worker_id, error = %crate::app::Chain(&error), "cannot claim a job");
                or_stopping(&app, app.clock.sleep(u64::from(app.queue.policy().poll_ms))).await;
            }
        }
    }
}

/// Ends jobs and attempts that are overdue, now and again, until `app.stopping`.
pub async fn sweep(app: Arc<App>) {
    while !app.stopping.is_cancelled() {
        match app.queue.sweep().await {
            Ok(swept) if swept.lost + swept.overrun + swept.expired > 0 => {
                metrics::counter!(LEASES_LOST).increment(swept.lost);
                tracing::info!(
                    lost = swept.lost,
                    overrun = swept.overrun,
                    expired = swept.expired,
                    "swept the queue"
                );
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(error = %crate::app::Chain(&error), "cannot sweep the queue");
            }
        }
        or_stopping(
            &app,
            app.clock.sleep(u64::from(app.queue.policy().sweep_ms)),
        )
        .await;
    }
}

/// Waits, but not beyond the wish to stop.
async fn or_stopping(app: &App, wait: impl Future<Output = ()>) {
    tokio::select! {
        () = wait => {}
        () = app.stopping.cancelled() => {}
    }
}
