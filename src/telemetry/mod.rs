//! Logs and metrics of the process.
//!
//! One line of log per event, readable alone and with ids as fields; a failure is logged once, where it is handled.
//! Traces go to an OpenTelemetry collector where one is named, and nowhere otherwise; see `traces`. Metrics are kept by one recorder
//! per process and rendered in the Prometheus text format; `catalogue` lists them all.
//! It does not decide what is logged: the rooms do. It never sees tokens (headers that carry them are marked sensitive).

mod catalogue;
mod log;
mod process;
mod recorder;
mod traces;

pub use catalogue::*;
pub use log::init;
pub use recorder::{Metrics, metrics};
pub use traces::{continue_from, flush, sends_traces, traceparent, within};
