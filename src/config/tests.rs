//! Layers, sources, errors, and the committed file.

use std::path::PathBuf;

use super::{Auto, Config, Given, Source, committed_file, load};

/// The committed file of this repository.
fn committed_path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config/coreanvil.toml")
}

/// Loads with a file of this text, these variables and these flags.
fn loaded(
    file: &str,
    environment: &[(&str, &str)],
    flags: &[(&str, &str)],
) -> Result<super::Effective, super::Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.toml");
    std::fs::write(&path, file).unwrap();
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    load(&Given {
        file: Some(path),
        environment: environment.iter().map(owned).collect(),
        flags: flags
            .iter()
            .map(|(key, value)| (format!("--{key}"), (*key).to_owned(), (*value).to_owned()))
            .collect(),
    })
}

/// The error line, with the temporary folder cut off.
fn error_line(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> String {
    let error = loaded(file, environment, flags).unwrap_err();
    let line = error
        .to_string()
        .replace(std::env::temp_dir().to_str().unwrap(), "TMP");
    let hint = error
        .hint()
        .map(|hint| format!("\n{hint}"))
        .unwrap_or_default();
    let start = line.find("TMP/");
    let text = match (start, line.find("/test.toml")) {
        (Some(start), Some(end)) => format!("{}{}", &line[..start], &line[end + 1..]),
        _ => line,
    };
    format!("{text}{hint}")
}

#[test]
fn the_committed_file_is_what_the_code_says() {
    if std::env::var_os("WRITE_CONFIG").is_some() {
        std::fs::write(committed_path(), committed_file()).unwrap();
    }
    let committed = std::fs::read_to_string(committed_path()).unwrap();
    let expected = committed_file();
    for (number, (have, want)) in committed.lines().zip(expected.lines()).enumerate() {
        assert_eq!(have, want, "line {}", number + 1);
    }
    assert_eq!(committed.len(), expected.len());
}

#[test]
fn the_reference_is_what_the_code_says() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    if std::env::var_os("WRITE_CONFIG").is_some() {
        std::fs::write(&path, super::committed_page()).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        super::committed_page()
    );
}

#[test]
fn the_committed_file_changes_nothing_and_gives_every_key() {
    let effective = load(&Given {
        file: Some(committed_path()),
        ..Given::default()
    })
    .unwrap();
    assert_eq!(effective.config, Config::default());
    for (key, _, source) in effective.rows() {
        assert!(
            matches!(source, Source::File { .. }),
            "{} is missing",
            key.name
        );
        assert!(!key.docs.is_empty(), "{} is not documented", key.name);
    }
}

#[test]
fn a_later_layer_wins_and_is_named() {
    let file = "[worker]\npoll_ms = 1\n";
    let environment = [("COREANVIL_WORKER__POLL_MS", "2")];
    let flags = [("worker.poll_ms", "3")];
    let check = |effective: super::Effective, value: u64, source: &str| {
        assert_eq!(effective.config.worker.poll_ms, value);
        let shown = effective.source("worker.poll_ms").to_string();
        assert!(shown.ends_with(source), "{shown}");
    };
    check(loaded("", &[], &[]).unwrap(), 1000, "default");
    check(loaded(file, &[], &[]).unwrap(), 1, "test.toml:2");
    check(
        loaded(file, &environment, &[]).unwrap(),
        2,
        "COREANVIL_WORKER__POLL_MS",
    );
    check(
        loaded(file, &environment, &flags).unwrap(),
        3,
        "--worker.poll_ms",
    );
}

#[test]
fn values_are_read_with_their_types() {
    let file = "[worker]\nconcurrency = \"auto\"\nthreads = 3\n[limits]\nupload_bytes = 0x10\nrequest_bytes = 1_000\n";
    let config = loaded(file, &[], &[]).unwrap().config;
    assert_eq!(config.worker.concurrency, Auto::Auto);
    assert_eq!(config.threads(), 3);
    assert_eq!(config.limits.upload_bytes, 16);
    assert_eq!(config.limits.request_bytes, 1000);
    assert!(config.concurrency() >= 1);
}

