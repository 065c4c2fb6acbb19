//! `coreanvil worker`: workers without an API, on the same database and objects as a `serve`.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;
use tokio_util::task::TaskTracker;

use super::exit::{Exit, Failure};
use super::interrupt::Signals;
use super::options::ServiceOptions;
use super::output::Output;
use super::serve::{bind, stop, sweep_every_ms, worker_settings};
use super::service;
use super::supervisor::Supervisor;
use crate::app::{App, sweeper};
use crate::config::{Effective, Listen, load};
use crate::{http, worker};

/// Run workers only
#[derive(Debug, Args)]
pub(crate) struct Worker {
    /// Jobs at once (worker.concurrency)
    #[arg(long, value_name = "N")]
    concurrency: Option<String>,
    /// Engine threads, all jobs together (worker.threads)
    #[arg(long, value_name = "N")]
    threads: Option<String>,
    /// Answer /healthz, /readyz and /metrics there (worker.listen)
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    #[command(flatten)]
    service: ServiceOptions,
}

impl Worker {
    pub(crate) async fn run(self, output: Output) -> Result<(), Failure> {
        let mut given = self.service.given()?;
        given.flag(
            "--concurrency",
            "worker.concurrency",
            self.concurrency.as_deref(),
        );
        given.flag("--threads", "worker.threads", self.threads.as_deref());
        given.flag("--listen", "worker.listen", self.listen.as_deref());
        let effective = load(&given)?;
        service::begin_log(&effective)?;
        let mut signals = Signals::new()?;
        let app = service::open(&effective).await?;
        let settings = worker_settings(&effective.config);
        let tasks = TaskTracker::new();
        let listening = watched(&app, &effective, &tasks)?;
        tasks.spawn(worker::sweep(Arc::clone(&app)));
        tasks.spawn(sweeper::run(
            Arc::clone(&app),
            sweep_every_ms(&effective.config),
        ));
        service::exchange(&app, &effective.config, &tasks);
        tasks.spawn(worker::run(Arc::clone(&app), settings));
        let supervisor = Arc::new(Supervisor::of_this_process());
        supervisor.ready(&app, &tasks);
        tasks.close();
        let ready = format!(
            "{} jobs at once on {} threads",
            settings.concurrency, settings.threads
        );
        if output.json {
            let json = serde_json::json!({"concurrency": settings.concurrency, "threads": settings.threads,
                "listening": listening.map(|address| format!("http://{address}"))});
            Output::text(&json.to_string())?;
        } else {
            let probes = listening.map_or_else(String::new, |address| {
                format!("; probes and metrics on http://{address}")
            });
            Output::text(&format!("working: {ready}{probes}"))?;
        }
        signals.next().await;
        supervisor.say("STOPPING=1");
        stop(&app, &tasks, &effective.config, &mut signals).await
    }
}

/// Answers probes where that is wanted; says at which address.
fn watched(
    app: &Arc<App>,
    effective: &Effective,
    tasks: &TaskTracker,
) -> Result<Option<SocketAddr>, Failure> {
    let Listen::At(address) = effective.config.worker.listen else {
        return Ok(None);
    };
    let listener = bind(effective, "worker.listen", address)?;
    let address = listener
        .local_addr()
        .map_err(|error| Failure::new(Exit::Unavailable, error))?;
    tasks.spawn(http::serve_probes(listener, Arc::clone(app)));
    Ok(Some(address))
}
