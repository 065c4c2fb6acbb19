//! The two schemas are one, and the state machine is in it.

use sqlx::{Connection, Row};

use super::world::{World, on_every_database};

/// The migrations, by file name, of a dialect.
fn migrations(dialect: &str) -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("migrations")
        .join(dialect);
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (
                path.file_name().unwrap().to_str().unwrap().to_owned(),
                std::fs::read_to_string(path).unwrap(),
            )
        })
        .collect();
    files.sort();
    files
}

/// The text without comments, with SQLite's names for types, and nothing behind a table's closing parenthesis.
fn normal(text: &str) -> Vec<String> {
    let types = [
        ("uuid", "blob"),
        ("bytea", "blob"),
        ("bigint", "integer"),
        ("boolean", "integer"),
        ("double precision", "real"),
    ];
    let mut lines = Vec::new();
    for line in text
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
    {
        let mut line = if line.starts_with(')') {
            ")".to_owned()
        } else {
            line.to_owned()
        };
        for (postgres, sqlite) in types {
            // As the second word of a column: `    id uuid not null`.
            line = line.replacen(&format!(" {postgres}"), &format!(" {sqlite}"), 1);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

#[test]
fn the_migrations_have_the_same_numbers_and_say_the_same() {
    let (sqlite, postgres) = (migrations("sqlite"), migrations("postgres"));
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite.len(), postgres.len());
    for ((sqlite_name, sqlite_text), (postgres_name, postgres_text)) in sqlite.iter().zip(&postgres)
    {
        assert_eq!(sqlite_name, postgres_name);
        assert_eq!(normal(sqlite_text), normal(postgres_text), "{sqlite_name}");
        for line in sqlite_text
            .lines()
            .filter(|line| line.starts_with(')') && line.len() > 2)
        {
            assert_eq!(
                line, ") strict;",
                "a table that is not strict takes anything"
            );
        }
    }
}

/// `table.column type null?`, and `table index columns unique?`, as the database itself reports them.
async fn described(world: &World) -> Vec<String> {
    let mut lines = if world.store.dialect() == "sqlite" {
        let mut connection = sqlx::SqliteConnection::connect(&world.url).await.unwrap();
        let rows = sqlx::query::<sqlx::Sqlite>(
            "select t.name || '.' || c.name || ' ' || lower(c.type) || ' ' || c.\"notnull\" from sqlite_master t \
             join pragma_table_info(t.name) c where t.type = 'table' and t.name not like '\\_sqlx%' escape '\\' \
             and t.name not like 'sqlite%' union all \
             select 'index ' || i.name || ' on ' || t.name || ' ' || i.\"unique\" from sqlite_master t \
             join pragma_index_list(t.name) i where t.type = 'table' and i.origin = 'c'",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        rows.iter()
            .map(|row| row.get::<String, _>(0))
            .collect::<Vec<_>>()
    } else {
        let mut connection = sqlx::PgConnection::connect(&world.url).await.unwrap();
        let rows = sqlx::query::<sqlx::Postgres>(
            "select table_name || '.' || column_name || ' ' || case data_type when 'uuid' then 'blob' when 'bytea' then 'blob' \
             when 'bigint' then 'integer' when 'boolean' then 'integer' when 'double precision' then 'real' else data_type end \
             || ' ' || case is_nullable when 'NO' then 1 else 0 end from information_schema.columns \
             where table_schema = 'public' and table_name not like '\\_sqlx%' union all \
             select 'index ' || c.relname || ' on ' || t.relname || ' ' || case when x.indisunique then 1 else 0 end from pg_index x \
             join pg_class c on c.oid = x.indexrelid join pg_class t on t.oid = x.indrelid \
             join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and t.relname not like '\\_sqlx%' \
             and not exists (select 1 from pg_constraint k where k.conindid = x.indexrelid)",
        )
        .fetch_all(&mut connection)
        .await
        .unwrap();
        rows.iter().map(|row| row.get::<String, _>(0)).collect()
    };
    lines.sort();
    lines
}

#[test]
fn both_databases_report_the_same_tables() {
    let seen = std::sync::Mutex::new(Vec::new());
    on_every_database(async |world| {
        let lines = described(&world).await;
        assert!(
            lines
                .iter()
                .any(|line| line == "jobs.cancel_requested integer 1"),
            "{lines:#?}"
        );
        assert!(
            lines
                .iter()
                .any(|line| line == "index attempts_one_lease on attempts 1"),
            "{lines:#?}"
        );
        seen.lock().unwrap().push(lines);
    });
    let seen = seen.into_inner().unwrap();
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:#?}");
}

/// Sends a statement behind the store's back; says whether the database took it.
async fn takes(world: &World, text: &'static str) -> bool {
    if world.store.dialect() == "sqlite" {
        let mut connection = sqlx::SqliteConnection::connect(&world.url).await.unwrap();
        sqlx::query::<sqlx::Sqlite>(text)
            .execute(&mut connection)
            .await
            .is_ok()
    } else {
        let mut connection = sqlx::PgConnection::connect(&world.url).await.unwrap();
        sqlx::query::<sqlx::Postgres>(text)
            .execute(&mut connection)
            .await
            .is_ok()
    }
}

#[test]
fn the_database_refuses_states_that_cannot_be() {
    on_every_database(async |world| {
        let revision = world.source().await.revision;
        let waiting = world.submit(revision.id).await;
        world.clock.advance(1);
        let claimed = world.claim().await.unwrap();
        assert_eq!(claimed.lease.job_id, waiting);
        for text in [
            "update jobs set state = 'done'",
            "update jobs set state = 'queued', cancel_requested = true",
            "update jobs set state = 'succeeded'",
            "update jobs set state = 'succeeded', result = '{}'",
            "update jobs set state = 'failed', finished_at = 1",
            "update jobs set state = 'cancelled'",
            "update jobs set finished_at = 1",
            "update jobs set error = '{}'",
            "update jobs set started_at = null",
            "update jobs set attempts = 0",
            "update jobs set progress = 1.1",
            "update jobs set kind = 'paint'",
            "update attempts set state = 'lost'",
            "update attempts set state = 'failed', ended_at = 1",
            "update attempts set ended_at = 1",
            "update attempts set fence = 0",
            "update revision_files set crc32 = 4294967296",
            "delete from objects",
            "delete from revisions",
        ] {
            assert!(!takes(&world, text).await, "{text}");
        }
        assert!(takes(&world, "update jobs set progress = 0.5").await);
    });
}
