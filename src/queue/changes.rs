//! Who is told when a job changes: waiters and workers of this process at once, others when they look.
//!
//! Being told is only a hint to look: what is true is in the store.

use api::ids::JobId;
use api::jobs::{Job, JobState};
use futures::future::{Either, select};
use tokio::sync::{Notify, broadcast};

use super::apply::Queue;
use super::error::{Error, Result};
use super::lease::Lease;
use super::wake::Outbox;
use crate::store::Reach;

/// Changes that nobody has read yet are dropped beyond this many; a reader that missed some looks again.
const BACKLOG: usize = 256;

/// Tells who listens in this process.
#[derive(Debug)]
pub(super) struct Changes {
    pub(super) jobs: broadcast::Sender<JobId>,
    work: Notify,
    pub(super) outbox: Outbox,
}

impl Changes {
    pub(super) fn new() -> Self {
        Self {
            jobs: broadcast::Sender::new(BACKLOG),
            work: Notify::new(),
            outbox: Outbox::default(),
        }
    }

    /// A job changed, and perhaps one may be claimed: tells this process at once, the others by and by.
    pub(super) fn tell(&self, id: JobId, work: bool) {
        self.heard(id, work);
        self.outbox.add(id, work);
    }

    /// As [`Changes::tell`], for what another process told.
    pub(super) fn heard(&self, id: JobId, work: bool) {
        // Nobody listening is no error.
        let _listeners = self.jobs.send(id).unwrap_or(0);
        if work {
            self.work.notify_one();
        }
    }

    /// Anything may have changed: everybody looks.
    pub(super) fn heard_all(&self) {
        self.heard(JobId(uuid::Uuid::nil()), true);
        self.work.notify_waiters();
    }
}

/// Why a worker has to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Somebody asked to stop the job: end the attempt with [`Queue::release`].
    Cancelled,
    /// The attempt has lost its lease, or the job has ended otherwise: write nothing any more.
    LeaseLost,
}

impl Queue {
    /// The job as soon as its state is not `seen` any more, at the latest after `wait_ms`.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn wait_for_change(
        &self,
        reach: Reach,
        id: JobId,
        seen: Option<JobState>,
        wait_ms: u64,
    ) -> Result<Job> {
        let mut listener = self.changes.jobs.subscribe();
        let deadline = self.clock.sleep(wait_ms);
        tokio::pin!(deadline);
        loop {
            let job = self.look(reach, id).await?;
            if job.state.is_final() || seen.is_some_and(|seen| seen != job.state) {
                return Ok(job);
            }
            let changed = self.next_change(&mut listener, id);
            tokio::pin!(changed);
            match select(changed, &mut deadline).await {
                Either::Left(_) => {}
                Either::Right(_) => return self.look(reach, id).await,
            }
        }
    }

    /// Ends when the attempt has to stop; never when it may go on to its end. A worker runs it beside the work. It hears of
    /// changes from this call on, and looks by itself after the poll interval: the job was claimed just now.
    pub fn stop_requested<'a>(
        &'a self,
        lease: &'a Lease,
    ) -> impl Future<Output = StopReason> + Send + 'a {
        let mut listener = self.changes.jobs.subscribe();
        async move {
            loop {
                self.next_change(&mut listener, lease.job_id).await;
                match self.store.job(Reach::All, lease.job_id).await {
                    Ok(record)
                        if record.job.state != JobState::Running
                            || record.job.attempts != lease.fence.0 =>
                    {
                        return StopReason::LeaseLost;
                    }
                    Ok(record) if record.job.cancel_requested => return StopReason::Cancelled,
                    Err(crate::store::Error::NotFound { .. }) => return StopReason::LeaseLost,
                    // A database that is away for a moment says nothing about the lease.
                    Ok(_) | Err(_) => {}
                }
            }
        }
    }

    /// Ends when there may be something to claim: at once when this process was told, else after the poll interval.
    pub async fn wait_for_work(&self) {
        let told = self.changes.work.notified();
        tokio::pin!(told);
        let _either = select(told, self.clock.sleep(u64::from(self.policy.poll_ms))).await;
    }

    /// Ends when the job changed as far as this process knows, or the poll interval is over.
    pub(super) async fn next_change(&self, listener: &mut broadcast::Receiver<JobId>, id: JobId) {
        let told = async {
            loop {
                match listener.recv().await {
                    Ok(changed) if changed == id || changed.0.is_nil() => return,
                    Ok(_) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => return,
                    Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        tokio::pin!(told);
        let _either = select(told, self.clock.sleep(u64::from(self.policy.poll_ms))).await;
    }

    /// Notes for everyone that the lease was not held, and says so.
    pub(super) fn stale(lease: &Lease) -> Error {
        Error::StaleLease {
            job_id: lease.job_id,
            fence: lease.fence,
        }
    }
}
