//! `coreanvil serve`: API and workers in one process, until a signal comes.
//!
//! Shutdown: not ready any more, no new jobs, open requests and running jobs get `server.shutdown_seconds`, then jobs are
//! handed back. A second signal ends at once; what is running then is picked up after the next start.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use api::tokens::{NewToken, Scope, Token};
use clap::Args;
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::task::TaskTracker;

use super::demo::{Demo, MODEL};
use super::exit::{Exit, Failure};
use super::interrupt::Signals;
use super::options::ServiceOptions;
use super::output::Output;
use super::service;
use super::supervisor::Supervisor;
use super::token::{self, operator};
use crate::app::{App, Secret, sessions, sweeper, tokens};
use crate::config::{Config, Effective, load};
use crate::{http, worker};

/// Milliseconds of `server.shutdown_seconds` that are kept for handing jobs back.
const HAND_BACK_MS: u64 = 3_000;

/// Names of the demonstration's own tokens.
const DEMO_TOKEN: &str = "demonstration";
const BROWSER_TOKEN: &str = "demonstration, in the browser";

/// Run the service: API and, unless --no-worker, workers
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Send a bundled model through upload, three recipes and download, print a table, and stay up
    #[arg(long)]
    demo: bool,
    /// With --demo: end after the table
    #[arg(long, requires = "demo")]
    exit: bool,
    /// Serve the API only
    #[arg(long, conflicts_with = "demo")]
    no_worker: bool,
    /// Address and port to listen on (server.listen)
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    #[command(flatten)]
    service: ServiceOptions,
}

impl Serve {
    pub(crate) async fn run(self, output: Output) -> Result<(), Failure> {
        let mut given = self.service.given()?;
        given.flag("--listen", "server.listen", self.listen.as_deref());
        let mut effective = load(&given)?;
        if self.demo && effective.config.log.filter == Config::default().log.filter {
            // The table is what is to be seen.
            "warn".clone_into(&mut effective.config.log.filter);
        }
        service::begin_log(&effective)?;
        let app = service::open(&effective).await?;
        let listener = listen(&effective)?;
        // Before anybody hears that it listens, and may ask it to stop.
        let mut signals = Signals::new()?;
        let address = listener
            .local_addr()
            .map_err(|error| Failure::new(Exit::Unavailable, error))?;
        announce(&app, &effective, address, output).await?;
        let config = effective.config;
        let tasks = TaskTracker::new();
        let serving = tasks.spawn(http::serve(listener, Arc::clone(&app)));
        tasks.spawn(worker::sweep(Arc::clone(&app)));
        tasks.spawn(sweeper::run(Arc::clone(&app), sweep_every_ms(&config)));
        service::exchange(&app, &config, &tasks);
        if !self.no_worker {
            tasks.spawn(worker::run(Arc::clone(&app), worker_settings(&config)));
        }
        let supervisor = Arc::new(Supervisor::of_this_process());
        supervisor.ready(&app, &tasks);
        tasks.close();
        let end = async {
            if self.demo {
                demo(&app, &config, address, output).await?;
                if self.exit {
                    return Ok(());
                }
                let url = config.public_url(address);
                let link = sign_in_link(&app, url.trim_end_matches('/')).await?;
                Output::note(&format!(
                    "Dashboard: {link}\n(signs one browser in, once, within 15 minutes)\n\n\
                     The service stays up at {url} (API: /api/v1/openapi.json); Ctrl-C ends it.",
                ));
            }
            std::future::pending().await
        };
        let ended = tokio::select! {
            ended = end => ended,
            () = signals.next() => Ok(()),
            served = serving => Err(broken(served)),
        };
        supervisor.say("STOPPING=1");
        if self.demo {
            forget_demo(&app).await?;
        }
        stop(&app, &tasks, &config, &mut signals).await?;
        ended
    }
}

/// Ends everything in order: see the top of this file.
pub(crate) async fn stop(
    app: &Arc<App>,
    tasks: &TaskTracker,
    config: &Config,
    signals: &mut Signals,
) -> Result<(), Failure> {
    tracing::info!("stopping");
    app.stopping.cancel();
    app.tasks.close();
    let quiet = async {
        tasks.wait().await;
        app.tasks.wait().await;
    };
    let limit = Duration::from_secs(config.server.shutdown_seconds.max(1));
    tokio::select! {
        ended = tokio::time::timeout(limit, quiet) => if ended.is_err() {
            tracing::warn!("cut off what did not end in time");
        },
        () = signals.next() => {
            return Err(Failure::new(Exit::Interrupted, "interrupted twice: running jobs continue after the next start"));
        }
    }
    let _told: usize = app.queue.tell_rest().await;
    app.store.close().await;
    tracing::info!("stopped");
    crate::telemetry::flush().await;
    Ok(())
}

/// Milliseconds between two sweeps of the object store.
pub(crate) fn sweep_every_ms(config: &Config) -> u64 {
    config
        .objects
        .sweep_every_minutes
        .max(1)
        .saturating_mul(60_000)
}

