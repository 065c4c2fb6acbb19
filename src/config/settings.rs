//! All sections together, and the values that follow from others.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::{
    Auth, Auto, Data, Database, Key, Limits, Log, Objects, Queue, Server, Telemetry, Worker,
};
use super::{auth, data, database, limits, log, objects, queue, server, telemetry, worker};

/// The configuration; every value is valid by its type.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// The HTTP API.
    pub server: Server,
    /// The folder of the embedded default.
    pub data: Data,
    /// The database.
    pub database: Database,
    /// The object store.
    pub objects: Objects,
    /// Workers.
    pub worker: Worker,
    /// The queue of jobs.
    pub queue: Queue,
    /// Limits on input.
    pub limits: Limits,
    /// Access tokens.
    pub auth: Auth,
    /// Log lines.
    pub log: Log,
    /// Traces.
    pub telemetry: Telemetry,
}

/// A section: its name, what it is about, its keys.
pub(super) type Section = (&'static str, &'static [&'static str], Vec<Key>);

/// The sections in the order of the committed file.
pub(super) fn sections() -> Vec<Section> {
    vec![
        ("server", server::about(), server::keys()),
        ("data", data::about(), data::keys()),
        ("database", database::about(), database::keys()),
        ("objects", objects::about(), objects::keys()),
        ("worker", worker::about(), worker::keys()),
        ("queue", queue::about(), queue::keys()),
        ("limits", limits::about(), limits::keys()),
        ("auth", auth::about(), auth::keys()),
        ("log", log::about(), log::keys()),
        ("telemetry", telemetry::about(), telemetry::keys()),
    ]
}

/// Every key, in the order of the committed file.
pub(super) fn keys() -> Vec<Key> {
    sections()
        .into_iter()
        .flat_map(|(_, _, keys)| keys)
        .collect()
}

impl Config {
    /// The database's URL, with the password if it has one.
    pub fn database_url(&self) -> String {
        match &self.database.url {
            Auto::Given(url) => url.as_str().to_owned(),
            Auto::Auto => format!("sqlite:{}", self.data.folder.join("coreanvil.db").display()),
        }
    }

    /// The object store's URL.
    ///
    /// # Errors
    /// When the current folder cannot be told, which a relative `data.folder` needs.
    pub fn objects_url(&self) -> std::io::Result<url::Url> {
        match &self.objects.url {
            Auto::Given(url) => Ok(url.url().clone()),
            Auto::Auto => {
                let folder = std::path::absolute(self.data.folder.join("objects"))?;
                url::Url::from_directory_path(&folder).map_err(|()| {
                    std::io::Error::other(format!("no file URL for {}", folder.display()))
                })
            }
        }
    }

    /// Whether anything lives in `data.folder`, so that it must be created.
    pub fn uses_data_folder(&self) -> bool {
        self.database.url == Auto::Auto
            || self.objects.url == Auto::Auto
            || self.worker.scratch == Auto::Auto
    }

    /// The folder for packages in work.
    pub fn scratch(&self) -> PathBuf {
        self.worker.scratch.given().map_or_else(
            || self.data.folder.join("scratch"),
            |path: &PathBuf| path.clone(),
        )
    }

    /// The file of an `SQLite` database.
    pub fn sqlite_path(&self) -> Option<PathBuf> {
        let url = self.database_url();
        let path = url.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split('?').next().unwrap_or(path);
        (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
    }

    /// Where traces go, if anywhere: the key, or the standard variable.
    pub fn collector(&self) -> Option<String> {
        let given = Some(self.telemetry.otlp_endpoint.clone());
        let standard = || std::env::var("OTEL_EXPORTER_OTLP_ENDPOINT").ok();
        let named = |endpoint: &String| !endpoint.trim().is_empty();
        given.filter(named).or_else(|| standard().filter(named))
    }

    /// Jobs at once.
    pub fn concurrency(&self) -> usize {
        match self.worker.concurrency {
            Auto::Given(jobs) => jobs.get(),
            Auto::Auto => cores().saturating_sub(1).max(1),
        }
    }

    /// Threads of the engine, all jobs together.
    pub fn threads(&self) -> usize {
        match self.worker.threads {
            Auto::Given(threads) => threads.get(),
            Auto::Auto => cores(),
        }
    }

    /// Whether people reach the service by https.
    pub fn is_https(&self) -> bool {
        match &self.server.public_url {
            Auto::Given(url) => url.as_str().starts_with("https://"),
            Auto::Auto => false,
        }
    }

    /// The address for people, given the one that the server really listens on.
    pub fn public_url(&self, listening: std::net::SocketAddr) -> String {
        match &self.server.public_url {
            Auto::Given(url) => url.as_str().to_owned(),
            Auto::Auto => format!("http://{listening}"),
        }
    }
}

/// Creates a folder that only its owner may enter, unless it is there.
///
/// # Errors
/// Of the file system.
pub fn create_private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

/// Number of cores that this process may use.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}
