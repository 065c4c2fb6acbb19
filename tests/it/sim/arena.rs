//! A database that many storms use one after the other: it keeps its history, and is as new before each.

use std::sync::atomic::{AtomicU64, Ordering};

use api::ids::{ModelId, ProjectId, RevisionId};
use api::time::Time;
use coreanvil::clock::Ids;
use coreanvil::store::{NewRevision, RevisionFile, Store};
use sqlx::{AssertSqlSafe, Connection};
use uuid::Uuid;

use super::history::{self, Change};
use crate::store::world::{START_MS, digest, inspection};

/// Stores that are open on it at once: as many processes share the database, or the processes share stores.
pub(super) const STORES: usize = 3;

/// Ids in the order drawn; the number can be put back, so that a write which is tried again draws the same.
#[derive(Debug, Default)]
pub(super) struct Numbered(pub(super) AtomicU64);

impl Ids for Numbered {
    fn uuid(&self) -> Uuid {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        let mut tail = [0; 10];
        tail[..8].copy_from_slice(&number.to_be_bytes());
        // What moves a retry is drawn from the end of an id.
        let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
        tail[8..].copy_from_slice(&mixed[..2]);
        uuid::Builder::from_unix_timestamp_millis(1_700_000_000_000, &tail).into_uuid()
    }

    fn fill_random(&self, bytes: &mut [u8]) {
        // Never twice the same: the end of a new id, which counts.
        let counted = self.uuid().into_bytes();
        for (byte, counted) in bytes.iter_mut().rev().zip(counted.iter().rev()) {
            *byte = *counted;
        }
    }
}

/// A look behind the store's back.
enum Look {
    Sqlite(sqlx::SqliteConnection),
    Postgres(sqlx::PgConnection),
}

impl Look {
    async fn run(&mut self, text: String) {
        let text = sqlx::raw_sql(AssertSqlSafe(text));
        match self {
            Self::Sqlite(look) => text.execute(look).await.map(drop),
            Self::Postgres(look) => text.execute(look).await.map(drop),
        }
        .unwrap();
    }

    async fn changes(&mut self, after: i64) -> Vec<(i64, String, String, String)> {
        let text = "select n, place, op, kept from history where n > $1 order by n";
        match self {
            Self::Sqlite(look) => {
                sqlx::query_as::<sqlx::Sqlite, _>(text)
                    .bind(after)
                    .fetch_all(look)
                    .await
            }
            Self::Postgres(look) => {
                sqlx::query_as::<sqlx::Postgres, _>(text)
                    .bind(after)
                    .fetch_all(look)
                    .await
            }
        }
        .unwrap()
    }

    async fn texts(&mut self, text: String) -> Vec<String> {
        let text = AssertSqlSafe(text);
        let rows: Vec<(String,)> = match self {
            Self::Sqlite(look) => {
                sqlx::query_as::<sqlx::Sqlite, _>(text)
                    .fetch_all(look)
                    .await
            }
            Self::Postgres(look) => {
                sqlx::query_as::<sqlx::Postgres, _>(text)
                    .fetch_all(look)
                    .await
            }
        }
        .unwrap();
        rows.into_iter().map(|(text,)| text).collect()
    }
}

pub(super) struct Arena {
    pub(super) url: String,
    pub(super) stores: Vec<Store>,
    /// What jobs work on at first: one revision per project, with that one's id.
    pub(super) sources: Vec<(RevisionId, Uuid)>,
    look: Look,
    /// The newest entry of the history that was read.
    seen: i64,
}

