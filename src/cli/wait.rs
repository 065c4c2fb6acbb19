//! `coreanvil wait`: waits for a job and shows what came out.

use std::time::Duration;

use api::ids::JobId;
use api::jobs::{Job, JobResult, JobState};
use clap::Args;

use super::exit::{Exit, Failure};
use super::interrupt;
use super::options::ServerOptions;
use super::output::Output;
use super::progress;
use super::report;
use super::units::duration_ms;

/// Wait until a job has ended, and print it; exit status 8 when it failed
#[derive(Debug, Args)]
pub(crate) struct Wait {
    /// Id of a job
    #[arg(value_name = "JOB")]
    job: JobId,
    /// Give up after so many seconds, with exit status 5; the job goes on
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    #[command(flatten)]
    server: ServerOptions,
}

impl Wait {
    pub(crate) async fn run(self, output: Output) -> Result<(), Failure> {
        interrupt::or_dropped(self.wait(output)).await
    }

    async fn wait(self, output: Output) -> Result<(), Failure> {
        let client = self.server.client()?;
        let bar = progress::work(output);
        let look_seconds = if output.progress { 1 } else { 30 };
        let waiting = client.wait(self.job, look_seconds, |job| show(&bar, job));
        let limit = Duration::from_secs(self.timeout.unwrap_or(u64::MAX / 4));
        let waited = tokio::time::timeout(limit, waiting).await;
        bar.finish_and_clear();
        let job = match waited {
            Ok(job) => job?,
            Err(_elapsed) => {
                return Err(Failure::new(
                    Exit::Inconclusive,
                    format!("not finished: job {}: it goes on", self.job),
                )
                .hint(format!("coreanvil wait {}", self.job)));
            }
        };
        output.result(&job, |output| text(&job, output))?;
        ended(&job)
    }
}

/// Moves the bar to where the job stands.
pub(crate) fn show(bar: &indicatif::ProgressBar, job: &Job) {
    let phase = job.phase.map_or(job.state.as_str(), |phase| phase.as_str());
    progress::advance(bar, phase, job.progress);
}

/// Whether it ended well.
pub(crate) fn ended(job: &Job) -> Result<(), Failure> {
    let line = match job.state {
        JobState::Succeeded => return Ok(()),
        JobState::Cancelled => format!("the job was cancelled: job {}", job.id),
        JobState::Failed | JobState::Queued | JobState::Running => match &job.error {
            Some(error) => format!(
                "the job failed: job {}: {} ({})",
                job.id, error.message, error.code
            ),
            None => format!("the job failed: job {}", job.id),
        },
    };
    Err(Failure::new(Exit::JobFailed, line))
}

/// Milliseconds from the first attempt to the end.
pub(crate) fn took_ms(job: &Job) -> Option<u64> {
    let (started, finished) = job.started_at.zip(job.finished_at)?;
    u64::try_from(finished.unix_ms().saturating_sub(started.unix_ms())).ok()
}

fn text(job: &Job, output: Output) -> String {
    let took = took_ms(job).map_or_else(|| "–".to_owned(), duration_ms);
    let recipe = job.recipe.as_ref().map_or("", |recipe| &recipe.name);
    let Some(JobResult::Compress(result)) = &job.result else {
        return format!("{} {}", output.strong(&job.id.to_string()), job.state);
    };
    let title = format!("{} → {}   {recipe}", job.model, result.revision_id);
    match &result.report {
        Some(report) => report::text(report, &title, &took, output),
        None => title,
    }
}
