//! Which layer wins, seen through `doctor`, and what a wrong key says.

use super::process::Place;

/// Value and source of a key.
fn row(place: &Place, arguments: &[&str], key: &str) -> (String, String) {
    let mut all = vec!["doctor", "--json"];
    all.extend(arguments);
    let json = place.run(&all).json();
    let rows = json["configuration"].as_array().unwrap();
    let row = rows
        .iter()
        .find(|row| row["key"] == key)
        .unwrap_or_else(|| panic!("no {key}"));
    (
        row["value"].as_str().unwrap().to_owned(),
        row["source"].as_str().unwrap().to_owned(),
    )
}

#[test]
fn a_later_layer_wins() {
    let mut place = Place::new();
    let key = "worker.poll_ms";
    let check = |place: &Place, arguments: &[&str], value: &str, source: &str| {
        assert_eq!(
            row(place, arguments, key),
            (value.to_owned(), source.to_owned())
        );
    };
    check(&place, &[], "1_000", "default");
    std::fs::create_dir(place.path("config")).unwrap();
    std::fs::write(
        place.path("config/coreanvil.toml"),
        "[worker]\npoll_ms = 11\n",
    )
    .unwrap();
    check(&place, &[], "11", "config/coreanvil.toml:2");
    std::fs::write(place.path("other.toml"), "\n[worker]\npoll_ms = 12\n").unwrap();
    check(&place, &["--config", "other.toml"], "12", "other.toml:3");
    place.set("COREANVIL_WORKER__POLL_MS", "13");
    check(
        &place,
        &["--config", "other.toml"],
        "13",
        "COREANVIL_WORKER__POLL_MS",
    );
    check(
        &place,
        &["--set", "worker.poll_ms=14"],
        "14",
        "--set worker.poll_ms",
    );
}

#[test]
fn secrets_are_hidden_and_injected_variables_are_ignored() {
    let mut place = Place::new();
    place.set("COREANVIL_AUTH__FIRST_TOKEN", "ca_hunter2");
    place.set("COREANVIL_PORT_8080_TCP", "tcp://10.0.0.1:8080");
    let done = place.run(&["doctor"]);
    assert_eq!(done.status, 0, "{done:?}");
    assert!(!done.stdout.contains("hunter2"), "{done:?}");
    assert!(done.stdout.contains("COREANVIL_PORT_8080_TCP"), "{done:?}");
}

#[test]
fn a_wrong_key_or_value_is_status_2_and_names_its_source() {
    let mut place = Place::new();
    let done = place.run(&["doctor", "--set", "server.lisen=1"]);
    assert_eq!(
        done.failed(2),
        "error: unknown configuration key: server.lisen (--set server.lisen): there is no such key"
    );
    assert!(
        done.stderr.ends_with("hint: did you mean server.listen?\n"),
        "{done:?}"
    );
    place.set("COREANVIL_LIMITS__PATH_BYTES", "many");
    let done = place.run(&["inspect", "x.mlpackage"]);
    assert!(
        done.failed(2).starts_with(
            "error: wrong configuration value: limits.path_bytes (COREANVIL_LIMITS__PATH_BYTES): "
        ),
        "{done:?}"
    );
}

#[test]
fn doctor_makes_nothing() {
    let place = Place::new();
    assert_eq!(place.run(&["doctor"]).status, 0);
    assert_eq!(place.names(), Vec::<String>::new());
}
