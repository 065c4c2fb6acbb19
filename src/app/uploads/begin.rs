//! Beginning, looking, ending early.

use api::digest::Digest;
use api::ids::UploadId;
use api::page::{Page, PageRequest};
use api::revisions::Tags;
use api::tokens::Scope;
use api::uploads::Upload;

use crate::app::access::Caller;
use crate::app::error::{Error, Result};
use crate::app::models::{self, ModelRef};
use crate::app::service::App;
use crate::store::{NewUpload, UploadRecord};

/// Expired uploads that one sweep removes.
const BATCH: u32 = 1000;

/// What is announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begin {
    /// The model that gets the revision.
    pub model: ModelRef,
    /// As the client calls the file.
    pub file_name: String,
    /// What the client said about it, as it said it.
    pub metadata: String,
    /// Tags of the revision.
    pub tags: Tags,
    /// SHA-256 of the whole; verified at the end.
    pub digest: Option<Digest>,
    /// Bytes in all.
    pub size_bytes: u64,
}

/// Begins an upload.
///
/// # Errors
/// [`Error::NotFound`] without such a model, [`Error::TooLarge`].
pub async fn begin(app: &App, caller: &Caller, new: Begin) -> Result<UploadRecord> {
    caller.need(Scope::Writer)?;
    let model = models::find(app, caller, &new.model).await?;
    let limit_bytes = app.settings.upload_bytes;
    if new.size_bytes > limit_bytes {
        return Err(Error::TooLarge { limit_bytes });
    }
    let now = app.store.now(app.clock.as_ref()).await?;
    let lasts_ms = i64::try_from(app.settings.upload_ms).unwrap_or(i64::MAX);
    let new = NewUpload {
        id: UploadId(app.ids.uuid()),
        project_id: model.project_id,
        model_id: model.model.id,
        file_name: new.file_name,
        metadata: new.metadata,
        tags: new.tags,
        digest: new.digest,
        size_bytes: new.size_bytes,
        expires_at: now.plus_ms(lasts_ms),
    };
    Ok(app.store.insert_upload(now, &new).await?)
}

/// The upload.
///
/// # Errors
/// [`Error::NotFound`], also when it has expired.
pub async fn get(app: &App, caller: &Caller, id: UploadId) -> Result<UploadRecord> {
    caller.need(Scope::Writer)?;
    let now = app.store.now(app.clock.as_ref()).await?;
    let found = app.store.upload(now, caller.reach, id).await;
    found.map_err(|error| Error::about(error, &id.to_string()))
}

/// Uploads, newest first; with a digest, those of that body.
///
/// # Errors
/// Those of the store.
pub async fn list(
    app: &App,
    caller: &Caller,
    digest: Option<Digest>,
    page: PageRequest,
) -> Result<Page<Upload>> {
    caller.need(Scope::Writer)?;
    let now = app.store.now(app.clock.as_ref()).await?;
    Ok(app.store.uploads(now, caller.reach, digest, page).await?)
}

/// Gives an upload up.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Locked`] while somebody writes.
pub async fn delete(app: &App, caller: &Caller, id: UploadId) -> Result<()> {
    get(app, caller, id).await?;
    let now = app.store.now(app.clock.as_ref()).await?;
    let forgotten = app.store.forget_upload(now, id).await;
    forgotten.map_err(Error::about_upload)?;
    Ok(app.objects.delete_parts(id).await?)
}

/// Removes uploads whose time is over. How many there were.
///
/// # Errors
/// When database or object store are away.
pub async fn expire(app: &App) -> Result<u64> {
    let now = app.store.now(app.clock.as_ref()).await?;
    let mut expired = 0;
    for id in app.store.expired_uploads(now, BATCH).await? {
        match app.store.forget_upload(now, id).await {
            // Another sweeper was faster.
            Err(crate::store::Error::InUse { .. }) => continue,
            forgotten => forgotten?,
        }
        app.objects.delete_parts(id).await?;
        expired += 1;
    }
    Ok(expired)
}
