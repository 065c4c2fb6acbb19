//! `coreanvil sweep`: removes bytes that nothing names. `serve` and `worker` do it by themselves, now and then.

use clap::Args;

use super::exit::Failure;
use super::options::ServiceOptions;
use super::output::Output;
use super::service;
use super::units::bytes;
use crate::app::sweeper::{self, Mode};

/// Remove stored bytes that no revision names any more, and what killed processes left
#[derive(Debug, Args)]
pub(crate) struct Sweep {
    /// Count, and remove nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    service: ServiceOptions,
}

impl Sweep {
    pub(crate) async fn run(self, output: Output) -> Result<(), Failure> {
        let effective = self.service.effective()?;
        service::warn(&effective);
        let app = service::open(&effective).await?;
        let mode = if self.dry_run {
            Mode::Count
        } else {
            Mode::Remove
        };
        let swept = sweeper::sweep(&app, mode).await;
        app.store.close().await;
        let swept = swept?;
        let json = serde_json::json!({
            "dry_run": self.dry_run, "objects": swept.objects, "strangers": swept.strangers, "uploads": swept.uploads, "bytes": swept.bytes,
        });
        let verb = if self.dry_run { "would go" } else { "went" };
        output.result(&json, |_| {
            format!(
                "{} objects {verb}, {} of them known to no row: {}; {} unfinished uploads",
                swept.objects + swept.strangers,
                swept.strangers,
                bytes(swept.bytes),
                swept.uploads
            )
        })
    }
}
