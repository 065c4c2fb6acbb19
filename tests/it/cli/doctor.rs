//! `doctor` on a service that runs, one that does not, and things that are broken.

use std::collections::BTreeMap;

use serde_json::Value;

use super::process::{Done, Place};

/// State and text of each check. What is not well says what to do, what is well does not.
fn checks(done: &Done) -> BTreeMap<String, (String, String)> {
    let json: Value =
        serde_json::from_str(&done.stdout).unwrap_or_else(|why| panic!("{why}: {done:?}"));
    let rows = json["checks"].as_array().unwrap().iter();
    rows.map(|row| {
        let word = |field: &str| row[field].as_str().unwrap_or_default().to_owned();
        assert_eq!(row["next"].is_null(), word("state") == "ok", "{row}");
        (word("check"), (word("state"), word("detail")))
    })
    .collect()
}

#[test]
fn a_service_that_runs_is_in_order() {
    let mut place = Place::new();
    let server = place.serve(&["--data", "data"]);
    let doctor = ["doctor", "--data", "data", "--json"];
    let mut found = checks(&place.run(&doctor));
    // The worker says that it is there some moments after the server listens.
    while found["workers"].0 != "ok" {
        found = checks(&place.run(&doctor));
    }
    assert!(found["workers"].1.ends_with("compress"), "{found:?}");
    let done = place.run(&doctor);
    assert_eq!(done.status, 0, "{done:?}");
    let expected = [
        ("database", "sqlite 3."),
        ("tables", "those of this version (migration "),
        ("jobs", "0 queued, 0 running"),
        ("uploads", "0 resumable uploads open"),
        ("objects", "put, read, listed and removed in "),
        ("fsync", " ms"),
        ("data folder", " free in "),
        ("scratch", " free in "),
        ("open files", "connections"),
        ("processor", "of the engine"),
    ];
    let found = checks(&done);
    for (check, words) in expected {
        let (state, detail) = &found[check];
        assert!(detail.contains(words), "{check}: {detail}");
        assert_ne!(state, "fail", "{check}: {detail}");
    }
    // For people: a line each, and a line of what to do where something is not as it should be.
    let text = place.run(&["doctor", "--data", "data"]);
    assert!(
        text.stdout.contains("\nok    database    sqlite 3."),
        "{text:?}"
    );
    let objects = || walk(&place.path("data/objects"));
    let before = objects();
    assert_eq!(place.run(&doctor).status, 0);
    assert_eq!(objects(), before, "it leaves no object");
    assert_eq!(server.stop(), 0);

    // Without the service its data is in order all the same, but nobody works.
    let found = checks(&place.run(&doctor));
    assert_eq!(found["workers"].0, "warn");
    assert!(found["workers"].1.contains("no worker"), "{found:?}");
}

fn walk(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| match entry.path() {
            path if path.is_dir() => walk(&path),
            _ => 1,
        })
        .sum()
}

#[test]
fn what_is_broken_fails_and_says_what_to_do() {
    let place = Place::new();
    std::fs::write(place.path("file"), b"").unwrap();
    let here = place.path("file/objects").display().to_string();
    let rows: [(&[&str], &str, &str); 3] = [
        (
            &["--set", "database.url=postgres://u:hidden@127.0.0.1:1/x"],
            "database",
            "refused",
        ),
        (
            &["--set", &format!("objects.url=file://{here}")],
            "objects",
            "file",
        ),
        (
            &["--set", "database.url=sqlite:file"],
            "database",
            "database",
        ),
    ];
    std::fs::write(
        place.path("file"),
        b"this is no database, though it is a file of some length",
    )
    .unwrap();
    for (flags, check, words) in rows {
        let mut all = vec!["doctor", "--json"];
        all.extend(flags);
        let done = place.run(&all);
        assert_eq!(done.status, 1, "{flags:?}: {done:?}");
        assert!(!format!("{done:?}").contains("hidden"), "{done:?}");
        let found = checks(&done);
        assert_eq!(found[check].0, "fail", "{flags:?}: {found:?}");
        assert!(
            found[check].1.to_lowercase().contains(words),
            "{flags:?}: {found:?}"
        );
    }
}

#[test]
fn a_collector_is_asked_where_one_is_named() {
    let mut place = Place::new();
    place.set("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
    let done = place.run(&["doctor", "--json"]);
    assert_eq!(done.status, 0, "{done:?}");
    assert_eq!(checks(&done)["traces"].0, "warn");
    let (address, _arrivals) = crate::operations::traces::collector();
    place.set("OTEL_EXPORTER_OTLP_ENDPOINT", &address);
    assert_eq!(checks(&place.run(&["doctor", "--json"]))["traces"].0, "ok");
}
