//! Flags that several commands share, and what they are turned into.

use std::path::PathBuf;

use clap::Args;
use client::{Client, Patience};

use super::exit::Failure;
use crate::config::{Effective, Given, load};

/// Flags of commands that read the configuration.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ConfigOptions {
    /// Configuration file [default: config/coreanvil.toml where it exists]
    #[arg(
        long,
        value_name = "FILE",
        env = "COREANVIL_CONFIG",
        hide_env_values = true
    )]
    pub(crate) config: Option<PathBuf>,
    /// Sets one key, for example --set worker.threads=4; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

impl ConfigOptions {
    /// What overlays the defaults, still without the command's own flags.
    pub(crate) fn given(&self) -> Result<Given, Failure> {
        let mut given = Given::from_process();
        given.file.clone_from(&self.config);
        given.assignments(&self.set)?;
        Ok(given)
    }
}

/// Flags of commands that work on the service's database and objects.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ServiceOptions {
    #[command(flatten)]
    pub(crate) config: ConfigOptions,
    /// Folder of the embedded database and objects (data.folder)
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,
    /// Database (database.url)
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// Object store (objects.url)
    #[arg(long, value_name = "URL")]
    pub(crate) objects: Option<String>,
}

impl ServiceOptions {
    /// What overlays the defaults, still without the command's own flags.
    pub(crate) fn given(&self) -> Result<Given, Failure> {
        let mut given = self.config.given()?;
        given.flag("--data", "data.folder", self.data.as_deref());
        given.flag("--database", "database.url", self.database.as_deref());
        given.flag("--objects", "objects.url", self.objects.as_deref());
        Ok(given)
    }

    /// The effective configuration.
    pub(crate) fn effective(&self) -> Result<Effective, Failure> {
        Ok(load(&self.given()?)?)
    }
}

/// Flags of commands that work on this machine without a server.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct LocalOptions {
    #[command(flatten)]
    pub(crate) config: ConfigOptions,
    /// Threads to compute with (worker.threads)
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
}

/// What local work runs with.
#[derive(Debug)]
pub(crate) struct Local {
    /// Limits on the package.
    pub(crate) limits: coreml::Limits,
    /// Threads of the engine.
    pub(crate) threads: usize,
    /// A folder that is removed at the end.
    pub(crate) scratch: tempfile::TempDir,
}

impl LocalOptions {
    /// Reads the configuration and makes a folder for unpacking.
    pub(crate) fn local(&self) -> Result<Local, Failure> {
        let mut given = self.config.given()?;
        given.flag("--threads", "worker.threads", self.threads);
        let config = load(&given)?.config;
        let parent = config
            .worker
            .scratch
            .given()
            .map_or_else(std::env::temp_dir, PathBuf::clone);
        let scratch = tempfile::Builder::new()
            .prefix("coreanvil-")
            .tempdir_in(&parent)
            .map_err(|error| Failure::file("create a folder in", &parent, &error))?;
        Ok(Local {
            limits: config.limits.package(),
            threads: config.threads(),
            scratch,
        })
    }
}

/// Flags of commands that talk to a server.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServerOptions {
    /// Address of the server
    #[arg(
        long,
        env = "COREANVIL_URL",
        hide_env_values = true,
        default_value = "http://127.0.0.1:8080"
    )]
    pub(crate) url: String,
    /// Access token
    #[arg(long, env = "COREANVIL_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<String>,
}

impl ServerOptions {
    /// A client of that server.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        let token = self
            .token
            .as_deref()
            .map(str::trim)
            .filter(|token| !token.is_empty());
        Ok(Client::new(&self.url, token, Patience::default())?)
    }
}
