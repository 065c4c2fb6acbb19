//! The end of an upload: its pieces, read back and verified, become a revision; or it is refused for good.

use api::problem::Code;
use api::uploads::{Upload, UploadError};
use futures::StreamExt as _;

use super::append::LOCK_MS;
use crate::app::error::{Error, Result};
use crate::app::service::App;
use crate::app::upload::store_whole;
use crate::store::UploadLock;

/// Milliseconds between two times that the lock is moved on.
const KEEP_MS: u64 = 3_000;

/// Stores the whole as a revision. What the package is to blame for ends the upload; what may pass does not.
pub(super) async fn finish(app: &App, lock: UploadLock, upload: &Upload) -> Result<()> {
    let stored = {
        let work = store(app, upload);
        tokio::pin!(work);
        loop {
            tokio::select! {
                stored = &mut work => break stored,
                () = app.clock.sleep(KEEP_MS) => {
                    let now = app.store.now(app.clock.as_ref()).await?;
                    if !app.store.keep_upload_lock(lock, now.plus_ms(LOCK_MS)).await? {
                        return Err(Error::Locked);
                    }
                }
            }
        }
    };
    let outcome = match &stored {
        Ok(revision) => Ok(*revision),
        Err(error) => match blame(error) {
            Some(code) => Err(UploadError {
                code,
                detail: error.to_string(),
            }),
            None => return stored.map(|_| ()),
        },
    };
    let ended = app.store.end_upload(lock, outcome).await;
    ended.map_err(Error::about_upload)?;
    // What fails here is found when the upload expires.
    if let Err(error) = app.objects.delete_parts(upload.id).await {
        tracing::warn!(upload_id = %upload.id, %error, "cannot delete the pieces of an upload");
    }
    stored.map(|_| ())
}

async fn store(app: &App, upload: &Upload) -> Result<api::ids::RevisionId> {
    let parts = app.store.upload_parts(upload.id).await?;
    let (objects, id) = (app.objects.clone(), upload.id);
    let chunks = futures::stream::iter(parts).then(move |part| {
        let objects = objects.clone();
        async move { objects.get_part(id, part.sha256).await }
    });
    let promised = upload.digest.map(|digest| digest.0);
    let (revision, _) = store_whole(
        app,
        upload.model_id,
        upload.tags.clone(),
        promised,
        Box::pin(chunks),
    )
    .await?;
    Ok(revision.id)
}

/// The code of an error that no further try heals.
fn blame(error: &Error) -> Option<Code> {
    match error {
        Error::BadPackage { .. } => Some(Code::BadPackage),
        Error::Unsupported { .. } => Some(Code::Unsupported),
        Error::UnsupportedMediaType { .. } => Some(Code::UnsupportedMediaType),
        Error::DigestMismatch { .. } => Some(Code::DigestMismatch),
        Error::NotFound { .. } => Some(Code::NotFound),
        Error::BadRequest { .. }
        | Error::BadRecipe { .. }
        | Error::At { .. }
        | Error::Unauthenticated { .. }
        | Error::Forbidden { .. }
        | Error::NameTaken { .. }
        | Error::InUse { .. }
        | Error::PreconditionFailed { .. }
        | Error::TooLarge { .. }
        | Error::IdempotencyKeyReused
        | Error::IdempotencyInFlight
        | Error::StaleLease
        | Error::WrongOffset { .. }
        | Error::Locked
        | Error::ChecksumMismatch
        | Error::WrongProtocol { .. }
        | Error::RateLimited { .. }
        | Error::NoRoom { .. }
        | Error::Unavailable { .. }
        | Error::Internal { .. } => None,
    }
}

/// The same refusal again.
pub(super) fn refusal(error: &UploadError) -> Error {
    let detail = error.detail.clone();
    if error.code == Code::Unsupported {
        Error::Unsupported { detail }
    } else if error.code == Code::UnsupportedMediaType {
        Error::UnsupportedMediaType { detail }
    } else if error.code == Code::NotFound {
        Error::not_found("model", "")
    } else {
        Error::BadPackage { detail }
    }
}
