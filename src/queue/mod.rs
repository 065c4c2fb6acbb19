//! The durable queue: accepted jobs end exactly once, whatever crashes.
//!
//! `state` says what may happen to a job, as a pure function; `lease` is what a worker does with one job, `submit` what
//! users do, `sweep` what nobody asked for (lost leases, time-outs), `changes` who is told. A worker holds a job by a lease
//! of 60 s that it renews; each attempt has a higher fencing number, and a write with an old one changes nothing but the
//! job's events. The queue runs nothing itself and has no timers of its own: `worker` calls it.

pub mod state;

mod apply;
mod changes;
mod error;
mod follow;
mod lease;
mod submit;
mod sweep;
mod waiting;
mod wake;

pub use apply::Queue;
pub use changes::StopReason;
pub use error::{Error, Result};
pub use follow::Follower;
pub use lease::{Beat, Claimed, Completed, Lease, Outcome};
pub use state::Policy;
pub use submit::{Cancelled, Submitted};
pub use sweep::Swept;

#[cfg(test)]
mod tests;
