//! What does the work of a job: the engine, or in tests and benches whatever they need.

use std::sync::Arc;

use api::jobs::JobKind;
use futures::future::BoxFuture;

use super::board::Board;
use super::compress;
use super::failure::Failure;
use super::run::Settings;
use crate::app::App;
use crate::queue::{Claimed, Outcome};

/// Does the work of a claimed job; the lease is another's affair.
pub trait Executor: Send + Sync + 'static {
    /// Makes the outcome, noting progress on the board and stopping soon when the board says so.
    fn perform(
        &self,
        app: Arc<App>,
        claimed: Claimed,
        board: Arc<Board>,
        settings: Settings,
    ) -> BoxFuture<'static, Result<Outcome, Failure>>;
}

/// The engine.
#[derive(Debug, Clone, Copy)]
pub struct Engine;

impl Executor for Engine {
    fn perform(
        &self,
        app: Arc<App>,
        claimed: Claimed,
        board: Arc<Board>,
        settings: Settings,
    ) -> BoxFuture<'static, Result<Outcome, Failure>> {
        Box::pin(async move {
            match claimed.record.job.kind {
                JobKind::Compress => {
                    compress::perform(app, claimed, board, settings.threads_per_job()).await
                }
                JobKind::Evaluate | JobKind::Benchmark | JobKind::Calibrate | JobKind::Search => {
                    // Never claimed: see `run::KINDS`. Given back, for a worker that can.
                    Err(Failure::Stopped)
                }
            }
        })
    }
}
