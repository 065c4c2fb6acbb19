//! Following one job: whoever shows its events waits here between two looks.
//!
//! As everywhere in the queue, being told is only a hint to look; the poll interval is the longest that a change made by
//! another process stays unseen.

use api::ids::JobId;
use tokio::sync::broadcast;

use super::apply::Queue;

/// Hears of a job's changes from the moment it was made: what happens between a look and [`Follower::changed`] is not
/// missed.
#[derive(Debug)]
pub struct Follower<'a> {
    queue: &'a Queue,
    told: broadcast::Receiver<JobId>,
    id: JobId,
}

impl Queue {
    /// Begins to listen to a job.
    pub fn follow(&self, id: JobId) -> Follower<'_> {
        Follower {
            queue: self,
            told: self.changes.jobs.subscribe(),
            id,
        }
    }
}

impl Follower<'_> {
    /// Ends when it is worth looking again.
    pub async fn changed(&mut self) {
        self.queue.next_change(&mut self.told, self.id).await;
    }
}
