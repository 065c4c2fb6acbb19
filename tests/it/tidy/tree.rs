//! The rules turned on the tree as it is.

use std::path::{Path, PathBuf};

use super::{direction, documents, files, limits, rooms};

/// Rules for every Rust file.
const RUST: &[fn(&str, &str) -> Vec<String>] = &[
    direction::modules,
    files::names,
    files::opening,
    files::length,
    files::door,
    rooms::sql,
    rooms::speech,
    rooms::handlers,
    rooms::serialised,
    rooms::unsafety,
    rooms::purity,
    rooms::bare_ids,
    rooms::skipping,
];

/// Folders that builds, tools and runs make.
const MADE: &[&str] = &[
    "target",
    ".git",
    "coreanvil-data",
    "__pycache__",
    "artifacts",
    ".venv",
    "node_modules",
];

/// A file of the tree.
struct File {
    /// Relative to the top, with `/`.
    path: String,
    /// Its text.
    text: String,
}

/// The top of the tree.
fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every text file of the tree, in order.
fn tree() -> Vec<File> {
    let mut found = Vec::new();
    let mut folders = vec![top()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if MADE.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                found.push(File {
                    path: path
                        .strip_prefix(top())
                        .unwrap()
                        .to_string_lossy()
                        .replace('\\', "/"),
                    text,
                });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Fails with one line per violation.
#[track_caller]
fn expect_none(violations: &[String]) {
    assert!(
        violations.is_empty(),
        "{} violations of the house rules:\n{}",
        violations.len(),
        violations.join("\n")
    );
}

#[test]
fn rust_files_keep_the_rules() {
    let files = tree();
    let rust: Vec<&File> = files
        .iter()
        .filter(|file| has_extension(&file.path, "rs"))
        .collect();
    assert!(rust.len() > 10, "the tree was not found");
    let own = |path: &str| path.starts_with("tests/it/tidy/");
    let violations: Vec<String> = rust
        .iter()
        .flat_map(|file| {
            RUST.iter()
                .flat_map(|rule| rule(&file.path, &file.text))
                .filter(|_| !own(&file.path) || file.path.ends_with("mod.rs"))
        })
        .collect();
    expect_none(&violations);
}

#[test]
fn crates_keep_their_direction() {
    let files = tree();
    let manifests = files
        .iter()
        .filter(|file| file.path.ends_with("Cargo.toml") && !file.path.starts_with("fuzz/"));
    let violations: Vec<String> = manifests
        .flat_map(|file| {
            direction::manifest(&file.text)
                .into_iter()
                .map(|violation| format!("{}: {violation}", file.path))
        })
        .collect();
    expect_none(&violations);
}

#[test]
fn no_path_of_one_machine() {
    let violations: Vec<String> = tree()
        .iter()
        .flat_map(|file| files::machine_paths(&file.path, &file.text))
        .collect();
    expect_none(&violations);
}

#[test]
fn documents_name_only_what_is_there() {
    let mut violations = Vec::new();
    for file in tree()
        .iter()
        .filter(|file| has_extension(&file.path, "md") && file.path != "CHANGELOG.md")
    {
        let folder = Path::new(&file.path).parent().unwrap();
        for named in documents::named_paths(&file.text) {
            if !top().join(&named).exists() && !top().join(folder).join(&named).exists() {
                violations.push(format!(
                    "{} names {named}, which is not in the tree",
                    file.path
                ));
            }
        }
    }
    expect_none(&violations);
}

#[test]
fn every_limit_has_an_attack() {
    let read = |path: &str| {
        std::fs::read_to_string(top().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    let lists = [
        read("tests/hostile/bad.json"),
        read("tests/hostile/more.json"),
    ];
    let lists: Vec<&str> = lists.iter().map(String::as_str).collect();
    let violations = limits::uncovered(
        &read("crates/coreml/src/limits.rs"),
        &read("tests/hostile/limits.json"),
        &lists,
    );
    expect_none(&violations);
}

/// Whether a path ends in `.extension`.
fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|found| found == extension)
}
