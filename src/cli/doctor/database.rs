//! The database: reachable, how quickly, which tables, how many connections, and whether processes hear each other.

use std::time::Duration;

use super::finding::Finding;
use super::storage::writable_parent;
use crate::app::Chain;
use crate::cli::exit::Failure;
use crate::cli::service;
use crate::cli::units::median;
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Config, Notify};
use crate::store::{Error, Migrations, Store};

/// A database that does not answer by then is away.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// Questions whose median is the latency.
const QUESTIONS: usize = 9;
/// A median beyond this makes everything slow.
const SLOW_MS: f64 = 20.0;
/// Our own message is back by then, or never.
const HEARD_WITHIN: Duration = Duration::from_secs(3);
/// What every process passes over.
const PROBE: &str = "?";

/// What was found, and the database where its tables can be asked.
pub(super) async fn look(config: &Config) -> (Vec<Finding>, Option<Store>) {
    if let Some(path) = config.sqlite_path()
        && !path.exists()
    {
        let found = match writable_parent(&path) {
            Ok(()) => {
                let detail = format!("{} is not there yet; `serve` makes it", path.display());
                Finding::ok("database", detail)
            }
            Err(detail) => {
                let next = "give the folder to the user that runs this, or set `data.folder`";
                Finding::fail("database", detail, next)
            }
        };
        return (vec![found], None);
    }
    let store = match open(config).await {
        Ok(store) => store,
        Err(finding) => return (vec![finding], None),
    };
    match about(config, &store).await {
        Ok((findings, true)) => (findings, Some(store)),
        Ok((findings, false)) => {
            store.close().await;
            (findings, None)
        }
        Err(error) => {
            store.close().await;
            (vec![refused(error)], None)
        }
    }
}

async fn open(config: &Config) -> Result<Store, Finding> {
    let url = config.database_url();
    let reached = tokio::time::timeout(ANSWER_WITHIN, Store::reach(&url)).await;
    match reached {
        Ok(Ok(())) => service::open_store(config)
            .await
            .map_err(|failure| Finding::refused("database", failure, NEXT)),
        Ok(Err(error)) => Err(refused(error)),
        Err(_) => {
            let detail = format!("no answer within {} s", ANSWER_WITHIN.as_secs());
            Err(Finding::fail("database", detail, NEXT))
        }
    }
}

const NEXT: &str = "is it running, and is `database.url` right, as seen from this machine?";

fn refused(error: Error) -> Finding {
    let text = Chain(&error).to_string();
    let next = if text.contains("password") || text.contains("role") {
        "correct user and password in `database.url`"
    } else if text.contains("does not exist") {
        "make the database (`createdb`), or correct its name in `database.url`"
    } else if text.contains("too many") {
        "raise `max_connections` of Postgres, or run fewer processes: each may take 12"
    } else {
        NEXT
    };
    Finding::refused("database", Failure::from(error), next)
}

/// The findings, and whether the tables are there.
async fn about(config: &Config, store: &Store) -> Result<(Vec<Finding>, bool), Error> {
    let version = store.version().await?;
    let latency_ms = latency_ms(store).await?;
    let detail = format!(
        "{} {version}, answers in {latency_ms:.1} ms",
        store.dialect()
    );
    let mut findings = vec![if latency_ms > SLOW_MS {
        let next = "run the service near its database: every call asks it several times";
        Finding::warn("database", detail, next)
    } else {
        Finding::ok("database", detail)
    }];
    if let Some((used, most)) = store.server_connections().await? {
        let detail = format!("{used} of {most} connections of the server are taken");
        findings.push(if used.saturating_mul(5) > most.saturating_mul(4) {
            let next =
                "raise `max_connections` of Postgres, or run fewer processes: each may take 12";
            Finding::warn("connections", detail, next)
        } else {
            Finding::ok("connections", detail)
        });
    }
    let migrations = store.migrations().await?;
    let there = matches!(migrations, Migrations::Current(_));
    findings.push(tables(migrations));
    if store.dialect() == "postgres" {
        findings.push(notify(config, store).await);
    }
    Ok((findings, there))
}

async fn latency_ms(store: &Store) -> Result<f64, Error> {
    let clock = SystemClock::new();
    let mut took_ms = Vec::with_capacity(QUESTIONS);
    for _ in 0..QUESTIONS {
        let begun_ns = clock.monotonic_ns();
        store.version().await?;
        let took_ns = clock.monotonic_ns().saturating_sub(begun_ns);
        took_ms.push(Duration::from_nanos(took_ns).as_secs_f64() * 1_000.0);
    }
    Ok(median(took_ms).unwrap_or(0.0))
}

fn tables(migrations: Migrations) -> Finding {
    match migrations {
        Migrations::Current(number) => Finding::ok(
            "tables",
            format!("those of this version (migration {number})"),
        ),
        Migrations::None => Finding::warn(
            "tables",
            "there are none yet",
            "`coreanvil migrate` makes them, and so do `serve` and `worker` at their start",
        ),
        Migrations::Behind { applied, known } => Finding::fail(
            "tables",
            format!("at migration {applied}, this version needs {known}"),
            "back up, then `coreanvil migrate`; `serve` and `worker` of this version do it at their start",
        ),
        Migrations::Ahead(applied) => Finding::fail(
            "tables",
            format!(
                "a newer version has migrated them (to {applied}): this one will not start on them"
            ),
            "run the newer version, or restore the backup made before it",
        ),
        Migrations::Broken(why) => Finding::fail(
            "tables",
            why,
            "run what was interrupted again: `coreanvil restore … --force`, or `coreanvil migrate`",
        ),
    }
}

/// Whether what one process tells is heard by others.
async fn notify(config: &Config, store: &Store) -> Finding {
    if config.queue.notify == Notify::Off {
        let poll_ms = config.worker.poll_ms;
        let detail = format!("`queue.notify` is off: workers look every {poll_ms} ms");
        return Finding::ok("notify", detail);
    }
    let heard = async {
        let Some(mut listener) = store.listen().await? else {
            return Ok(());
        };
        store.notify(PROBE).await?;
        listener.next().await.map(drop)
    };
    match tokio::time::timeout(HEARD_WITHIN, heard).await {
        Ok(Ok(())) => Finding::ok("notify", "LISTEN hears NOTIFY: jobs start at once"),
        Ok(Err(error)) => Finding::refused("notify", Failure::from(error), NEXT),
        Err(_) => unheard(config),
    }
}

fn unheard(config: &Config) -> Finding {
    let detail = "LISTEN does not hear NOTIFY: a pooler of transactions in between?";
    let next = "point `database.url` at Postgres itself or at a pooler of sessions; or set `queue.notify = \"off\"` and live with looking";
    if config.queue.notify == Notify::On {
        return Finding::fail("notify", detail, next);
    }
    let poll_ms = config.worker.poll_ms;
    Finding::warn(
        "notify",
        format!("{detail} Workers look every {poll_ms} ms instead"),
        next,
    )
}
