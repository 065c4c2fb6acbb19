//! The parts of the service, put together from the configuration: for `serve`, `worker` and the commands of operation.

use std::sync::Arc;

use api::ids::ProjectId;
use api::projects::DEFAULT_PROJECT;

use tokio::sync::Semaphore;

use super::exit::{Exit, Failure};
use super::output::Output;
use crate::app::{Allowed, App, Settings};
use crate::clock::{Clock, Ids, SystemClock, SystemIds};
use crate::config::{Config, Effective, Notify, create_private_folder};
use crate::objects::Objects;
use crate::queue::{Policy, Queue};
use crate::store::Store;
use crate::telemetry;

/// Most time between two looks for lost leases.
const SWEEP_MS: u32 = 15_000;

/// Begins the log, as configured, and puts the configuration's warnings into it.
pub(crate) fn begin_log(effective: &Effective) -> Result<(), Failure> {
    let log = &effective.config.log;
    let collector = effective.config.collector();
    telemetry::init(&log.filter, log.format, collector.as_deref()).map_err(|(key, why)| {
        let from = effective.source(key);
        let line = format!("wrong configuration value: {key} ({from}): {why}");
        Failure::new(Exit::Usage, line)
    })?;
    for warning in &effective.warnings {
        tracing::warn!("{warning}");
    }
    Ok(())
}

/// For commands without a log: the configuration's warnings on standard error.
pub(crate) fn warn(effective: &Effective) {
    for warning in &effective.warnings {
        Output::note(&format!("warning: {warning}"));
    }
}

/// Opens the database without looking at its tables.
pub(crate) async fn open_store(config: &Config) -> Result<Store, Failure> {
    create_folders(config)?;
    Ok(Store::open(&config.database_url()).await?)
}

/// Opens the object store; its provider's variables come from the environment.
pub(crate) fn open_objects(config: &Config) -> Result<Objects, Failure> {
    let url = config
        .objects_url()
        .map_err(|error| Failure::file("find", &config.data.folder, &error))?;
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Ok(Objects::open(url.as_str(), environment)?)
}

/// Opens everything, brings the database's tables up to date and makes the project `default`.
pub(crate) async fn open(effective: &Effective) -> Result<Arc<App>, Failure> {
    let config = &effective.config;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let ids: Arc<dyn Ids> = Arc::new(SystemIds);
    let store = open_store(config).await?;
    store.migrate().await?;
    let project = DEFAULT_PROJECT
        .parse()
        .map_err(|error| Failure::new(Exit::Unavailable, error))?;
    store
        .ensure_project(clock.now(), ProjectId(ids.uuid()), &project)
        .await?;
    let objects = open_objects(config)?;
    let queue = Queue::new(
        store.clone(),
        Arc::clone(&clock),
        Arc::clone(&ids),
        policy(config),
    );
    let scratch = config.scratch();
    create_private_folder(&scratch).map_err(|error| Failure::file("create", &scratch, &error))?;
    let settings = Settings {
        scratch,
        upload_bytes: config.limits.upload_bytes,
        request_bytes: config.limits.request_bytes,
        threads: config.threads(),
        sweep_after_ms: config.objects.sweep_after_hours.saturating_mul(3_600_000),
        upload_ms: config.limits.upload_hours.saturating_mul(3_600_000),
        package: config.limits.package(),
        https: config.is_https(),
        allowed: allowed(&config.limits),
        connections: usize::try_from(config.limits.connections)
            .unwrap_or(usize::MAX)
            .clamp(1, Semaphore::MAX_PERMITS),
        head_seconds: config.server.head_seconds,
    };
    Ok(App::new(store, objects, queue, clock, ids, settings)?)
}

/// What one client may ask for.
fn allowed(limits: &crate::config::Limits) -> Allowed {
    Allowed {
        token_requests: limits.requests_per_token,
        address_requests: limits.requests_per_address,
        failures: limits.failures_per_address,
        token_streams: limits.event_streams_per_token,
        streams: limits.event_streams,
    }
}

/// The queue's numbers.
fn policy(config: &Config) -> Policy {
    let ms = |seconds: u64| u32::try_from(seconds.saturating_mul(1000)).unwrap_or(u32::MAX);
    let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let queue = &config.queue;
    let lease_ms = ms(config.worker.lease_seconds);
    Policy {
        lease_ms,
        renew_ms: ms(config.worker.heartbeat_seconds),
        sweep_ms: SWEEP_MS.min(lease_ms / 4).max(1),
        poll_ms: u32::try_from(config.worker.poll_ms)
            .unwrap_or(u32::MAX)
            .max(1),
        retry_limit: number(queue.retries),
        backoff_max_ms: ms(queue.backoff_seconds),
        loss_limit: number(queue.losses).max(1),
        queue_timeout_ms: ms(queue.wait_seconds),
        run_timeout_ms: ms(queue.attempt_seconds),
        total_timeout_ms: queue.total_seconds.saturating_mul(1000),
        running_per_project: number(queue.running_per_project),
        jobs_in_flight: number(config.limits.jobs_in_flight),
        keep_ms: i64::from(number(queue.keep_days)).saturating_mul(86_400_000),
        ..Policy::default()
    }
}

/// Makes the folders that the configuration means and nobody else makes: the data folder and that of a `SQLite` file.
fn create_folders(config: &Config) -> Result<(), Failure> {
    if config.uses_data_folder() {
        let folder = &config.data.folder;
        create_private_folder(folder).map_err(|error| Failure::file("create", folder, &error))?;
    }
    if let Some(path) = config.sqlite_path()
        && let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
    {
        create_private_folder(folder).map_err(|error| Failure::file("create", folder, &error))?;
    }
    Ok(())
}

/// Lets the processes on one Postgres wake each other, when that is wanted.
pub(crate) fn exchange(app: &Arc<App>, config: &Config, tasks: &tokio_util::task::TaskTracker) {
    let probe = match config.queue.notify {
        Notify::Auto => true,
        Notify::On => false,
        Notify::Off => return,
    };
    if app.store.dialect() == "postgres" {
        tasks.spawn(crate::worker::exchange(Arc::clone(app), probe));
    }
}