/// What workers may use.
pub(crate) fn worker_settings(config: &Config) -> worker::Settings {
    worker::Settings {
        concurrency: config.concurrency(),
        threads: config.threads(),
        grace_ms: config
            .server
            .shutdown_seconds
            .saturating_mul(1000)
            .saturating_sub(HAND_BACK_MS),
    }
}

/// Connections that the kernel keeps until they are taken: with its usual 128, who comes beyond in a burst waits a second.
const BACKLOG: u32 = 1_024;

fn listen(effective: &Effective) -> Result<TcpListener, Failure> {
    let address = effective.config.server.listen;
    bind(effective, "server.listen", address)
}

/// Listens at the address that a key gives.
pub(crate) fn bind(
    effective: &Effective,
    key: &str,
    address: SocketAddr,
) -> Result<TcpListener, Failure> {
    let bound = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }
    .and_then(|socket| {
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    });
    bound.map_err(|error| {
        let from = effective.source(key);
        Failure::new(
            Exit::Usage,
            format!("cannot listen: {key} = {address} ({from}): {error}"),
        )
        .hint("another service may use the port; --listen 127.0.0.1:0 takes a free one")
    })
}

/// Prints the first token, once, and the address.
async fn announce(
    app: &Arc<App>,
    effective: &Effective,
    address: SocketAddr,
    output: Output,
) -> Result<(), Failure> {
    let config = &effective.config;
    let given = match config.auth.first_token.given() {
        None => None,
        Some(secret) => Some(Secret::parse(secret.reveal()).ok_or_else(|| {
            let from = effective.source("auth.first_token");
            Failure::new(
                Exit::Usage,
                format!(
                    "wrong configuration value: auth.first_token ({from}): not a token of ours"
                ),
            )
            .hint("`coreanvil token generate` makes one")
        })?),
    };
    let shown = given.is_none();
    let first = tokens::create_first(app, given).await?.filter(|_| shown);
    let first = first.as_ref().map(Secret::reveal);
    let url = config.public_url(address);
    if output.json {
        return Output::text(
            &serde_json::json!({"listening": url, "first_token": first}).to_string(),
        );
    }
    if let Some(first) = first {
        Output::text(&format!("admin token, shown this once: {first}"))?;
    }
    Output::text(&format!("listening on {url}"))
}

/// The demonstration, with a token of its own that is worthless afterwards.
async fn demo(
    app: &Arc<App>,
    config: &Config,
    address: SocketAddr,
    output: Output,
) -> Result<(), Failure> {
    // One that was killed could not do it.
    forget_demo(app).await?;
    let new = NewToken {
        name: DEMO_TOKEN.to_owned(),
        scope: Scope::Writer,
        project: None,
    };
    let token = tokens::create(app, &operator(app), new).await?;
    let demo = Demo {
        url: &local_url(address),
        token: &token.secret,
        folder: PathBuf::from(&config.data.folder).join("demo"),
        limits: config.limits.package(),
        ids: app.ids.as_ref(),
    };
    let done = demo.run(output).await;
    forget_demo(app).await?;
    done
}

/// Makes the demonstration's own token worthless.
async fn forget_demo(app: &Arc<App>) -> Result<(), Failure> {
    for left in valid_tokens(app, DEMO_TOKEN).await? {
        tokens::revoke(app, &operator(app), left.id, &|_| true).await?;
    }
    Ok(())
}

/// An address that signs one browser in, as an administrator, once: whoever sees this terminal runs the service. Every start
/// has the same token, whose secret nobody knows, so that a browser stays signed in and no heap of tokens grows.
async fn sign_in_link(app: &Arc<App>, url: &str) -> Result<String, Failure> {
    let mut left = valid_tokens(app, BROWSER_TOKEN).await?.into_iter();
    let left = left.find(|token| token.scope == Scope::Admin && token.project.is_none());
    let token = if let Some(token) = left {
        token
    } else {
        let new = NewToken {
            name: BROWSER_TOKEN.to_owned(),
            scope: Scope::Admin,
            project: None,
        };
        tokens::create(app, &operator(app), new).await?.token
    };
    let code = sessions::offer_code(app, token.id).await?;
    Ok(format!(
        "{url}/sign-in/once?code={}&next=/models/{MODEL}",
        code.reveal()
    ))
}

/// Tokens of that name that are worth something.
async fn valid_tokens(app: &Arc<App>, name: &str) -> Result<Vec<Token>, Failure> {
    let mut tokens = token::all(app).await?;
    tokens.retain(|token| token.name == name && token.revoked_at.is_none());
    Ok(tokens)
}

/// The address from this machine, also when it listens on all.
fn local_url(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            std::net::Ipv4Addr::LOCALHOST.into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    format!("http://{address}")
}

/// The listener's task ended before it was asked to.
fn broken(served: Result<std::io::Result<()>, tokio::task::JoinError>) -> Failure {
    let why = match served {
        Ok(Ok(())) => "it ended by itself".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    Failure::new(
        Exit::Unavailable,
        format!("the API failed: server.listen: {why}"),
    )
}
