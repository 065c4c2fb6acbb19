//! The sweeper: removes bytes that no row names, after a grace period, and uploads that have expired.
//!
//! Any process may sweep, several at once: the rows decide who deletes what (`store::sweep`). What killed processes left is
//! found by listing the store. A dry run counts and changes nothing. It ends no jobs; that is the queue's sweep.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::ids::UploadId;
use api::time::Time;
use futures::TryStreamExt as _;

use super::error::{Chain, Result};
use super::service::App;
use super::uploads;
use crate::store::Sweepable;
use crate::telemetry::{SWEPT_BYTES, SWEPT_OBJECTS};

/// Rows looked at in one query.
const BATCH: u32 = 200;

/// Whether anything is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Remove.
    Remove,
    /// Only count what would be removed.
    Count,
}

/// What was removed, or would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Objects that no revision names.
    pub objects: u64,
    /// Objects that no row knew.
    pub strangers: u64,
    /// Uploads that had expired, and pieces of uploads that no row knew.
    pub uploads: u64,
    /// Bytes of the objects.
    pub bytes: u64,
}

/// Sweeps once.
///
/// # Errors
/// When database or object store are away; what was removed before stays removed.
pub async fn sweep(app: &App, mode: Mode) -> Result<Swept> {
    let now = app.store.now(app.clock.as_ref()).await?;
    let before = now.plus_ms(-i64::try_from(app.settings.sweep_after_ms).unwrap_or(i64::MAX));
    let mut swept = Swept::default();
    unnamed(app, mode, before, &mut swept).await?;
    strangers(app, mode, before, &mut swept).await?;
    parts(app, mode, before, &mut swept).await?;
    if mode == Mode::Remove {
        let _forgotten: u64 = app.store.forget_deleted(now).await?;
        metrics::counter!(SWEPT_OBJECTS).increment(swept.objects + swept.strangers);
        metrics::counter!(SWEPT_BYTES).increment(swept.bytes);
    }
    Ok(swept)
}

/// Objects that no revision names.
async fn unnamed(app: &App, mode: Mode, before: Time, swept: &mut Swept) -> Result<()> {
    let mut after = None;
    loop {
        let now = app.store.now(app.clock.as_ref()).await?;
        let found = app.store.sweepable(now, before, after, BATCH).await?;
        let Some(last) = found.last() else {
            return Ok(());
        };
        after = Some(last.sha256);
        for object in found {
            if mode == Mode::Remove {
                let now = app.store.now(app.clock.as_ref()).await?;
                if !app.store.begin_deleting(now, before, object.sha256).await? {
                    continue;
                }
                delete(app, now, object).await?;
            }
            swept.objects += 1;
            swept.bytes += object.size_bytes;
        }
    }
}

/// Bytes that no row knows: their process was killed before it came to its rows.
async fn strangers(app: &App, mode: Mode, before: Time, swept: &mut Swept) -> Result<()> {
    let mut listed = app.objects.list();
    while let Some(found) = listed.try_next().await? {
        if found.modified_at >= before || app.store.knows_object(found.digest).await? {
            continue;
        }
        let object = Sweepable {
            sha256: found.digest,
            size_bytes: found.size_bytes,
        };
        if mode == Mode::Remove {
            let now = app.store.now(app.clock.as_ref()).await?;
            if !app.store.begin_deleting_unknown(now, object).await? {
                continue;
            }
            delete(app, now, object).await?;
        }
        swept.strangers += 1;
        swept.bytes += object.size_bytes;
    }
    Ok(())
}

/// Uploads whose time is over, and pieces whose upload no row knows.
async fn parts(app: &App, mode: Mode, before: Time, swept: &mut Swept) -> Result<()> {
    let now = app.store.now(app.clock.as_ref()).await?;
    swept.uploads += match mode {
        Mode::Remove => uploads::expire(app).await?,
        Mode::Count => app.store.expired_uploads(now, u32::MAX).await?.len() as u64,
    };
    let mut newest: BTreeMap<UploadId, Time> = BTreeMap::new();
    let mut listed = app.objects.list_parts();
    while let Some((id, at)) = listed.try_next().await? {
        let newest = newest.entry(id).or_insert(at);
        *newest = at.max(*newest);
    }
    for (id, at) in newest {
        if at >= before || app.store.knows_upload(id).await? {
            continue;
        }
        if mode == Mode::Remove {
            app.objects.delete_parts(id).await?;
        }
        swept.uploads += 1;
    }
    Ok(())
}

/// Deletes what is marked. Failing between the steps leaves the mark, which another sweep takes over.
async fn delete(app: &App, marked: Time, object: Sweepable) -> Result<()> {
    app.objects.delete(object.sha256).await?;
    let now = app.store.now(app.clock.as_ref()).await?;
    Ok(app.store.end_deleting(now, marked, object.sha256).await?)
}

/// Sweeps now and then until `app.stopping`. The first time comes after one interval, so that a restart loop does not sweep.
pub async fn run(app: Arc<App>, every_ms: u64) {
    loop {
        tokio::select! {
            () = app.clock.sleep(every_ms) => {}
            () = app.stopping.cancelled() => return,
        }
        let swept = tokio::select! {
            swept = sweep(&app, Mode::Remove) => swept,
            () = app.stopping.cancelled() => return,
        };
        match swept {
            Ok(swept) if swept.objects + swept.strangers + swept.uploads > 0 => {
                tracing::info!(
                    objects = swept.objects,
                    strangers = swept.strangers,
                    uploads = swept.uploads,
                    bytes = swept.bytes,
                    "swept objects"
                );
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(error = %Chain(&error), "cannot sweep objects"),
        }
    }
}
