//! Inspections: what a package is. Looked at once, when the revision is made, and kept in its row.

use api::ids::RevisionId;
use api::inspection::Inspection;
use coreml::package::Package;

use super::access::Caller;
use super::error::{Error, Result};
use super::service::{App, Settings};

/// What is in the revision.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get(app: &App, caller: &Caller, id: RevisionId) -> Result<Inspection> {
    let found = app.store.inspection(caller.reach, id).await;
    found.map_err(|error| Error::about(error, &id.to_string()))
}

/// Looks at a package and verifies it; blocks.
///
/// # Errors
/// [`Error::BadPackage`], [`Error::Unsupported`].
pub(super) fn look(package: &Package, settings: &Settings) -> Result<Inspection> {
    let run = engine::Run {
        threads: settings.threads,
        limits: &settings.package,
        scratch: &settings.scratch,
        progress: &|_, _| {},
        cancelled: &|| false,
    };
    Ok(engine::inspect(package, &run)?)
}