#[test]
fn errors_name_the_key_and_the_source() {
    let check = |file: &str, environment: &[(&str, &str)], expected: &str| {
        assert_eq!(error_line(file, environment, &[]), expected);
    };
    check(
        "[worker]\nconcurency = 1\n",
        &[],
        "unknown configuration key: worker.concurency (test.toml:2): there is no such key\ndid you mean worker.concurrency?",
    );
    check(
        "[wroker]\nthreads = 1\n",
        &[],
        "unknown configuration key: wroker.threads (test.toml:2): there is no such key\ndid you mean worker.threads?",
    );
    check(
        "colour = 1\n",
        &[],
        "unknown configuration key: colour (test.toml:1): there is no such key\n`coreanvil doctor` lists every key",
    );
    check(
        "[worker]\n\nthreads = \"two\"\n",
        &[],
        "wrong configuration value: worker.threads (test.toml:3): expected a whole number from 1 to 9223372036854775807, found a string, or \"auto\"",
    );
    check(
        "[server]\nlisten = 8080\n",
        &[],
        "wrong configuration value: server.listen (test.toml:2): expected an address and port such as 127.0.0.1:8080, found an integer",
    );
    check(
        "x = [",
        &[],
        "the configuration is not TOML: test.toml:1: unclosed array, expected `]`",
    );
    check(
        "",
        &[("COREANVIL_DATABASE__URL", "mysql://x")],
        "wrong configuration value: database.url (COREANVIL_DATABASE__URL): expected sqlite:PATH or postgres://USER@HOST/NAME, or \"auto\"",
    );
    check(
        "",
        &[("COREANVIL_DATABASE__URI", "sqlite:x")],
        "unknown configuration key: database.uri (COREANVIL_DATABASE__URI): there is no such key\ndid you mean database.url?",
    );
    check(
        "",
        &[("COREANVIL_WORKER__LEASE_SECONDS", "10")],
        "wrong configuration value: worker.heartbeat_seconds (default): expected 1 to a third of worker.lease_seconds (10)",
    );
}

#[test]
fn a_missing_named_file_is_an_error() {
    let file = Some(PathBuf::from("/nonexistent/x.toml"));
    let error = load(&Given {
        file,
        ..Given::default()
    })
    .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("cannot read the configuration: /nonexistent/x.toml: ")
    );
}

#[test]
fn variables_that_platforms_inject_are_ignored_with_a_warning() {
    let environment = [
        ("COREANVIL_SERVICE_HOST", "10.0.0.1"),
        ("COREANVIL_URL", "http://x"),
        ("COREANVIL_TOKEN", "ca_x"),
        ("COREANVIL_CONFIG", "x"),
    ];
    let effective = loaded("", &environment, &[]).unwrap();
    assert_eq!(effective.config, Config::default());
    assert_eq!(effective.warnings.len(), 1);
    assert!(effective.warnings[0].contains("COREANVIL_SERVICE_HOST"));
}

#[test]
fn secrets_are_hidden() {
    let environment = [
        (
            "COREANVIL_DATABASE__URL",
            "postgres://me:hunter2@host/db?sslpassword=hunter2",
        ),
        ("COREANVIL_AUTH__FIRST_TOKEN", "ca_hunter2"),
    ];
    let effective = loaded("", &environment, &[]).unwrap();
    assert!(effective.config.database_url().contains("hunter2"));
    let shown: Vec<String> = effective
        .rows()
        .into_iter()
        .map(|(_, shown, _)| shown)
        .collect();
    assert!(!shown.join("\n").contains("hunter2"), "{shown:?}");
    assert!(!format!("{effective:?}").contains("hunter2"));
}

#[test]
fn every_key_is_set_by_its_variable() {
    for (key, _, _) in loaded("", &[], &[]).unwrap().rows() {
        let written = (key.written)(&Config::default());
        let value = written.trim_matches('"');
        let effective = loaded("", &[(&key.variable(), value)], &[]).unwrap();
        assert_eq!(effective.source(key.name).to_string(), key.variable());
        assert_eq!(effective.config, Config::default());
    }
}

#[test]
fn every_limit_of_the_package_room_is_a_key() {
    let limits = format!("{:?}", coreml::Limits::default());
    let fields: Vec<&str> = limits
        .split([' ', '{'])
        .filter_map(|word| word.strip_suffix(':'))
        .collect();
    assert!(fields.len() > 10, "{limits}");
    let rows = loaded("", &[], &[]).unwrap().rows();
    for field in fields {
        let key = format!("limits.{field}");
        assert!(
            rows.iter().any(|(row, _, _)| row.name == key),
            "{key} is missing in src/config/limits.rs"
        );
        let effective = loaded("", &[], &[(&key, "7")]).unwrap();
        let seen = format!("{:?}", effective.config.limits.package());
        assert!(
            seen.contains(&format!("{field}: 7")),
            "{key} is not passed on: {seen}"
        );
    }
}
