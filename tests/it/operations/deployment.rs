//! Units, image and compose file name commands and keys that exist.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Every key's variable, as the configuration reference lists them.
fn variables() -> BTreeSet<String> {
    read("docs/configuration.md")
        .split('`')
        .filter(|word| word.starts_with("COREANVIL_") && word.contains("__"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn variables_in_deployment_files_are_keys() {
    let known = variables();
    assert!(known.len() > 30, "{known:?}");
    for path in [
        "docker/Dockerfile",
        "docker/compose.yaml",
        "packaging/systemd/coreanvil.service",
        "packaging/systemd/coreanvil-worker@.service",
        "docs/growing.md",
        "docs/operating.md",
    ] {
        let text = read(path);
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        for word in words.filter(|word| word.starts_with("COREANVIL_") && word.contains("__")) {
            assert!(known.contains(word), "{path}: {word} is no key");
        }
    }
}

#[test]
fn commands_in_deployment_files_exist() {
    for path in [
        "packaging/systemd/coreanvil.service",
        "packaging/systemd/coreanvil-worker@.service",
    ] {
        let text = read(path);
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("ExecStart="))
            .unwrap();
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some("/usr/local/bin/coreanvil"), "{path}");
        let help: Vec<&str> = words
            .take_while(|word| !word.starts_with('-'))
            .chain(["--help"])
            .collect();
        let done = Command::new(env!("CARGO_BIN_EXE_coreanvil"))
            .args(&help)
            .output()
            .unwrap();
        assert!(done.status.success(), "{path}: {line}");
        assert!(
            text.contains("Type=notify") && text.contains("TimeoutStopSec=45"),
            "{path}"
        );
    }
    let compose = read("docker/compose.yaml");
    let mut commands = 0;
    for line in compose.lines().filter(|line| {
        line.contains("command: [serve")
            || line.contains("command: [worker")
            || line.contains("command: [migrate")
    }) {
        let inside = line.split(['[', ']']).nth(1).unwrap();
        let mut words: Vec<&str> = inside.split(", ").collect();
        words.push("--help");
        let done = Command::new(env!("CARGO_BIN_EXE_coreanvil"))
            .args(&words)
            .output()
            .unwrap();
        assert!(done.status.success(), "{line}");
        commands += 1;
    }
    assert!(commands >= 2, "{compose}");
}
