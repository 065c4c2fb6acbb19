//! `coreanvil submit`: asks a server to compress a revision.

use std::path::Path;

use api::jobs::{Job, JobKind, NewJob, RecipeRequest};
use clap::Args;

use super::exit::Failure;
use super::interrupt;
use super::options::ServerOptions;
use super::output::Output;
use super::recipes;
use super::reference::Reference;
use crate::clock::{Ids as _, SystemIds};

/// Ask a server to compress a revision, and print the job
#[derive(Debug, Args)]
pub(crate) struct Submit {
    /// Id of a revision, or MODEL@ALIAS
    #[arg(value_name = "REV")]
    revision: Reference,
    /// Name of a recipe, or a recipe file
    #[arg(long, value_name = "NAME|FILE")]
    recipe: String,
    /// Higher runs first, from -100 to 100
    #[arg(long, default_value_t = 0, allow_negative_numbers = true, value_parser = clap::value_parser!(i32).range(-100..=100))]
    priority: i32,
    /// The same key and job again answer the same job for 24 hours [default: a new one]
    #[arg(long, value_name = "TEXT")]
    idempotency_key: Option<String>,
    #[command(flatten)]
    server: ServerOptions,
}

impl Submit {
    pub(crate) async fn run(self, output: Output) -> Result<(), Failure> {
        interrupt::or_dropped(self.submit(output)).await
    }

    async fn submit(self, output: Output) -> Result<(), Failure> {
        let client = self.server.client()?;
        let recipe = request(&self.recipe)?;
        let revision = self.revision.resolve(&client).await?;
        let new = compress_job(revision, recipe, self.priority);
        let key = self
            .idempotency_key
            .unwrap_or_else(|| SystemIds.uuid().to_string());
        let job = client.submit(&new, &key).await?;
        output.result(&job, |output| text(&job, output))
    }
}

/// A job that compresses.
pub(crate) fn compress_job(
    revision: api::ids::RevisionId,
    recipe: RecipeRequest,
    priority: i32,
) -> NewJob {
    NewJob {
        kind: JobKind::Compress,
        revision,
        recipe: Some(recipe),
        spec: None,
        data_set: None,
        priority,
        then: Vec::new(),
    }
}

/// A name as it is, for the server to judge; a file's content.
fn request(text: &str) -> Result<RecipeRequest, Failure> {
    if recipes::is_file(text) {
        return Ok(RecipeRequest::Config(
            recipes::read(Path::new(text))?.config(),
        ));
    }
    Ok(RecipeRequest::Name(text.to_owned()))
}

fn text(job: &Job, output: Output) -> String {
    let recipe = job.recipe.as_ref().map_or("", |recipe| &recipe.name);
    format!(
        "{}\n\n  {} {}\n  {} {recipe} of {}\n",
        output.strong(&job.id.to_string()),
        output.faint("state     "),
        job.state,
        output.faint("does      "),
        job.model,
    )
}
