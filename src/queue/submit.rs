//! What users do: submit and cancel.

use api::jobs::Job;

use super::apply::Queue;
use super::error::Result;
use super::state::{Event, Refused};
use crate::store::{Begun, IdempotencyKey, JobRecord, NewJobRecord, Reach, Room, Share, Tx};
use api::ids::JobId;
use api::time::Time;

/// What became of a submission.
#[derive(Debug, Clone, PartialEq)]
pub struct Submitted {
    /// The job as it was when accepted.
    pub job: Job,
    /// Whether the idempotency key was used before, so that nothing new was accepted.
    pub replayed: bool,
    /// How the project stands with it, where that is limited.
    pub room: Option<Room>,
}

/// What became of a wish to cancel.
#[derive(Debug, Clone, PartialEq)]
pub enum Cancelled {
    /// It was waiting and is cancelled.
    Done(Box<JobRecord>),
    /// It is running; its worker is told.
    Asked(Box<JobRecord>),
    /// It was finished before.
    TooLate(Box<JobRecord>),
}

impl Cancelled {
    /// The job as it stands.
    pub fn into_record(self) -> JobRecord {
        match self {
            Self::Done(record) | Self::Asked(record) | Self::TooLate(record) => *record,
        }
    }
}

/// The status that an accepted job is answered with, kept beside the answer.
const ACCEPTED: u16 = 202;

impl Queue {
    /// Accepts a job; from then on it ends in one of the final states. With a key, at most once.
    ///
    /// # Errors
    /// `NotFound` when the revision is not there, `IdempotencyKeyReused`, `IdempotencyInFlight`, `NoRoom`.
    pub async fn submit(
        &self,
        reach: Reach,
        new: &NewJobRecord,
        key: Option<&IdempotencyKey>,
    ) -> Result<Submitted> {
        let mut share = Share::All;
        let (mut tx, now, room) = loop {
            let (mut tx, now) = self.begin().await?;
            if let Some(key) = key
                && let Some(replayed) = replayed(&mut tx, now, key).await?
            {
                return Ok(replayed);
            }
            let limit = self.policy.jobs_in_flight;
            if limit == 0 {
                break (tx, now, None);
            }
            let then = &new.followers;
            let asked = tx.room_for(reach, new.revision_id, then, limit, share);
            if let Some(room) = asked.await? {
                break (tx, now, Some(room));
            }
            share = Share::Alone;
        };
        let mut record = tx.insert_job(now, reach, new).await?;
        record.job.waiting = self.waiting_at_first(&mut tx, now, new.kind).await?;
        if let Some(key) = key {
            let answer =
                serde_json::to_string(&record.job).map_err(|why| crate::store::Error::Corrupt {
                    what: "idempotent answer",
                    detail: why.to_string(),
                })?;
            tx.finish_idempotent(key, ACCEPTED, &answer).await?;
        }
        tx.commit().await?;
        self.tell(&record);
        Ok(Submitted {
            job: record.job,
            replayed: false,
            room,
        })
    }

    /// Cancels a job that waits, asks the worker of one that runs to stop, leaves a finished one alone.
    ///
    /// # Errors
    /// `NotFound` when there is no such job within reach.
    pub async fn cancel(&self, reach: Reach, id: JobId) -> Result<Cancelled> {
        let (mut tx, now) = self.begin().await?;
        let mut record = tx.lock_job(reach, id).await?;
        if record.job.cancel_requested && !record.job.state.is_final() {
            return Ok(Cancelled::Asked(Box::new(record)));
        }
        let decided = match self.decide(&record, None, Event::CancelAsked, now) {
            Ok(decided) => decided,
            Err(Refused) => return Ok(Cancelled::TooLate(Box::new(record))),
        };
        self.apply(&mut tx, now, &mut record, None, decided).await?;
        tx.commit().await?;
        self.tell(&record);
        let record = Box::new(record);
        Ok(if record.job.state.is_final() {
            Cancelled::Done(record)
        } else {
            Cancelled::Asked(record)
        })
    }
}

/// The answer that was given to the same request before.
async fn replayed(tx: &mut Tx, now: Time, key: &IdempotencyKey) -> Result<Option<Submitted>> {
    let Begun::Replay { answer, .. } = tx.begin_idempotent(now, key).await? else {
        return Ok(None);
    };
    let job = serde_json::from_str(&answer).map_err(|why| crate::store::Error::Corrupt {
        what: "idempotent answer",
        detail: why.to_string(),
    })?;
    Ok(Some(Submitted {
        job,
        replayed: true,
        room: None,
    }))
}
