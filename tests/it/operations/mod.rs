//! What operators are given agrees with the code: metrics, dashboards, alerts, units, the compose file.

mod deployment;
mod metrics;
pub(crate) mod traces;