impl Arena {
    /// On an empty database.
    pub(super) async fn new(url: String) -> Self {
        let first = Store::open(&url).await.unwrap();
        first.migrate().await.unwrap();
        let ids = Numbered(AtomicU64::new(1));
        let mut sources = Vec::new();
        let now = Time::from_unix_ms(START_MS).unwrap();
        for name in ["default", "second", "third"] {
            let project = first
                .ensure_project(now, ProjectId(ids.uuid()), &name.parse().unwrap())
                .await
                .unwrap();
            let model = ModelId(ids.uuid());
            first
                .create_model(now, model, project.id, &"net".parse().unwrap(), "")
                .await
                .unwrap();
            let revision = package(RevisionId(ids.uuid()), model, 1);
            let revision = first
                .insert_revision(now, &revision)
                .await
                .unwrap()
                .record
                .revision
                .id;
            sources.push((revision, project.id.0));
        }
        let mut look = if first.dialect() == "sqlite" {
            Look::Sqlite(sqlx::SqliteConnection::connect(&url).await.unwrap())
        } else {
            Look::Postgres(sqlx::PgConnection::connect(&url).await.unwrap())
        };
        look.run(history::keep(first.dialect())).await;
        let mut stores = vec![first];
        while stores.len() < STORES {
            stores.push(Store::open(&url).await.unwrap());
        }
        Self {
            url,
            stores,
            sources,
            look,
            seen: 0,
        }
    }

    pub(super) fn dialect(&self) -> &'static str {
        self.stores[0].dialect()
    }

    /// As new.
    pub(super) async fn empty(&mut self) {
        let text = history::empty(self.dialect());
        self.look.run(text).await;
    }

    /// What has happened since this was last asked.
    pub(super) async fn changes(&mut self) -> Vec<Change> {
        let rows = self.look.changes(self.seen).await;
        if let Some((last, ..)) = rows.last() {
            self.seen = *last;
        }
        rows.iter()
            .map(|(_, place, op, kept)| Change::read(place, op, kept))
            .collect()
    }

    /// Whether anything has happened since; it stays to be read.
    pub(super) async fn has_changed(&mut self) -> bool {
        !self.look.changes(self.seen).await.is_empty()
    }

    /// The database fails at the so-many-th row that is written from now on, or never.
    pub(super) async fn doom(&mut self, writes: Option<u64>) {
        self.look.run(history::doom(writes)).await;
    }

    /// A table as it is, in the form of the history.
    pub(super) async fn table(&mut self, table: &str) -> Vec<String> {
        let text = history::table_now(self.dialect(), table);
        self.look.texts(text).await
    }

    /// Waits until a write whose caller vanished has happened or not.
    pub(super) async fn settle(&mut self, store: usize) {
        if self.dialect() == "sqlite" {
            // Behind it in the line, twice: what was released is committed by whoever comes next.
            for _ in 0..2 {
                drop(self.stores[store].begin().await.unwrap());
            }
            return;
        }
        let text =
            "begin; lock table projects, models, jobs, idempotency_keys in exclusive mode; commit";
        self.look.run(text.to_owned()).await;
    }

    /// The store of a process that begins anew.
    pub(super) async fn reopen(&mut self, store: usize) {
        let fresh = Store::open(&self.url).await.unwrap();
        std::mem::replace(&mut self.stores[store], fresh)
            .close()
            .await;
    }

    pub(super) async fn close(self) {
        for store in self.stores {
            store.close().await;
        }
    }
}

/// A package of one file that the number makes.
pub(super) fn package(id: RevisionId, model_id: ModelId, number: u64) -> NewRevision {
    NewRevision {
        id,
        model_id,
        digest: digest(number),
        content_digest: digest(1_000_000_000 + number),
        kind: "mlmodel".to_owned(),
        size_bytes: 400,
        parent_id: None,
        recipe: None,
        job_id: None,
        tags: [("commit".parse().unwrap(), "abc".parse().unwrap())].into(),
        notes: String::new(),
        inspection: inspection(),
        // The objects' own sweeper has no part in this.
        wanted_at: Time::from_unix_ms(START_MS * 2).unwrap(),
        files: vec![RevisionFile {
            path: "model.mlmodel".to_owned(),
            sha256: digest(number),
            size_bytes: 400,
            crc32: 7,
        }],
    }
}
