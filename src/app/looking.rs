//! Work on the packages of revisions while somebody waits for the answer: few at once, and stopped when nobody does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use coreml::package::Package;

use super::blocking::run_blocking;
use super::error::{Error, Result};
use super::packages;
use super::service::App;
use crate::store::RevisionRecord;

/// Fetches and opens the packages of these revisions and runs `work` on them.
///
/// # Errors
/// Those of `work`; [`Error::Unavailable`] when the service stops; what the object store says.
pub(super) async fn look<const N: usize, T: Send + 'static>(
    app: &App,
    doing: &'static str,
    records: [&RevisionRecord; N],
    work: impl FnOnce(&[Package; N], &engine::Run<'_>) -> std::result::Result<T, engine::Error>
    + Send
    + 'static,
) -> Result<T> {
    let Ok(_place) = app.inspections.acquire().await else {
        return Err(Error::Unavailable {
            detail: "shutting down",
            retry_after_s: 5,
        });
    };
    let mut fetched = Vec::with_capacity(N);
    for record in records {
        fetched.push(packages::fetch(app, record).await?);
    }
    let settings = app.settings.clone();
    // A client that hangs up drops this future, and with it the guard, which stops the work.
    let stop = StopOnDrop(Arc::new(AtomicBool::new(false)));
    let cancelled = Arc::clone(&stop.0);
    run_blocking(doing, move || {
        let mut opened = Vec::with_capacity(N);
        for one in &fetched {
            let package = Package::open(&one.path, &settings.scratch, &settings.package);
            opened.push(package.map_err(engine::Error::from)?);
        }
        let opened: [Package; N] = opened
            .try_into()
            .map_err(|_more| Error::internal(doing, "another number of packages"))?;
        let run = engine::Run {
            threads: settings.threads,
            limits: &settings.package,
            scratch: &settings.scratch,
            progress: &|_, _| {},
            cancelled: &|| cancelled.load(Ordering::Relaxed),
        };
        Ok(work(&opened, &run)?)
    })
    .await
}

struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
