//! `coreanvil migrate`: brings the database's tables up to date. `serve` and `worker` do it by themselves.

use clap::Args;

use super::exit::Failure;
use super::options::ServiceOptions;
use super::output::Output;
use super::service;

/// Bring the database's tables up to date
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    #[command(flatten)]
    service: ServiceOptions,
}

impl Migrate {
    pub(crate) async fn run(self, output: Output) -> Result<(), Failure> {
        let effective = self.service.effective()?;
        service::warn(&effective);
        let store = service::open_store(&effective.config).await?;
        store.migrate().await?;
        let dialect = store.dialect();
        store.close().await;
        let json = serde_json::json!({"database": dialect, "up_to_date": true});
        output.result(&json, |_| format!("the {dialect} database is up to date"))
    }
}
