//! A server and the commands that talk to it.

use std::os::unix::fs::PermissionsExt as _;

use super::process::Place;

#[test]
fn push_submit_wait_pull() {
    let mut place = Place::new();
    let package = place.model("mnist_cnn.mlpackage");
    let server = place.serve(&[]);
    assert!(server.token.is_some());
    let revision = place
        .run(&[
            "push",
            package.to_str().unwrap(),
            "--model",
            "digits",
            "--tag",
            "commit=abc",
            "--json",
        ])
        .json();
    assert_eq!(
        (&revision["model"], &revision["tags"]["commit"]),
        (&"digits".into(), &"abc".into())
    );
    let again = place
        .run(&["push", "mnist_cnn.mlpackage", "--model", "digits", "--json"])
        .json();
    assert_eq!(again["id"], revision["id"]);

    let id = revision["id"].as_str().unwrap();
    let job = place
        .run(&["submit", id, "--recipe", "int8", "--json"])
        .json();
    let job = place
        .run(&["wait", job["id"].as_str().unwrap(), "--json"])
        .json();
    assert_eq!(job["state"], "succeeded", "{job}");
    let text = place.run(&["wait", job["id"].as_str().unwrap()]).stdout;
    assert!(text.contains("smaller") && text.contains("SNR"), "{text}");

    let made = job["result"]["revision_id"].as_str().unwrap();
    let pulled = place
        .run(&["pull", made, "-o", "small.mlpackage", "--json"])
        .json();
    let inspected = place.run(&["inspect", "small.mlpackage", "--json"]).json();
    assert_eq!(inspected["digest"], pulled["revision"]["digest"]);
    assert_eq!(place.run(&["pull", made, "-o", "small.zip"]).status, 0);
    assert_eq!(
        place.run(&["inspect", "small.zip", "--json"]).json()["digest"],
        inspected["digest"]
    );
    place.run(&["pull", made, "-o", "small.zip"]).failed(2);

    // The same package and recipe on this machine: the same bytes.
    let done = place.run(&[
        "compress",
        "mnist_cnn.mlpackage",
        "--recipe",
        "int8",
        "-o",
        "local.mlpackage",
    ]);
    assert_eq!(done.status, 0, "{done:?}");
    assert_eq!(
        place.run(&["inspect", "local.mlpackage", "--json"]).json()["digest"],
        inspected["digest"]
    );
    assert_eq!(server.stop(), 0);
}

#[test]
fn refusals_are_status_6_and_say_why() {
    let mut place = Place::new();
    let package = place.model("mnist_cnn.mlpackage");
    let server = place.serve(&[]);
    let missing = "01890000-0000-7000-8000-000000000001";
    place.run(&["wait", missing]).failed(6);
    place.run(&["pull", missing]).failed(6);
    place.run(&["pull", "digits@prod"]).failed(6);
    let done = place.run(&["wait", missing, "--token", "ca_wrong"]);
    done.failed(6);
    assert!(done.stderr.contains("hint: "), "{done:?}");
    std::fs::write(place.path("bad.zip"), b"PK\x03\x04 and nothing more").unwrap();
    place.run(&["push", "bad.zip", "--model", "bad"]).failed(6);
    let revision = place
        .run(&["push", package.to_str().unwrap(), "--json"])
        .json();
    assert_eq!(revision["model"], "mnist_cnn");
    place
        .run(&[
            "submit",
            revision["id"].as_str().unwrap(),
            "--recipe",
            "int9",
        ])
        .failed(6);
    drop(server);
}

#[test]
fn tokens_are_made_listed_and_revoked_beside_a_running_server() {
    let mut place = Place::new();
    let server = place.serve(&["--no-worker"]);
    let created = place
        .run(&["token", "create", "reads", "--scope", "reader", "--json"])
        .json();
    let secret = created["secret"].as_str().unwrap();
    let missing = "01890000-0000-7000-8000-000000000001";
    let with = |secret: &str| {
        place
            .run(&["wait", missing, "--token", secret])
            .failed(6)
            .to_owned()
    };
    assert!(!with(secret).contains("token"), "{}", with(secret));
    assert_eq!(
        place
            .run(&["token", "list", "--json"])
            .json()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    place
        .run(&["token", "revoke", created["id"].as_str().unwrap(), "--json"])
        .json();
    assert!(with(secret).contains("token"), "{}", with(secret));
    assert_eq!(server.stop(), 0);
}

#[test]
fn the_first_token_is_printed_once_or_given() {
    let mut place = Place::new();
    let first = place.serve(&["--no-worker"]);
    assert!(first.token.as_deref().unwrap().starts_with("ca_"));
    assert_eq!(first.stop(), 0);
    let second = place.serve(&["--no-worker"]);
    assert_eq!(second.token, None);
    assert_eq!(second.stop(), 0);

    let mut place = Place::new();
    let given = place.run(&["token", "generate", "--json"]).json()["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    place.set("COREANVIL_AUTH__FIRST_TOKEN", &given);
    let server = place.serve(&["--no-worker"]);
    assert_eq!(server.token, None);
    let line = place.run(&[
        "wait",
        "01890000-0000-7000-8000-000000000001",
        "--token",
        &given,
    ]);
    assert!(!line.failed(6).contains("token"), "{line:?}");
    drop(server);
}

#[test]
fn the_demonstration_prints_its_table_and_leaves_packages() {
    let place = Place::new();
    let done = place.run(&["serve", "--demo", "--exit", "--listen", "127.0.0.1:0"]);
    assert_eq!(done.status, 0, "{done:?}");
    for word in [
        "int8",
        "palettize-4",
        "prune-50",
        "smaller",
        "worst SNR",
        "http://127.0.0.1:",
    ] {
        assert!(done.stdout.contains(word), "{word}: {}", done.stdout);
    }
    for recipe in ["int8", "palettize-4", "prune-50"] {
        let path = format!("coreanvil-data/demo/mnist_cnn-{recipe}.mlpackage");
        assert_eq!(place.run(&["inspect", &path]).status, 0, "{path}");
    }
    let mode = std::fs::metadata(place.path("coreanvil-data"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
    assert_eq!(place.run(&["doctor"]).status, 0);
    assert_eq!(place.run(&["migrate", "--json"]).json()["up_to_date"], true);
}

#[test]
fn every_start_of_the_demonstration_has_the_same_token_for_the_browser() {
    let mut place = Place::new();
    let valid = |place: &Place| {
        let all = place.run(&["token", "list", "--json"]).json();
        let rows = all.as_array().unwrap().iter();
        let valid = rows.filter(|row| row["revoked_at"].is_null());
        let mut valid: Vec<(String, String)> = valid
            .map(|row| (row["name"].to_string(), row["id"].to_string()))
            .collect();
        valid.sort();
        valid
    };
    let mut seen = Vec::new();
    for _ in 0..2 {
        let server = place.serve(&["--demo"]);
        while !valid(&place)
            .iter()
            .any(|(name, _)| name.contains("browser"))
        {}
        assert_eq!(server.stop(), 0);
        seen.push(valid(&place));
    }
    assert_eq!(
        seen[0].len(),
        2,
        "the first token and the browser's: {seen:?}"
    );
    assert_eq!(seen[0], seen[1]);
}

#[test]
fn a_port_in_use_is_named() {
    let place = Place::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let done = place.run(&["serve", "--listen", &address]);
    assert_eq!(done.status, 2, "{done:?}");
    assert!(
        done.stderr.contains(&format!(
            "error: cannot listen: server.listen = {address} (--listen): "
        )),
        "{done:?}"
    );
}
