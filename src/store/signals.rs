//! What processes on one Postgres tell each other by LISTEN and NOTIFY, and connections for another runtime.
//!
//! SQLite has no such thing: there nobody is told, and everybody looks by himself.

use sqlx::postgres::{PgListener, PgPoolOptions};

use super::database::{Database, Store};
use super::error::{Error, Result};
use super::sql::{Split, sql};

const CHANNEL: &str = "coreanvil_jobs";

/// Hears what other processes tell, on a connection of its own.
#[derive(Debug)]
pub struct Listener(PgListener);

impl Listener {
    /// The next message; `None` when the connection was lost and is there again, so that some may have been missed.
    ///
    /// # Errors
    /// Those of the database, when the connection does not come back.
    pub async fn next(&mut self) -> Result<Option<String>> {
        let heard = self.0.try_recv().await;
        let heard = heard.map_err(|error| Error::driver("listen", error))?;
        Ok(heard.map(|heard| heard.payload().to_owned()))
    }
}

impl Store {
    /// Begins to listen; nothing on SQLite.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn listen(&self) -> Result<Option<Listener>> {
        let Database::Postgres(pool) = self.database() else {
            return Ok(None);
        };
        let open = async {
            let one = PgPoolOptions::new()
                .max_connections(1)
                .idle_timeout(None)
                .max_lifetime(None)
                .connect_with((*pool.connect_options()).clone())
                .await?;
            let mut listener = PgListener::connect_with(&one).await?;
            listener.listen(CHANNEL).await?;
            Ok(listener)
        };
        let listener = open.await.map_err(|error| Error::driver("listen", error))?;
        Ok(Some(Listener(listener)))
    }

    /// Tells who listens, in a transaction of its own; nothing on SQLite.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn notify(&self, message: &str) -> Result<()> {
        if self.dialect() == "sqlite" {
            return Ok(());
        }
        let mut connection = self.read().await?;
        let _told: u64 = sql!(
            execute connection,
            Split { sqlite: "select $1, $2", postgres: "select pg_notify($1, $2)" };
            CHANNEL, message
        )?;
        Ok(())
    }

    /// The same database for another runtime: with Postgres connections of its own, which that runtime serves.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when nobody answers.
    pub async fn apart(&self) -> Result<Self> {
        match self.database() {
            Database::Sqlite { .. } => Ok(self.clone()),
            Database::Postgres(pool) => {
                let pool = PgPoolOptions::new()
                    .max_connections(2)
                    .connect_with((*pool.connect_options()).clone())
                    .await
                    .map_err(|error| Error::driver("open", error))?;
                Ok(Self::on(Database::Postgres(pool)))
            }
        }
    }
}
