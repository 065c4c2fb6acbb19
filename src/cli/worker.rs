//! `coreanvil worker`: workers without an API, on the same database and objects as a `serve`.

use std::sync::Arc;

use clap::Args;
use tokio_util::task::TaskTracker;

use super::exit::Failure;
use super::interrupt::Signals;
use super::options::ServiceOptions;
use super::output::Output;
use super::serve::{stop, sweep_every_ms, worker_settings};
use super::service;
use super::supervisor::Supervisor;
use crate::app::sweeper;
use crate::config::load;
use crate::worker;

/// Run workers only
#[derive(Debug, Args)]
pub(crate) struct Worker {
    /// Jobs at once (worker.concurrency)
    #[arg(long, value_name = "N")]
    concurrency: Option<String>,
    /// Engine threads, all jobs together (worker.threads)
    #[arg(long, value_name = "N")]
    threads: Option<String>,
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
        let effective = load(&given)?;
        service::begin_log(&effective)?;
        let mut signals = Signals::new()?;
        let app = service::open(&effective).await?;
        let settings = worker_settings(&effective.config);
        let tasks = TaskTracker::new();
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
            let json = serde_json::json!({"concurrency": settings.concurrency, "threads": settings.threads});
            Output::text(&json.to_string())?;
        } else {
            Output::text(&format!("working: {ready}"))?;
        }
        signals.next().await;
        supervisor.say("STOPPING=1");
        stop(&app, &tasks, &effective.config, &mut signals).await
    }
}
