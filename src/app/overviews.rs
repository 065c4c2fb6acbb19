//! Models at a glance, for lists that people read.

use super::access::Caller;
use super::error::Result;
use super::service::App;
pub use crate::store::{Overview, OverviewFilter, OverviewOrder};

/// Models in reach: `limit` of them after the first `skip`, and whether there are more.
///
/// # Errors
/// Those of the database.
pub async fn list(
    app: &App,
    caller: &Caller,
    filter: &OverviewFilter,
    limit: u32,
    skip: u32,
) -> Result<(Vec<Overview>, bool)> {
    let one_more = limit.saturating_add(1);
    let mut found = app
        .store
        .overviews(caller.reach, filter, one_more, skip)
        .await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    Ok((found, more))
}
